import SessionCore

/// A connection that one user has for a while: what it sets on it (watched keys, a transaction, a
/// database) nobody else meets, and what it waits for holds nobody up.
///
/// ``RedisClient/withConnection(forKey:_:)`` lends it. It is not made again when it breaks, for
/// then
/// what was set on it is lost: from then on every command fails with
/// ``RedisError/Code/connectionLost``. Nothing is repeated by itself.
///
/// A command that waits on the server (`BLPOP`, `XREAD` with `BLOCK`) has the time that its own
/// argument gives it, and that of an ordinary command more; without end when it says 0. Commands of
/// several tasks go out one behind the other, and wait for it too.
public final class RedisConnection: RedisCommands, CustomStringConvertible {
  private struct State {
    var isOver = false
    var isClean = true
    var openCount = 0
    var isInTransaction = false
  }

  private let connection: Connection
  private let router: Router?
  private let state = Locked(State())

  init(_ connection: Connection, _ router: Router?) {
    self.connection = connection
    self.router = router
  }

  /// Where the server is; nothing secret.
  public var description: String { "a connection to \(connection.configuration)" }

  /// Sends a command and returns its answer.
  ///
  /// - Parameter timeout: Until the answer must be there; nil for the time of the configuration,
  ///   and
  ///   for a command that waits on the server, as long as it may.
  /// - Throws: ``RedisError``, also when the answer is an error of the server; `CancellationError`
  ///   as soon as the task is cancelled, and then the server may still carry the command out.
  public func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue {
    do {
      let value = try await run([command], timeout)[0]
      if case .error(let error) = value { throw RedisError(error, command: nil) }
      return value
    } catch let error as RedisError { throw error.of(command.name) }
  }

  /// Sends a command and returns its answer, within the time of the configuration.
  public func send(_ command: RedisCommand) async throws -> RedisValue {
    try await send(command, timeout: nil)
  }

  /// Sends several commands together and returns their answers in order, with errors of the server
  /// in their places.
  public func pipeline(
    _ commands: [RedisCommand], timeout: Duration? = nil
  ) async throws -> [RedisValue] {
    if commands.isEmpty { return [] }
    do {
      return try await run(commands, timeout)
    } catch let error as RedisError { throw error.of("pipeline") }
  }

  /// WATCH: the next transaction is carried out only if nobody has changed the keys by then.
  public func watch<Item: RedisEncodable>(_ keys: Item...) async throws {
    try await carryOut(RedisCommand("WATCH", all: keys))
  }

  /// BLPOP: the first element of the first list that has one, taken out; nil when none came in
  /// time.
  /// Zero waits without end.
  public func blpop<Value: RedisDecodable>(
    _ keys: [some RedisEncodable], waiting time: Duration, as type: Value.Type = String.self
  ) async throws -> (key: String, value: Value)? { try await pop("BLPOP", keys, time) }

  /// BRPOP: the last element of the first list that has one, taken out; nil when none came in time.
  /// Zero waits without end.
  public func brpop<Value: RedisDecodable>(
    _ keys: [some RedisEncodable], waiting time: Duration, as type: Value.Type = String.self
  ) async throws -> (key: String, value: Value)? { try await pop("BRPOP", keys, time) }

  private func pop<Value: RedisDecodable>(
    _ name: String, _ keys: [some RedisEncodable], _ time: Duration
  ) async throws -> (key: String, value: Value)? {
    let seconds = Double(time.wholeMilliseconds) / 1000
    let answer = try await send(
      RedisCommand(name, keys.map(\.redisArgument) + [seconds.redisArgument]))
    if case .null = answer { return nil }
    guard let parts = answer.array, parts.count == 2 else { return try answer.mismatch("a pair") }
    return (try String(redis: parts[0]), try Value(redis: parts[1]))
  }

  private func run(_ commands: [RedisCommand], _ timeout: Duration?) async throws -> [RedisValue] {
    try begin(commands)
    let deadline: Int64
    if let timeout {
      deadline = Polling.deadline(in: timeout)
    } else if let time = commands.compactMap(\.waitingTime).max() {
      let isEndless = commands.contains { $0.waitingTime == .zero }
      deadline =
        isEndless
        ? .max / 2 : Polling.deadline(in: time + connection.configuration.commandTimeout)
    } else {
      deadline = 0
    }
    do {
      let values = try await connection.run(
        RedisCommand.joined(commands), replyCount: commands.count, until: deadline)
      end(isClean: true)
      for case .error(let error) in values { notice(error) }
      return values
    } catch {
      // What the server still owes would be the answer to somebody else's command.
      end(isClean: false)
      if let error = error as? RedisError, [.connectFailed, .connectionLost].contains(error.code) {
        router?.noteTrouble(with: connection.configuration.address)
      }
      throw error
    }
  }

