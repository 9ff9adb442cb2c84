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

/// Messages of channels, as they are published: it ends with its client or its task, and goes on by
/// itself when the server comes back. Made by ``RedisClient/subscribe(to:patterns:)``.
///
/// It has a connection of its own from the beginning until the last copy of it and of its iterator
/// is freed. A reader that is slow holds the server up, which gives up a connection that is too far
/// behind (`client-output-buffer-limit`); that is a gap too. Made to be iterated by one task; a
/// second iterator takes its messages from the same queue.
public struct RedisSubscription: AsyncSequence, Sendable {
  /// Takes what has come.
  public struct Iterator: AsyncIteratorProtocol {
    let listener: SubscriptionListener

    /// Waits for the next event; nil when the task is cancelled or the client closed.
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
    try listeners.add(listener)
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
