import SessionCore

/// A message of a channel.
public struct RedisMessage: Sendable, Hashable {
  /// The channel it was published to.
  public let channel: String
  /// The pattern that let it through; nil for a channel that was named itself.
  public let pattern: String?
  /// What was published.
  public let payload: [UInt8]

  init(_ channel: RedisValue, _ pattern: RedisValue?, _ payload: RedisValue) {
    self.channel = channel.string ?? ""
    self.pattern = pattern?.string
    self.payload = payload.rawBytes ?? []
  }

  /// The text of the payload; broken UTF-8 in it becomes U+FFFD.
  public var text: String { String(decoding: payload, as: UTF8.self) }
}

/// What a subscription hears.
@nonexhaustive
public enum RedisSubscriptionEvent: Sendable, Hashable {
  /// A message.
  case message(RedisMessage)
  /// There was no connection for a while: what was published meanwhile is lost. From here on
  /// everything comes again.
  case gap
}

/// Messages of channels, as they are published: it never ends by itself, and goes on by itself when
/// the server comes back. Made by ``RedisClient/subscribe(to:patterns:)``.
///
/// It has a connection of its own from the beginning until the last copy of it and of its iterator
/// is freed. A reader that is slow holds the server up, which gives up a connection that is too far
/// behind (`client-output-buffer-limit`); that is a gap too. Made to be iterated by one task; a
/// second iterator takes its messages from the same queue.
public struct RedisSubscription: AsyncSequence, Sendable {
  /// Takes what has come.
  public struct Iterator: AsyncIteratorProtocol {
    let listener: SubscriptionListener

    /// Waits for the next event; nil when the task is cancelled.
    public mutating func next() async -> RedisSubscriptionEvent? { await listener.next() }

    /// Waits for the next event; nil when the task is cancelled.
    public mutating func next(isolation actor: isolated (any Actor)?) async
      -> RedisSubscriptionEvent?
    { await listener.next() }
  }

  let listener: SubscriptionListener

  /// An iterator over what comes.
  public func makeAsyncIterator() -> Iterator { Iterator(listener: listener) }
}

extension RedisClient {
  /// Listens to channels. What is published after this has returned comes, in order, each message
  /// once for each of the channels and patterns that it matches.
  ///
  /// ```swift
  /// let subscription = try await client.subscribe(to: ["news"], patterns: ["user:*"])
  /// for await case .message(let message) in subscription { print(message.channel, message.text) }
  /// ```
  ///
  /// On a cluster one of the nodes is listened to, which tells what is published at any of them.
  ///
  /// - Throws: ``RedisError`` when there is no such server, or it does not let us subscribe;
  ///   `CancellationError`.
  public func subscribe(
    to channels: [String] = [], patterns: [String] = []
  ) async throws -> RedisSubscription {
    guard !channels.isEmpty || !patterns.isEmpty else {
      throw RedisError(code: .invalidConfiguration, reason: "there is no channel to listen to")
    }
    // A name that stands twice is taken once, and would be waited for twice.
    let topics = Subscription.Topics(
      channels: Set(channels).map { .text($0) }, patterns: Set(patterns).map { .text($0) })
    let listener = SubscriptionListener(activity, configuration)
    switch way {
    case .direct(let node):
      let configuration = node.configuration
      try listener.start(topics, at: { configuration })
    case .routed(let router):
      _ = try await router.settings(forSlot: nil)
      try listener.start(topics) { [weak router] in
        let known = router?.knownPrimaries.randomElement()
        // Who was it may be so no more: the next attempt asks for what is found out meanwhile.
        router?.startLearning()
        return known
      }
    }
    try await listener.waitUntilListening()
    return RedisSubscription(listener: listener)
  }
}

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

  func start(
    _ topics: Subscription.Topics, at server: @escaping @Sendable () -> RedisConfiguration?
  ) throws {
    let subscription = try Subscription(topics, at: server) { [weak self] event in
      self?.take(event) ?? true
    }
    state.withLock { $0.subscription = subscription }
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
      await waitForChange { !$0.events.isEmpty }
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
