import SessionCore

/// Sends commands to the node that has their keys: in a cluster by slot, behind sentinels to the
/// one primary. Follows what moves, and finds out anew when nodes change their roles.
final class Router: Sendable {
  /// What commands are answered with.
  struct Answer {
    var values: [RedisValue]
    /// Whether an attempt before the one that was answered may have been carried out.
    var mayHaveActed: Bool
  }

  /// What is known of the nodes.
  struct State {
    var map = NodeMap()
    /// Clients of the nodes that commands were sent to.
    var nodes: [RedisConfiguration.Address: Node] = [:]
    /// Those that were let go of. Each ends when the last command on its way there is answered.
    private(set) var left: [Left] = []
    var isClosed = false

    var learning: Task<Void, Never>?
    /// Who waits for what was found since a moment, and is told why nobody could be asked, if so.
    var waiting: [(since: Int64, continuation: AsyncStream<RedisError?>.Continuation)] = []
    /// What is found must not be older than this.
    var wanted: Int64 = 0
    /// When what was known was found to be wrong, and forgotten.
    var lastForgotten: Int64 = 1
    /// When the last learning began, and the last that found what it looked for.
    var lastStart: Int64 = 0
    var lastFound: Int64 = 0
    /// Why the last one found nothing. Until then nobody tries again, if nobody was there.
    var trouble: (error: RedisError, until: Int64)?
    var pause: ReconnectPause

    /// Commands that no node has now, and their bytes: they pause, or wait for a finding.
    var heldCount = 0
    var heldByteCount = 0

    /// No command is sent there any more. Those on their way are answered.
    mutating func letGo(of address: RedisConfiguration.Address) {
      guard let node = nodes.removeValue(forKey: address) else { return }
      left.removeAll { $0.node == nil }
      left.append(Left(node: node))
    }
  }

  /// A node that commands alone keep.
  struct Left: Sendable {
    weak let node: Node?
  }

  let configuration: RedisConfiguration
  let activity: ClientActivity
  let state: Locked<State>

  init(_ configuration: RedisConfiguration, _ activity: ClientActivity = ClientActivity(nil)) {
    self.configuration = configuration
    self.activity = activity
    state = Locked(State(pause: ReconnectPause(longest: configuration.reconnectPauseMax)))
  }

  /// Sends commands, whose keys must lie in one slot, together to the node that has it.
  ///
  /// - Returns: One value for each, as ``RedisClient/pipeline(_:timeout:)``.
  func run(_ commands: [RedisCommand], timeout: Duration? = nil) async throws -> Answer {
    let slot = try commonSlot(of: commands)
    var course = Course(until: Polling.deadline(in: timeout ?? configuration.commandTimeout))
    var progress = try Progress(commands)
    var next: Course.Step?
    do {
      while true {
        let outcome = try await attempt(progress, slot, next, until: course.deadline)
        let detour: Detour
        let failure: RedisError?
        switch outcome {
        case .answered(let values, let address):
          guard let found = progress.take(values, from: address) else {
            return Answer(values: progress.values, mayHaveActed: course.mayHaveActed)
          }
          (detour, failure) = (found, nil)
        case .failed(let error):
          if error.code == .timedOut { startLearning() }
          if error.mayHaveActed, error.code == .connectionLost, !course.noteLoss() { throw error }
          guard let found = Detour(error, isSafeToRepeat: progress.isSafeToRepeat), !isClosed else {
            throw error
          }
          (detour, failure) = (found, error)
        }
        if case .moved(let slot, let address) = detour { note(slot, movedTo: address) }
        var random = SystemRandomNumberGenerator()
        let now = Polling.now()
        next = course.step(detour, at: now, using: &random)
        switch next {
        case .follow: break
        case .pause(let length, let isLearning):
          try await hold(progress) {
            try await Task.sleep(for: .nanoseconds(length))
            if isLearning { try await learn(since: now, until: course.deadline) }
          }
        case nil:
          if let failure { throw failure }
          return Answer(values: progress.values, mayHaveActed: course.mayHaveActed)
        }
      }
    } catch let error as RedisError {
      throw error.orEarlier(mayHaveActed: course.mayHaveActed || progress.isPartial)
    }
  }

  /// Clients' commands without an answer.
  var waitingCommandCount: Int {
    state.withLock { $0.nodes.values.reduce($0.heldCount) { $0 + $1.waitingCommandCount } }
  }

