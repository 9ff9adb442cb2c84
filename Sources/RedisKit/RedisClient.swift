import SessionCore

/// A client of one Redis server, of a Redis Cluster, or of the primary that sentinels watch over.
/// Any number of tasks share it.
///
/// Commands of many tasks travel over the same connection and are pipelined by themselves. The
/// connection is made with the first command, and again when one needs it after a loss. While the
/// server is away, commands fail at once; now and then one of them is let through to try again.
///
/// A broken connection fails the commands that the server may have seen, with
/// ``RedisError/mayHaveActed`` set, and sends those again that are safe to repeat; what was not
/// sent yet goes out on the next connection, but for a pipeline of which a part was.
///
/// The connection is shared, so commands that would change it for everybody (`SELECT`, `WATCH`, a
/// `MULTI` without its `EXEC`) or hold everybody up (`BLPOP`) are refused;
/// ``withConnection(forKey:_:)``
/// lends a connection where they belong. A transaction is one ``transaction(_:timeout:)``, or one
/// ``pipeline(_:timeout:)`` from `MULTI` to `EXEC`.
///
/// On a cluster every command goes to the node that has its first key, wherever that moves; what
/// has no key goes to one of the primaries, and speaks for that one alone. <doc:Topologies> says
/// what happens when nodes change their roles.
public final class RedisClient: RedisCommands, CustomStringConvertible {
  /// Where the server is, and the deadlines and limits.
  public let configuration: RedisConfiguration
  let way: Way
  let activity: ClientActivity
  let pool: ConnectionPool
  let listeners = ListenerRegistry()

  /// How commands come to a server.
  enum Way {
    case direct(Node)
    case routed(Router)
  }

  /// A client that connects when it is first used.
  ///
  /// - Parameters:
  ///   - configuration: Where the server is.
  ///   - onConnectionEvent: Told when a connection is made, lost or given up, for logs. It is
  ///     called
  ///     on the connection's thread, so it must return at once.
  public init(
    _ configuration: RedisConfiguration,
    onConnectionEvent: (@Sendable (RedisConnectionEvent) -> Void)? = nil
  ) {
    self.configuration = configuration
    activity = ClientActivity(onConnectionEvent)
    pool = ConnectionPool(countMax: configuration.ownConnectionCountMax, activity)
    way =
      configuration.topology == .single
      ? .direct(Node(configuration, activity)) : .routed(Router(configuration, activity))
  }

  /// Where the server is; nothing secret.
  public var description: String { "a client of \(configuration)" }

  /// The servers that publish what happens to keys, as far as they are known now: in a cluster
  /// each primary tells of its own keys alone.
  func publishers() async throws -> Set<RedisConfiguration> {
    switch way {
    case .direct: [configuration]
    case .routed(let router): try await router.publishers()
    }
  }

  /// Sends a command and returns its answer.
  ///
  /// - Throws: ``RedisError``, also when the answer is an error of the server; `CancellationError`
  ///   as soon as the task is cancelled, and then the server may still carry the command out.
  public func send(
    _ command: RedisCommand, timeout: Duration? = nil
  ) async throws -> RedisValue {
    let node: Node
    switch way {
    case .direct(let only): node = only
    case .routed(let router): return try await route(command, by: router, timeout)
    }
    let deadline = timeout.map(Polling.deadline) ?? 0
    let (channel, id) = try prepare(command, on: node)
    let value: RedisValue
    // Written out here and not in a function of its own: every async frame between a task and its
    // continuation is one more look for the executor to go on.
    do {
      value = try await withTaskCancellationHandler {
        try await withUnsafeThrowingContinuation { continuation in
          channel.submit(
            Call(
              id: id, bytes: command.encoded, replyCount: 1, receiver: .one(continuation),
              deadline: deadline))
        }
      } onCancel: {
        channel.post(.cancel(id))
      }
    } catch let error as RedisError {
      return try await repeatOnce(command, on: node, until: deadline, after: error)
    }
    if case .error(let error) = value { throw RedisError(error, command: command.name) }
    return value
  }

  private func prepare(
    _ command: RedisCommand, on node: Node
  ) throws -> (ConnectionChannel, UInt64) {
    try check(command)
    try Task.checkCancellation()
    let connection = node.nextConnection()
    return (try connection.started(), connection.nextID())
  }

  private func route(
    _ command: RedisCommand, by router: Router, _ timeout: Duration?
  ) async throws -> RedisValue {
    try check(command)
    do {
      let answer = try await router.run([command], timeout: timeout)
      guard case .error(let error) = answer.values[0] else { return answer.values[0] }
      throw RedisError(error, command: command.name).orEarlier(mayHaveActed: answer.mayHaveActed)
    } catch let error as RedisError { throw error.of(command.name) }
  }

