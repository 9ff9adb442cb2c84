import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("The client on a bad day", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisFaultTests {
  private typealias Change = @Sendable (inout RedisConfiguration) -> Void

  /// A client whose connection goes through a proxy, and has been used once.
  private func withProxy(
    changing change: Change? = nil, _ body: (RedisBench, FaultProxy) async throws -> Void
  ) async throws {
    let direct = try RedisBench.configuration()
    guard case .tcp(_, let port) = direct.address else {
      Issue.record("the proxy needs a Redis on TCP")
      return
    }
    let proxy = try FaultProxy(targetPort: port)
    let settings = try RedisBench.configuration { configuration in
      configuration.address = .tcp(host: "127.0.0.1", port: proxy.port)
      configuration.reconnectPauseMax = .milliseconds(4)
      change?(&configuration)
    }
    try await RedisBench.run(settings) { bench in
      _ = try await bench.client.send(RedisCommand("PING"))
      do {
        try await body(bench, proxy)
      } catch {
        await proxy.set(.none)
        throw error
      }
      await proxy.set(.none)
      try await self.untilAnswered(bench)
    }
    await proxy.close()
  }

  /// Asks until the server answers again, as the user of a client does.
  private func untilAnswered(_ bench: RedisBench) async throws {
    while true {
      do {
        _ = try await bench.client.send(RedisCommand("PING"))
        return
      } catch is RedisError { await Task.yield() }
    }
  }

  @Test(
    "A write that is cut at any byte of the command or of its answer is done once or not at all",
    arguments: FaultProxy.Direction.allCases)
  func cutWrites(direction: FaultProxy.Direction) async throws {
    try await withProxy { bench, proxy in
      let key = RedisArgument.text(bench.prefix + "n")
      let command = RedisCommand("INCR", key)
      var known: Int64 = 0
      let length = direction == .toTarget ? command.encoded.count : ":1\r\n".utf8.count
      for cut in 0...length {
        await proxy.set(.cut, after: cut, bytes: direction)
        do {
          known = try await bench.client.send(command).integer ?? -1
          // The answer was through before the cut came.
          #expect(cut == length)
        } catch let error as RedisError {
          #expect(error.code == .connectionLost, "cut at \(cut)")
          #expect(error.mayHaveActed, "cut at \(cut)")
          #expect(error.command == "INCR")
        }
        await proxy.wait { $0.triggered == cut + 1 }
        let value = try await bench.client.send(RedisCommand("GET", key)).integer ?? 0
        #expect(value == known || value == known + 1, "cut at \(cut)")
        known = value
      }
    }
  }

  @Test(
    "A read that is cut at any byte is asked again", arguments: FaultProxy.Direction.allCases)
  func cutReads(direction: FaultProxy.Direction) async throws {
    try await withProxy { bench, proxy in
      let key = RedisArgument.text(bench.prefix + "k")
      _ = try await bench.client.send(RedisCommand("SET", key, "Bonjour"))
      let command = RedisCommand("GET", key)
      let length = direction == .toTarget ? command.encoded.count : 13
      for cut in 0...length {
        await proxy.set(.cut, after: cut, bytes: direction)
        let value = try await bench.client.send(command)
        #expect(value.string == "Bonjour", "cut at \(cut)")
        let pair = try await bench.client.pipeline([command, command])
        #expect(pair.map(\.string) == ["Bonjour", "Bonjour"])
        await proxy.wait { $0.triggered == cut + 1 }
        try await untilAnswered(bench)
      }
    }
  }

  @Test("A connection that the server closed while it was idle is replaced without an error")
  func idleLoss() async throws {
    try await withProxy { bench, proxy in
      for round in 1...20 {
        await proxy.set(.cut)
        await proxy.wait { $0.open == 0 }
        try await bench.expectAnswer()
        #expect(proxy.counts.accepted == round + 1)
      }
    }
  }

  @Test(
    "A command into a blackhole ends at its deadline, and the next one finds a new connection",
    arguments: [false, true])
  func blackhole(onOwnThread: Bool) async throws {
    let change: Change = { $0.commandTimeout = .milliseconds(800) }
    try await withProxy(changing: change) { bench, proxy in
      await proxy.set(.blackhole)
      let executor = onOwnThread ? bench.client.executor : nil
      let task = Task(executorPreference: executor) {
        try await bench.client.send(RedisCommand("INCR", .text(bench.prefix + "n")))
      }
      let error = await #expect(throws: RedisError.self) { try await task.value }
      #expect(error?.code == .timedOut)
      #expect(error?.mayHaveActed == true)
      await proxy.set(.none)
      try await self.untilAnswered(bench)
    }
  }

  @Test("A server that accepts and says nothing is given up at the connect deadline")
  func silentServer() async throws {
    let change: Change = { $0.connectTimeout = .milliseconds(80) }
    try await withProxy(changing: change) { bench, proxy in
      await proxy.set(.blackhole)
      let client = RedisClient(bench.client.configuration)
      let error = await #expect(throws: RedisError.self) {
        try await client.send(RedisCommand("PING"))
      }
      #expect(error?.code == .connectFailed)
      #expect(error?.mayHaveActed == false)
      await client.close()
    }
  }

  @Test("While the server is away commands fail at once and did not run; then all is well again")
  func refusal() async throws {
    try await withProxy { bench, proxy in
      await proxy.set(.refuse)
      for _ in 1...50 {
        let error = await #expect(throws: RedisError.self) {
          try await bench.client.send(RedisCommand("INCR", .text(bench.prefix + "n")))
        }
        #expect(error?.mayHaveActed == false)
      }
      await proxy.set(.none)
      try await untilAnswered(bench)
      #expect(
        try await bench.client.send(RedisCommand("INCR", .text(bench.prefix + "n")))
          == .integer(1))
    }
  }

  @Test("Commands that were not sent when the connection broke go out on the next one")
  func unsent() async throws {
    try await withProxy { bench, proxy in
      // The proxy stops reading, so what is handed over stays in the client and the kernel.
      await proxy.set(.delay(.seconds(30)))
      let filler = RedisCommand(
        "SET", .text(bench.prefix + "f"), .bytes([UInt8](repeating: 1, count: 24 << 20)))
      let key = RedisArgument.text(bench.prefix + "n")
      async let blocked = bench.client.send(filler)
      await proxy.wait { $0.accepted == 1 }
      try await withThrowingTaskGroup(of: RedisValue.self) { group in
        for _ in 0..<50 { group.addTask { try await bench.client.send(RedisCommand("INCR", key)) } }
        while bench.client.waitingCommandCount < 51 { await Task.yield() }
        await proxy.set(.cut)
        for try await value in group { #expect(value.integer != nil) }
      }
      #expect(try await blocked == .status("OK"))
      #expect(try await bench.client.send(RedisCommand("GET", key)).integer == 50)
    }
  }

  @Test("A cancelled command ends at once, and its late answer is nobody else's")
  func cancellation() async throws {
    try await withProxy { bench, proxy in
      let key = RedisArgument.text(bench.prefix + "list")
      // The answer to this comes when somebody pushes, and all later ones after it.
      guard case .direct(let node) = bench.client.way else { return }
      let first = Task {
        try await node.run(RedisCommand("BLPOP", key, 0).encoded, replyCount: 1)
      }
      while bench.client.waitingCommandCount < 1 { await Task.yield() }
      let second = Task {
        try await bench.client.pipeline([RedisCommand("ECHO", "zwei"), RedisCommand("PING")])
      }
      while bench.client.waitingCommandCount < 2 { await Task.yield() }
      first.cancel()
      second.cancel()
      await #expect(throws: CancellationError.self) { try await first.value }
      await #expect(throws: CancellationError.self) { try await second.value }
      async let third = bench.client.send(RedisCommand("ECHO", "drei"))
      try await RedisBench.run { other in
        _ = try await other.client.send(RedisCommand("RPUSH", key, "eins"))
      }
      #expect(try await third.string == "drei")
      #expect(proxy.counts.accepted == 1)
    }
  }

  @Test("A task that is already cancelled sends nothing")
  func cancelledBefore() async throws {
    try await withProxy { bench, _ in
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await bench.client.send(RedisCommand("INCR", .text(bench.prefix + "n")))
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      let value = try await bench.client.send(RedisCommand("GET", .text(bench.prefix + "n")))
      #expect(value == .null)
    }
  }

  @Test("More commands than may wait are refused, and the others are served")
  func queueLimit() async throws {
    let change: Change = { $0.waitingCommandCountMax = 10 }
    try await withProxy(changing: change) { bench, proxy in
      await proxy.set(.delay(.milliseconds(50)))
      let results = await withTaskGroup(of: RedisError.Code?.self) { group in
        for _ in 0..<30 {
          group.addTask {
            do {
              _ = try await bench.client.send(RedisCommand("PING"))
              return nil
            } catch { return (error as? RedisError)?.code }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.filter { $0 == nil }.count == 10)
      #expect(results.filter { $0 == .queueFull }.count == 20)
    }
  }

  @Test("A reply beyond the limit fails its command, and the next one is served")
  func replyLimit() async throws {
    let change: Change = { $0.replyByteCountMax = 20_000 }
    try await withProxy(changing: change) { bench, _ in
      let key = RedisArgument.text(bench.prefix + "big")
      let body = [UInt8](repeating: 1, count: 50_000)
      _ = try await bench.client.send(RedisCommand("SET", key, .bytes(body)))
      let error = await #expect(throws: RedisError.self) {
        try await bench.client.send(RedisCommand("GET", key))
      }
      #expect(error?.code == .replyTooLarge)
      try await bench.expectAnswer()
    }
  }

  @Test("Closing fails what is under way and says that it may have run")
  func closing() async throws {
    try await withProxy { bench, proxy in
      await proxy.set(.blackhole)
      let client = RedisClient(bench.client.configuration)
      await proxy.set(.none)
      _ = try await client.send(RedisCommand("PING"))
      await proxy.set(.blackhole)
      let task = Task { try await client.send(RedisCommand("INCR", .text(bench.prefix + "n"))) }
      await proxy.wait { $0.bytesSwallowed > 0 }
      await client.close()
      let error = await #expect(throws: RedisError.self) { try await task.value }
      #expect(error?.code == .closed)
      #expect(error?.mayHaveActed == true)
    }
  }

  @Test("An idle connection is closed at its deadline, and opened again by the next command")
  func idleDeadline() async throws {
    let change: Change = { $0.idleTimeout = .milliseconds(40) }
    try await withProxy(changing: change) { bench, proxy in
      await proxy.wait { $0.open == 0 }
      #expect(proxy.counts.closedByClient == 1)
      try await bench.expectAnswer()
    }
  }

  @Test("A dead connection is found by the health check, with nobody using it")
  func healthCheck() async throws {
    let change: Change = { configuration in
      configuration.healthCheckInterval = .milliseconds(20)
      configuration.commandTimeout = .seconds(3)
    }
    try await withProxy(changing: change) { bench, proxy in
      let sent = proxy.counts.bytesToTarget
      await proxy.wait { $0.bytesToTarget > sent }
      await proxy.set(.blackhole)
      await proxy.wait { $0.closedByClient > 0 }
      await proxy.set(.none)
      try await self.untilAnswered(bench)
    }
  }
}
