import SessionCore

// How the router finds out who has what: once for all commands that wait for it.
extension Router {
  /// Between the beginnings of two learnings, so that many commands of a cluster in trouble do not
  /// ask it all the time.
  private static let interval: Int64 = 100_000_000

  /// Begins to find out who has what, unless that is under way.
  func startLearning() {
    state.withLock { state in
      guard state.learning == nil, !state.isClosed else { return }
      let now = Polling.now()
      let rest = state.lastStart == 0 ? 0 : state.lastStart + Self.interval - now
      let start = max(now, now + rest)
      state.lastStart = start
      let known = state.map
      state.learning = Task {
        if rest > 0 { try? await Task.sleep(for: .nanoseconds(rest)) }
        await end(Discovery(configuration, known).find(), since: start)
      }
    }
  }

  /// Waits until what is known is not older than `moment`.
  ///
  /// - Throws: ``RedisError`` when none of those who could know is there, or the deadline passes;
  ///   `CancellationError`. Not when they are there and do not know yet.
  func learn(since moment: Int64, until deadline: Int64) async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: RedisError?.self)
    let isKnown = try state.withLock { state in
      if state.isClosed { throw RedisError(code: .closed, reason: "the client was closed") }
      if state.lastFound >= moment { return true }
      if let trouble = state.trouble, Polling.now() < trouble.until { throw trouble.error }
      state.waiting.append(continuation)
      return false
    }
    if isKnown { return }
    startLearning()
    let late = RedisError(
      code: .timedOut, reason: "\(configuration) could not be asked in time where the keys are")
    let failure = await withTaskGroup(of: RedisError?.self) { group in
      group.addTask {
        for await failure in stream { return failure }
        return late
      }
      group.addTask {
        try? await Task.sleep(for: .nanoseconds(max(0, deadline - Polling.now())))
        return late
      }
      defer { group.cancelAll() }
      return await group.next() ?? late
    }
    try Task.checkCancellation()
    if isClosed { throw RedisError(code: .closed, reason: "the client was closed") }
    if let failure { throw failure }
  }

  private func end(_ finding: Discovery.Finding, since start: Int64) {
    let (waiting, idle, failure) = state.withLock { state in
      state.learning = nil
      var idle: [Node] = []
      var failure: RedisError?
      switch finding {
      case .found(let map):
        // A node that has had no slot for two findings, and nothing to do, is let go of.
        for (address, node) in state.nodes
        where !map.primaries.contains(address) && !state.map.primaries.contains(address)
          && node.waitingCommandCount == 0
        {
          state.nodes[address] = nil
          idle.append(node)
        }
        state.map = map
        state.lastFound = start
        state.trouble = nil
        state.pause.reset()
      case .unsettled(let error):
        state.trouble = (error, 0)
        // The one that was the primary is none: it is away, and not a server that refuses.
        if case .sentinel = configuration.topology { state.map = NodeMap() }
      case .unreachable(let error):
        var random = SystemRandomNumberGenerator()
        state.trouble = (error, Polling.now() + state.pause.next(using: &random))
        failure = error
      }
      defer { state.waiting = [] }
      return (state.waiting, idle, failure)
    }
    for continuation in waiting { continuation.yield(failure) }
    if !idle.isEmpty { Task { for node in idle { await node.close() } } }
  }
}