  /// Sends what was lost on the way again, if that is safe. What comes of it does not undo that the
  /// server may have carried out what was lost.
  private func repeatOnce(
    _ command: RedisCommand, on node: Node, until deadline: Int64, after loss: RedisError
  ) async throws -> RedisValue {
    guard loss.code == .connectionLost, command.isSafeToRepeat else {
      throw loss.of(command.name)
    }
    do {
      let value = try await node.run(command.encoded, replyCount: 1, until: deadline)[0]
      guard case .error(let error) = value else { return value }
      throw RedisError(error, command: command.name)
    } catch let error as RedisError {
      throw error.of(command.name).orEarlier(mayHaveActed: loss.mayHaveActed)
    }
  }

  /// Sends several commands together and returns their answers in order: one wait for all of them,
  /// and nobody else's command between them.
  ///
  /// On a cluster all keys must lie in one slot. Commands that a move of the slot refused are sent
  /// again to its new node, which may be after others of the pipeline were carried out; those of a
  /// transaction together, or not at all. Where there are several servers, a pipeline with a
  /// transaction is therefore all of one, from `MULTI` to `EXEC`: another is refused.
  ///
  /// - Parameters:
  ///   - commands: What to send. Each `MULTI` has its `EXEC` among them.
  ///   - timeout: Until the answers must be there; nil for the time of the configuration.
  /// - Returns: One value for each command. An error of the server is a ``RedisValue/error(_:)`` in
  ///   its place, and does not keep the others from being carried out.
  /// - Throws: ``RedisError`` when the answers did not come: any number of the commands may have
  ///   been carried out then, if ``RedisError/mayHaveActed`` says so. `CancellationError` as with
  ///   ``send(_:timeout:)``.
  public func pipeline(
    _ commands: [RedisCommand], timeout: Duration? = nil
  ) async throws -> [RedisValue] {
    if commands.isEmpty { return [] }
    try check(commands)
    do {
      switch way {
      case .direct(let node):
        return try await run(commands, on: node, until: timeout.map(Polling.deadline) ?? 0)
      case .routed(let router): return try await router.run(commands, timeout: timeout).values
      }
    } catch let error as RedisError { throw error.of("pipeline") }
  }

  private func run(
    _ commands: [RedisCommand], on node: Node, until deadline: Int64
  ) async throws -> [RedisValue] {
    let bytes = RedisCommand.joined(commands)
    do {
      return try await node.run(bytes, replyCount: commands.count, until: deadline)
    } catch let loss as RedisError {
      guard loss.code == .connectionLost, commands.allSatisfy(\.isSafeToRepeat) else { throw loss }
      do {
        return try await node.run(bytes, replyCount: commands.count, until: deadline)
      } catch let error as RedisError {
        throw error.orEarlier(mayHaveActed: loss.mayHaveActed)
      }
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
  /// Swift's shared threads; and so do all where the client has more than one server to go to.
  public var executor: any TaskExecutor {
    if case .direct(let node) = way { node.executor } else { globalConcurrentExecutor }
  }

  /// Commands that wait for their answers now, those of a pipeline counted as one. For monitoring:
  /// it is as old as the last round of each connection's thread.
  public var waitingCommandCount: Int {
    switch way {
    case .direct(let node): node.waitingCommandCount
    case .routed(let router): router.waitingCommandCount
    }
  }

  /// Ends the connections, and subscriptions. Commands under way fail with code
  /// ``RedisError/Code/closed``, and so
  /// does every later one. Returns when the connections are closed and their threads have ended;
  /// those to servers that had lost their slots or their role before end by themselves.
  public func close() async {
    listeners.close()
    await pool.close()
    switch way {
    case .direct(let node): await node.close()
    case .routed(let router): await router.close()
    }
  }

  private func check(_ command: RedisCommand) throws {
    if command.use != .free { throw Self.refusal(of: command) }
  }

  private func check(_ commands: [RedisCommand]) throws {
    var opening: RedisCommand?
    for command in commands where command.use != .free {
      let name = command.name.uppercased()
      if name == "MULTI", opening == nil {
        opening = command
      } else if name == "EXEC" || name == "DISCARD", opening != nil {
        opening = nil
      } else {
        throw Self.refusal(of: command)
      }
    }
    if let opening { throw Self.refusal(of: opening) }
  }

  private static func refusal(of command: RedisCommand) -> RedisError {
    let reason =
      switch command.use {
      case .free, .transaction:
        "a transaction on a shared connection is one pipeline, from MULTI to EXEC; where the "
          + "program decides in between, use withConnection"
      case .waiting: "it would hold up everybody on a shared connection: use withConnection"
      case .state: "it would change a shared connection for everybody: use withConnection"
      case .stream:
        "no connection that answers commands can carry it: there is subscribe for messages, and "
          + "withConnection for what one task does alone"
      }
    return RedisError(code: .unsupportedCommand, reason: reason, command: command.name)
  }
}
