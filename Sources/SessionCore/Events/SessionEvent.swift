/// Something that happened to the conversations of a service, or to its servers.
///
/// Cases may be added: a `switch` over it needs a `default`.
public enum SessionEvent: Sendable, Hashable {
  /// A new conversation became warm with its first message.
  case opened(ConversationID)
  /// A conversation that was not warm, or whose warm copy was out of date, came back from the
  /// archive.
  case pagedIn(ConversationID, messageCount: Int)
  /// A session left the fast tier: it was evicted, it expired, or it was closed.
  case removed(Removal)
  /// Whoever was to answer could not, and another one was asked.
  case fallback(ConversationID, FallbackNotice)
  /// A tier went away, or is back.
  case modeChanged(ModeChange)
  /// The archive is away, and a message waits in the journal.
  case messageJournaled(ConversationID, MessageID)
  /// What waited in the journal is in the archive.
  case journalFlushed(JournalFlush)
  /// The last line of the journal had been cut short by a crash before anybody relied on it, and
  /// was dropped.
  case journalRepaired(droppedByteCount: Int)
  /// A session was not what the store had written, and lost what was broken.
  case sessionDamaged(SessionDamage)
  /// This listener was too slow, and lost so many events, which came before the next one.
  case missed(count: Int)
}

/// What was found broken in the session store: somebody else wrote under its names.
@nonexhaustive
public enum SessionDamage: Sendable, Hashable {
  /// The session made no sense and was removed. It comes back from the archive with its next turn.
  case sessionRemoved(ConversationID)
  /// So many elements of the session are no messages. They are passed over when it is opened, and
  /// its next turn brings it back whole from the archive.
  case unreadableMessages(ConversationID, count: Int)
  /// The list of sessions of a user, or of the shared scope for nil, was none. It begins anew.
  case listRemoved(UserID?)
}

/// A tier went away, or is back.
public struct ModeChange: Sendable, Hashable {
  /// The two tiers.
  public enum Tier: String, Sendable, Hashable {
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
