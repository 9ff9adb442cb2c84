import SessionCore

/// Makes a connection that is ready for commands: address, stream, password, database, name.
///
/// Everything here waits, name resolution included, so it runs on a short-lived thread of its own
/// while the connection's thread goes on answering for deadlines and cancellations.
struct Connector: Sendable {
  let configuration: RedisConfiguration

  /// A stream on which the server has let us in.
  struct Established: @unchecked Sendable {
    // Sendable because it is made on one thread and handed over once, to a loop that one thread
    // at a time has the turn of (LoopTurn).
    let transport: any Transport
  }

  /// Connects within the configuration's deadline.
  ///
  /// - Throws: ``RedisError`` with code ``RedisError/Code/connectFailed``.
  func connect() throws(RedisError) -> Established {
    let deadline = Polling.now() + configuration.connectTimeout.nanoseconds
    let transport = try openTransport(until: deadline)
    do {
      try introduce(on: transport, until: deadline)
    } catch {
      transport.close()
      throw error
    }
    return Established(transport: transport)
  }

  private func openTransport(until deadline: Int64) throws(RedisError) -> any Transport {
    switch (configuration.tls, configuration.address) {
    case (let tls?, .tcp(let host, let port)):
      try TLSTransport.connect(toHost: host, port: port, tls, until: deadline)
    case (_?, .unix):
      throw RedisError(
        code: .invalidConfiguration, reason: "there is no TLS over a Unix socket")
    case (nil, let address): try SocketTransport.connect(to: address, until: deadline)
    }
  }

  /// What is said first. There is always something, so that a server that accepts and says nothing
  /// is found out before a command is given to it.
  private var introduction: [RedisCommand] {
    var commands: [RedisCommand] = []
    if let password = configuration.password {
      let user = configuration.user.map { [RedisArgument.text($0)] } ?? []
      commands.append(RedisCommand("AUTH", user + [.text(password.revealed)]))
    }
    if configuration.database != 0 {
      commands.append(RedisCommand("SELECT", .integer(Int64(configuration.database))))
    }
    if configuration.mustBePrimary { commands.append(RedisCommand("ROLE")) }
    if let name = configuration.clientName {
      commands.append(RedisCommand("CLIENT", "SETNAME", .text(name)))
    }
    return commands.isEmpty ? [RedisCommand("PING")] : commands
  }

  private func introduce(on transport: any Transport, until deadline: Int64) throws(RedisError) {
    let commands = introduction
    try send(commands.flatMap(\.encoded), on: transport, until: deadline)
    let replies = try receive(commands.count, from: transport, until: deadline)
    for (command, reply) in zip(commands, replies) {
      if command.name == "ROLE", let role = reply.array?.first?.string, role != "master" {
        throw failure("it is no primary any more")
      }
      guard case .error(let error) = reply else { continue }
      // A server may be closed to some users' CLIENT command; a name is not worth a refusal.
      if command.name == "CLIENT" { continue }
      throw RedisError(
        code: .connectFailed,
        reason: "Redis at \(configuration.address) refuses \(command.name): \(error)",
        command: command.name, server: error)
    }
  }

  private func send(
    _ bytes: [UInt8], on transport: any Transport, until deadline: Int64
  ) throws(RedisError) {
    var sent = 0
    while sent < bytes.count {
      let result = bytes.withUnsafeBytes {
        transport.send(UnsafeRawBufferPointer(rebasing: $0[sent...]))
      }
      switch result {
      case .moved(let count): sent += count
      case .ended(let reason): throw failure(reason)
      case .wouldBlock: try wait(for: transport, writing: true, until: deadline)
      }
    }
  }

  private func receive(
    _ count: Int, from transport: any Transport, until deadline: Int64
  ) throws(RedisError) -> [RedisValue] {
    // Three deep: the role of a primary lists its replicas.
    let reader = ReplyReader(byteCountMax: 65_536, elementCountMax: 4096, depthMax: 3)
    guard let reader else { throw failure("there is no memory") }
    var replies: [RedisValue] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while replies.count < count {
      switch buffer.withUnsafeMutableBytes({ transport.receive(into: $0) }) {
      case .ended(let reason):
        // A server that is full says so and closes, without waiting for a command.
        if case .error(let error)? = replies.first { throw failure("\(error)", server: error) }
        throw failure(reason)
      case .wouldBlock: try wait(for: transport, writing: false, until: deadline)
      case .moved(let size):
        do {
          try buffer.withUnsafeBytes { bytes in
            try reader.read(UnsafeRawBufferPointer(rebasing: bytes[..<size])) { replies.append($0) }
          }
        } catch {
          throw failure("what answers there does not speak Redis's protocol")
        }
      }
    }
    return replies
  }

  private func wait(
    for transport: any Transport, writing: Bool, until deadline: Int64
  ) throws(RedisError) {
    if Polling.now() >= deadline { throw failure("no answer in time") }
    _ = Polling.wait(for: transport.descriptor, writing: writing, until: deadline)
  }

  private func failure(_ reason: String, server: RedisServerError? = nil) -> RedisError {
    RedisError(
      code: .connectFailed,
      reason: "Redis at \(configuration.address) cannot be reached: \(reason)", server: server)
  }
}

extension Duration {
  /// Whole nanoseconds; a duration beyond 292 years counts as so long.
  var nanoseconds: Int64 {
    let (seconds, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return components.seconds > 0 ? .max / 4 : .min / 4 }
    return min(seconds, .max / 4) + components.attoseconds / 1_000_000_000
  }
}