  private func begin(_ commands: [RedisCommand]) throws {
    if let stray = commands.first(where: { $0.use == .stream }) {
      throw RedisError(
        code: .unsupportedCommand,
        reason: "no connection that answers commands can carry it: there is subscribe for messages",
        command: stray.name)
    }
    try state.withLock { state in
      if state.isOver {
        throw RedisError(code: .closed, reason: "the connection was lent, and is returned")
      }
      state.openCount += 1
      for command in commands {
        if command.use == .state { state.isClean = false }
        if command.use == .transaction { state.isInTransaction = true }
      }
    }
  }

  private func end(isClean: Bool) {
    state.withLock { state in
      state.openCount -= 1
      if !isClean { state.isClean = false }
    }
  }

  /// On a cluster, what says that nodes have changed is for the next user.
  private func notice(_ error: RedisServerError) {
    if error.isAboutNodes { router?.noteTrouble(with: connection.configuration.address) }
  }

  /// Ends the use, and the transaction that is left open. True when the next user would notice
  /// nothing.
  func finish() async -> Bool {
    let (isClean, isInTransaction) = state.withLock { state in
      state.isOver = true
      return (state.isClean && state.openCount == 0, state.isInTransaction)
    }
    guard isClean, isInTransaction else { return isClean }
    let commands = [RedisCommand("DISCARD"), RedisCommand("UNWATCH")]
    // One of them has nothing to end, and is answered with an error.
    let replies = try? await connection.run(
      RedisCommand.joined(commands), replyCount: 2, until: 0)
    return replies?.last == .status("OK")
  }
}

extension RedisClient {
  /// Lends a connection for the time of `body`: for `WATCH` and transactions that depend on what
  /// was read, for commands that wait (`BLPOP`), for another database.
  ///
  /// ```swift
  /// let job = try await client.withConnection { connection in
  ///   try await connection.blpop(["jobs"], waiting: .seconds(30))
  /// }
  /// ```
  ///
  /// There are ``RedisConfiguration/ownConnectionCountMax`` of them, opened when they are needed
  /// and
  /// used again; what the user left behind is taken back first. One inside another may wait for
  /// itself.
  ///
  /// - Parameters:
  ///   - key: On a cluster the connection goes to the node that has this key, and can reach its
  ///     slots alone; without a key to any primary. `MOVED` is thrown as it is: the next call goes
  ///     to the new node.
  ///   - body: May use the connection until it returns.
  /// - Throws: What `body` throws; ``RedisError`` when no connection could be made or came free in
  ///   time; `CancellationError`.
  public func withConnection<Value>(
    forKey key: (any RedisEncodable)? = nil,
    _ body: (RedisConnection) async throws -> Value
  ) async throws -> Value {
    let (connection, router) = try await lend(key?.redisArgument)
    let lent = RedisConnection(connection, router)
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(lent))
    } catch {
      result = .failure(error)
    }
    await pool.putBack(connection, isClean: await lent.finish())
    return try result.get()
  }

  /// A connection that is there, or as good as: after a change of nodes one attempt more is made.
  private func lend(_ key: RedisArgument?) async throws -> (Connection, Router?) {
    guard case .routed(let router) = way else {
      return (try await pool.take(lentSettings(configuration)), nil)
    }
    let slot = key.flatMap { RedisCommand("GET", [$0]).slot }
    let isCluster = if case .cluster = configuration.topology { true } else { false }
    let deadline = Polling.deadline(in: configuration.commandTimeout)
    while true {
      let settings = try await router.settings(forSlot: isCluster ? slot : nil)
      let connection = try await pool.take(lentSettings(settings))
      do {
        _ = try await connection.run(RedisCommand("PING").encoded, replyCount: 1, until: deadline)
        return (connection, router)
      } catch {
        await pool.putBack(connection, isClean: false)
        guard let error = error as? RedisError, error.code != .closed, Polling.now() < deadline
        else { throw error }
        let moment = Polling.now()
        router.noteTrouble(with: settings.address)
        try await router.learn(since: moment, until: deadline)
      }
    }
  }

  private func lentSettings(_ settings: RedisConfiguration) -> RedisConfiguration {
    var settings = settings
    settings.isLent = true
    settings.connectionCount = 1
    return settings
  }
}
