import SessionCore
import Synchronization

/// A client of one Redis server that any number of tasks share.
///
/// Commands of many tasks travel over the same connection and are pipelined by themselves. The
/// connection is made with the first command, and again when one needs it after a loss. While the
/// server is away, commands fail at once; now and then one of them is let through to try again.
///
/// A broken connection fails the commands that the server may have seen, with
/// ``RedisError/mayHaveActed`` set, and sends those again that are safe to repeat; what was not
/// sent yet goes out on the next connection.
///
/// The connection is shared, so commands that change its state or hold it up do not belong here:
/// `SUBSCRIBE`, `MONITOR` and their like are refused; `BLPOP` and others that wait would hold up
/// everybody. A transaction is one ``pipeline(_:)``, from `MULTI` to `EXEC`.
public final class RedisClient: Sendable {
  /// Where the server is, and the deadlines and limits.
  public let configuration: RedisConfiguration
  private let connections: [Connection]
  private let turn = Atomic<Int>(0)

  /// A client that connects when it is first used.
  public init(_ configuration: RedisConfiguration) {
    self.configuration = configuration
    connections = (0..<max(1, configuration.connectionCount)).map { _ in Connection(configuration) }
  }

  /// Sends a command and returns its answer.
  ///
  /// - Throws: ``RedisError``, also when the answer is an error of the server; `CancellationError`
  ///   as soon as the task is cancelled, and then the server may still carry the command out.
  public func send(_ command: RedisCommand) async throws -> RedisValue {
    let (channel, id) = try prepare(command)
    var value: RedisValue
    // Written out here and not in a function of its own: every async frame between a task and its
    // continuation is one more look for the executor to go on.
    do {
      value = try await withTaskCancellationHandler {
        try await withUnsafeThrowingContinuation { continuation in
          channel.submit(
            Call(id: id, bytes: command.encoded, replyCount: 1, receiver: .one(continuation)))
        }
      } onCancel: {
        channel.post(.cancel(id))
      }
    } catch let error as RedisError {
      value = try await repeatOnce(command, after: error)
    }
    if case .error(let error) = value { throw RedisError(error, command: command.name) }
    return value
  }

  private func prepare(_ command: RedisCommand) throws -> (ConnectionChannel, UInt64) {
    try check(command)
    try Task.checkCancellation()
    let connection = nextConnection()
    return (try connection.started(), connection.nextID())
  }

  /// Sends what was lost on the way again, if that is safe.
  private func repeatOnce(
    _ command: RedisCommand, after error: RedisError
  ) async throws -> RedisValue {
    guard error.code == .connectionLost, command.isSafeToRepeat else {
      throw error.of(command.name)
    }
    do {
      return try await run(command.encoded, replyCount: 1)[0]
    } catch let error as RedisError { throw error.of(command.name) }
  }

  /// Sends several commands together and returns their answers in order: one wait for all of them,
  /// and nobody else's command between them.
  ///
  /// - Returns: One value for each command. An error of the server is a ``RedisValue/error(_:)`` in
  ///   its place, and does not keep the others from being carried out.
  /// - Throws: ``RedisError`` when the answers did not come: any number of the commands may have
  ///   been carried out then, if ``RedisError/mayHaveActed`` says so. `CancellationError` as with
  ///   ``send(_:)``.
  public func pipeline(_ commands: [RedisCommand]) async throws -> [RedisValue] {
    if commands.isEmpty { return [] }
    for command in commands { try check(command) }
    let size = commands.reduce(0) { $0 + $1.encoded.count }
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      for command in commands {
        count = buffer[count...].update(fromContentsOf: command.encoded)
      }
    }
    do {
      return try await run(bytes, replyCount: commands.count)
    } catch let error as RedisError {
      guard error.code == .connectionLost, commands.allSatisfy(\.isSafeToRepeat) else {
        throw error.of("pipeline")
      }
      do {
        return try await run(bytes, replyCount: commands.count)
      } catch let error as RedisError { throw error.of("pipeline") }
    }
  }

  /// Where batch code can run: on the thread of the first connection, between two rounds of sending
  /// and receiving. A command and its answer then cost no change of thread.
  ///
  /// ```swift
  /// group.addTask(executorPreference: client.executor) { try await client.send(command) }
  /// ```
  ///
  /// What such a task does between two awaits holds up every command of the connection, so it must
  /// not compute for long, and must never block. A task that outlives the client goes on, on
  /// Swift's shared threads.
  public var executor: any TaskExecutor { connections[0].executor }

  /// Commands that wait for their answers now, those of a pipeline counted as one. For monitoring:
  /// it is as old as the last round of each connection's thread.
  public var waitingCommandCount: Int {
    connections.reduce(0) { $0 + $1.waitingCallCount }
  }

  /// Ends the connections. Commands under way fail with code ``RedisError/Code/closed``, and so
  /// does every later one. Returns when the connections are closed and their threads have ended.
  public func close() async {
    for connection in connections { await connection.close() }
  }

  private func run(_ bytes: [UInt8], replyCount: Int) async throws -> [RedisValue] {
    try Task.checkCancellation()
    let connection = nextConnection()
    let channel = try connection.started()
    let id = connection.nextID()
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        channel.submit(
          Call(id: id, bytes: bytes, replyCount: replyCount, receiver: .many(continuation)))
      }
    } onCancel: {
      channel.post(.cancel(id))
    }
  }

  private func nextConnection() -> Connection {
    if connections.count == 1 { return connections[0] }
    let number = turn.add(1, ordering: .relaxed).oldValue
    return connections[Int(UInt(bitPattern: number) % UInt(connections.count))]
  }

  private func check(_ command: RedisCommand) throws {
    guard command.isUnsupported else { return }
    throw RedisError(
      code: .unsupportedCommand, reason: "a shared connection cannot carry it",
      command: command.name)
  }
}
