/// Something that happened to the conversations of a service, or to its servers.
@nonexhaustive
public enum SessionEvent: Sendable, Hashable, Codable {
  /// A new conversation became warm with its first message.
  case opened(ConversationID)
  /// A conversation that was not warm, or whose warm copy was out of date, came back from the
  /// archive.
  case pagedIn(ConversationID, messageCount: Int)
  /// A session left the fast tier: it was evicted, it expired, or it was closed.
  case removed(Removal)
  /// Whoever was to answer could not, and another one was asked.
  case fallback(ConversationID, FallbackNotice)
  /// A turn has ended, well or not.
  case turnFinished(TurnReport)
  /// A tier went away, or is back.
  case modeChanged(ModeChange)
  /// The archive is away, and a message waits in the journal.
  case messageJournaled(ConversationID, MessageID)
  /// What waited in the journal is in the archive.
  case journalFlushed(JournalFlush)
  /// The last line of the journal had been cut short by a crash before anybody relied on it. It
  /// counts as a damaged one, and is put aside when the journal is flushed.
  case journalRepaired(droppedByteCount: Int)
  /// A session was not what the store had written, and lost what was broken.
  case sessionDamaged(SessionDamage)
  /// This listener was too slow, and lost so many events, which came before the next one.
  case missed(count: Int)
}

/// What was found broken in the session store: somebody else wrote under its names.
@nonexhaustive
public enum SessionDamage: Sendable, Hashable, Codable {
  /// The session made no sense and was removed. It comes back from the archive with its next turn.
  case sessionRemoved(ConversationID)
  /// So many elements of the session are no messages. They are passed over when it is opened, and
  /// its next turn brings it back whole from the archive.
  case unreadableMessages(ConversationID, count: Int)
  /// The list of sessions of a user, or of the shared scope for nil, was none. It begins anew.
  case listRemoved(UserID?)
}

/// A tier went away, or is back.
public struct ModeChange: Sendable, Hashable, Codable {
  /// The two tiers.
  public enum Tier: String, Sendable, Hashable, Codable {
    /// The fast one. While it is away, sessions are kept in the memory of the process.
    case sessionStore
    /// The permanent one. While it is away, messages wait in the journal.
    case archive
  }

  /// Which tier.
  public let tier: Tier
  /// Whether it answers now.
  public let isAvailable: Bool
  /// What it said when it went away; nil when it is back.
  public let reason: String?

  /// A change with every part given.
  public init(tier: Tier, isAvailable: Bool, reason: String? = nil) {
    self.tier = tier
    self.isAvailable = isAvailable
    self.reason = reason
  }
}

/// A turn that has ended, in figures.
public struct TurnReport: Sendable, Hashable, Codable, CustomStringConvertible {
  /// How a turn ended.
  @nonexhaustive
  public enum Outcome: String, Sendable, Hashable, Codable {
    /// The model said all it had to say.
    case complete
    /// The answer was cut.
    case partial
    /// No model answered; the local answer did.
    case fallback
    /// There is no answer, for the responder failed.
    case error
    /// The turn had been done before, and was not run again.
    case replayed
    /// The user or the reader stopped it.
    case stopped
    /// The tiers could not take a message of it.
    case refused
  }

  /// The conversation.
  public let conversation: ConversationID
  /// The question.
  public let question: MessageID
  /// How it ended.
  public let outcome: Outcome
  /// From the question until the answer was durable.
  public let duration: Duration
  /// From the question until the first text; nil when none came.
  public let timeToFirstText: Duration?
  /// The model that answered, as far as is known.
  public let model: String?
  /// Tokens of all requests of the turn, as far as is known.
  public let usage: TokenUsage?
  /// Tools called.
  public let toolCallCount: Int

  /// Creates a report.
  public init(
    conversation: ConversationID, question: MessageID, outcome: Outcome, duration: Duration,
    timeToFirstText: Duration? = nil, model: String? = nil, usage: TokenUsage? = nil,
    toolCallCount: Int = 0
  ) {
    self.conversation = conversation
    self.question = question
    self.outcome = outcome
    self.duration = duration
    self.timeToFirstText = timeToFirstText
    self.model = model
    self.usage = usage
    self.toolCallCount = toolCallCount
  }

  /// The outcome and the duration.
  public var description: String { "\(outcome.rawValue) after \(duration.wholeMilliseconds) ms" }
}
