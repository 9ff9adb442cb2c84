import SessionCore

// How the router finds out who has what: once for all commands that wait for it.
extension Router {
  /// Between the beginnings of two learnings, so that many commands of a cluster in trouble do not
  /// ask it all the time.
  private static let interval: Int64 = 100_000_000

  /// Lets it be found out who has what, as of `moment` or later: now, or again after the learning
  /// that is under way if that began before.
  func startLearning(since moment: Int64 = Polling.now()) {
    state.withLock { state in
      state.wanted = max(state.wanted, moment)
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
      state.waiting.append((moment, continuation))
      return false
    }
    if isKnown { return }
    startLearning(since: moment)
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
    let (waiting, failure, isWantedAnew) = state.withLock { state in
      state.learning = nil
      var failure: RedisError?
      switch finding {
      case .found(let map):
        for address in state.nodes.keys where !map.primaries.contains(address) {
          state.letGo(of: address)
        }
        // What was found wrong since it was asked for is not believed again.
        if start >= state.lastForgotten { state.map = map }
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
        // Nobody waits longer for those who are not there.
        state.wanted = start
      }
      let isOver = { (moment: Int64) in failure != nil || moment <= start }
      defer { state.waiting.removeAll { isOver($0.since) } }
      return (state.waiting.filter { isOver($0.since) }, failure, state.wanted > start)
    }
    for waiter in waiting { waiter.continuation.yield(failure) }
    // Something moved while it was found out, which it may not show.
    if isWantedAnew { startLearning(since: 0) }
  }
}