  /// How to reach each primary, found out anew. When it cannot be, what was known before.
  ///
  /// - Throws: `CancellationError`.
  func publishers() async throws -> Set<RedisConfiguration> {
    let now = Polling.now()
    do {
      try await learn(since: now, until: now + configuration.connectTimeout.nanoseconds)
    } catch is RedisError {
      // Asked again at the next look.
    }
    return Set(state.withLock { $0.map.primaries }.map(settings))
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Ends all connections, and waits until they are gone. Those of a node that was let go of just
  /// before end by themselves.
  func close() async {
    let (learning, waiting, nodes) = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [] }
      let nodes = Array(state.nodes.values) + state.left.compactMap(\.node)
      return (state.learning, state.waiting, nodes)
    }
    for waiter in waiting { waiter.continuation.yield(nil) }
    learning?.cancel()
    await learning?.value
    for node in nodes { await node.close() }
  }

  /// How to reach the node at `address`.
  func settings(of address: RedisConfiguration.Address) -> RedisConfiguration {
    var settings = configuration
    settings.address = address
    settings.topology = .single
    if case .sentinel = configuration.topology { settings.mustBePrimary = true }
    return settings
  }

  private enum Outcome {
    case answered([RedisValue], by: RedisConfiguration.Address)
    case failed(RedisError)
  }

  /// One attempt to have what is still open answered.
  private func attempt(
    _ progress: Progress, _ slot: Int?, _ step: Course.Step?, until deadline: Int64
  ) async throws -> Outcome {
    var isAsking = false
    let node: Node
    do {
      switch step {
      case .follow(let address, let asking):
        isAsking = asking
        node = try self.node(at: address)
      case .pause, nil: node = try await owner(of: slot, of: progress, until: deadline)
      }
    } catch let error as RedisError { return .failed(error) }
    // A node that is let go of ends when the last command on its way is answered.
    defer { withExtendedLifetime(node) {} }
    do {
      let values = try await node.run(
        progress.bytes(isAsking: isAsking), replyCount: progress.replyCount(isAsking: isAsking),
        until: deadline)
      return .answered(
        progress.replies(in: values, isAsking: isAsking), by: node.configuration.address)
    } catch let error as RedisError {
      if [.connectionLost, .connectFailed].contains(error.code) { leave(node) }
      return .failed(error)
    }
  }

  /// Behind sentinels a connection that ended is not made again before they were asked: who was the
  /// primary may come back and still believe it, and lose what it takes until it is told.
  private func leave(_ node: Node) {
    guard node.configuration.mustBePrimary else { return }
    state.withLock { state in
      guard state.nodes[node.configuration.address] === node else { return }
      state.letGo(of: node.configuration.address)
      state.map = NodeMap()
      state.lastForgotten = Polling.now()
    }
  }

  /// Waits with commands that no node has now; as many of them, and of their bytes, as may wait on
  /// one connection.
  private func hold(_ progress: Progress, _ wait: () async throws -> Void) async throws {
    let byteCount = progress.byteCount
    try state.withLock { state in
      guard state.heldCount < configuration.waitingCommandCountMax,
        state.heldByteCount + byteCount <= configuration.waitingByteCountMax
      else {
        throw RedisError(
          code: .queueFull,
          reason: "more than \(configuration.waitingCommandCountMax) commands or "
            + "\(configuration.waitingByteCountMax) bytes wait for \(configuration)")
      }
      state.heldCount += 1
      state.heldByteCount += byteCount
    }
    defer {
      state.withLock { state in
        state.heldCount -= 1
        state.heldByteCount -= byteCount
      }
    }
    try await wait()
  }

  /// The node that has the slot. Who has it is found out first if nobody has asked yet.
  private func owner(
    of slot: Int?, of progress: Progress, until deadline: Int64
  ) async throws -> Node {
    let (isUnknown, moment) = state.withLock { ($0.map.isEmpty, $0.lastForgotten) }
    if isUnknown { try await hold(progress) { try await learn(since: moment, until: deadline) } }
    let (address, trouble) = state.withLock { ($0.map.owner(of: slot), $0.trouble?.error) }
    if let address { return try node(at: address) }
    throw trouble
      ?? RedisError(code: .connectFailed, reason: "no node of the cluster serves the key's slot")
  }

  func node(at address: RedisConfiguration.Address) throws -> Node {
    try state.withLock { state in
      if state.isClosed { throw RedisError(code: .closed, reason: "the client was closed") }
      if let node = state.nodes[address] { return node }
      let node = Node(settings(of: address), activity)
      state.nodes[address] = node
      return node
    }
  }

  private func note(_ slot: Int, movedTo address: RedisConfiguration.Address) {
    let isNews = state.withLock { state in
      if state.map.isEmpty || state.map.owner(of: slot) == address { return false }
      state.map.move(slot, to: address)
      return true
    }
    // Where one has moved, others may have.
    if isNews { startLearning() }
  }

  private func commonSlot(of commands: [RedisCommand]) throws -> Int? {
    guard case .cluster = configuration.topology else { return nil }
    let slots = Set(commands.compactMap(\.slot))
    if slots.count <= 1 { return slots.first }
    throw RedisError(
      code: .unsupportedCommand,
      reason: "the keys of a pipeline lie in several slots of the cluster")
  }
}
