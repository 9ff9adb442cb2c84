/// What happens while a turn runs.
public enum TurnEvent: Sendable, Hashable {
  /// The next piece of the answer.
  case text(String)
  /// Whoever was to answer could not, and another one is asked.
  case fallback(FallbackNotice)
  /// The conversation was not warm, or its warm copy was out of date, and came back from the
  /// archive.
  case pagedIn(messageCount: Int)
  /// A session left the fast tier, or was found expired.
  case removed(Removal)
  /// The fast tier failed. The turn goes on with what the archive holds.
  case sessionStoreFailed(SessionStoreError)
}

/// A turn that is done: both messages are durable.
public struct Turn: Sendable, Hashable {
  /// What the user said.
  public let question: Message
  /// The answer, with its state in ``Message/answer``.
  public let answer: Message
  /// Why the answer is not complete, if it was cut or failed.
  public let failure: ResponderError?
  /// Whether the turn had been done before, and this is the answer stored then.
  public let isReplay: Bool

  /// A turn with every part given.
  public init(question: Message, answer: Message, failure: ResponderError?, isReplay: Bool) {
    self.question = question
    self.answer = answer
    self.failure = failure
    self.isReplay = isReplay
  }
}

/// A message that cannot be one.
public struct EmptyMessage: Error, Sendable, CustomStringConvertible {
  /// What is wrong with it.
  public var description: String { "an empty message cannot be sent" }
  /// The error.
  public init() {}
}
