import SessionCore

/// What a subscription has heard, between its thread and the task that reads.
final class SubscriptionListener: Sendable {
  /// Messages that wait for a reader before the thread stops reading, and bytes of them.
  private static let waitingCountMax = 1024
  private static let waitingByteCountMax = 4 << 20

  private struct State {
    var subscription: Subscription?
    var events: [RedisSubscriptionEvent] = []
    var first = 0
    var byteCount = 0
    var isPaused = false
    var hasListened = false
    var failure: RedisError?
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var lastID: UInt64 = 0
    var isOver = false

    var isFull: Bool {
      events.count - first >= SubscriptionListener.waitingCountMax
        || byteCount >= SubscriptionListener.waitingByteCountMax
    }

    mutating func takeFirst() -> RedisSubscriptionEvent? {
      guard first < events.count else { return nil }
      let event = events[first]
      first += 1
      // The array is emptied from the front in large steps, and when nothing is left.
      if first == events.count || first >= SubscriptionListener.waitingCountMax {
        events.removeFirst(first)
        first = 0
      }
      if case .message(let message) = event { byteCount -= message.payload.count }
      return event
    }
  }

  private let state = Locked(State())
  private let activity: ClientActivity
  private let configuration: RedisConfiguration

  init(_ activity: ClientActivity, _ configuration: RedisConfiguration) {
    self.activity = activity
    self.configuration = configuration
  }

  deinit { state.withLock { $0.subscription }?.close() }

  /// Ends it: what has come can still be read.
  func close() {
    let (subscription, waiting) = state.withLock { state in
      state.isOver = true
      state.failure = RedisError(code: .closed, reason: "the client was closed")
      defer { state.waiting = [:] }
      return (state.subscription, Array(state.waiting.values))
    }
    subscription?.close()
    for continuation in waiting { continuation.resume() }
  }

  func start(
    _ topics: Subscription.Topics, at server: @escaping @Sendable () -> RedisConfiguration?
  ) throws {
    let subscription = try Subscription(topics, at: server) { [weak self] event in
      self?.take(event) ?? true
    }
    let isOver = state.withLock { state in
      state.subscription = subscription
      return state.isOver
    }
    if isOver { subscription.close() }
  }

  /// Takes what the thread tells. False: enough for now.
  private func take(_ event: Subscription.Event) -> Bool {
    switch event {
    case .listening: activity.report(.connected, configuration)
    case .failed(let error): activity.report(.failed(error), configuration)
    case .lost(let error): activity.report(.lost(error), configuration)
    case .message: break
    }
    let (mayGoOn, waiting) = state.withLock { state in
      switch event {
      case .message(let message):
        state.events.append(.message(message))
        state.byteCount += message.payload.count
        state.isPaused = state.isFull
      case .listening:
        // Told when it is over: from here on nothing is lost.
        if state.hasListened { state.events.append(.gap) }
        state.hasListened = true
      case .lost: break
      case .failed(let error): if !state.hasListened { state.failure = error }
      }
      defer { state.waiting = [:] }
      return (!state.isPaused, Array(state.waiting.values))
    }
    for continuation in waiting { continuation.resume() }
    return mayGoOn
  }

  /// - Throws: ``RedisError`` when the first attempt failed; `CancellationError`.
  func waitUntilListening() async throws {
    while true {
      let (isListening, failure) = state.withLock { ($0.hasListened, $0.failure) }
      if isListening { return }
      if let failure { throw failure }
      await waitForChange { $0.hasListened || $0.failure != nil }
      try Task.checkCancellation()
    }
  }

  /// Events that wait for a reader.
  var waitingCount: Int { state.withLock { $0.events.count - $0.first } }

  func next() async -> RedisSubscriptionEvent? {
    while !Task.isCancelled {
      let (event, paused) = state.withLock { state -> (RedisSubscriptionEvent?, Subscription?) in
        let event = state.takeFirst()
        guard state.isPaused, state.events.isEmpty else { return (event, nil) }
        state.isPaused = false
        return (event, state.subscription)
      }
      paused?.resume()
      if let event { return event }
      if state.withLock({ $0.isOver }) { return nil }
      await waitForChange { !$0.events.isEmpty || $0.isOver }
    }
    return nil
  }

  private func waitForChange(_ isThere: @Sendable (State) -> Bool) async {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if isThere(state) || Task.isCancelled { return true }
          state.waiting[id] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }
  }
}
