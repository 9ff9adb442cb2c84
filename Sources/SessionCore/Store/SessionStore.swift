/// The fast tier: the few conversations that are warm.
///
/// Each call is one atomic step: which sessions are alive, which one has to leave, what is written
/// and the new deadline are decided together, whoever else uses the store (rules P1 to P6 and P9 of
/// the specification). The store holds copies only; what is missing here is in the archive.
///
/// Every call first removes what has expired in the scope. All removals that a call makes or finds
/// are in its reply, each once in the life of the store, however many processes use it.
///
/// A call costs one round trip to the store, and O(1) beside the messages that it copies; listing
/// is O(sessions of the scope).
///
/// Failures are ``SessionStoreError``; a cancelled call throws `CancellationError`.
public protocol SessionStore: Sendable {
  /// The limits this store enforces.
  var limits: SessionLimits { get }

  /// Closes the connections of the store. Calls that follow may fail.
  func close() async

  /// Whether the store is only standing in for one that is away. False unless a store says
  /// otherwise.
  var isStandIn: Bool { get }

  /// Uses a warm session and returns it; nil when it is not warm. Creates nothing.
  func open(
    _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<WarmSession?>

  /// Adds a message to a warm session and uses it, if the session ends where the caller expects.
  ///
  /// A session that is missing is created when `tail` is nil, for then the conversation has no
  /// earlier message. A message that already is the last one is not added again, and the append
  /// counts as done.
  ///
  /// - Parameters:
  ///   - message: What is said.
  ///   - id: The conversation.
  ///   - scope: Whose sessions share its limit.
  ///   - tail: The message that `message` follows in the archive; nil if it is the first.
  ///   - returningWindow: False leaves the messages out of the reply, which then holds the count
  ///     alone.
  func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) async throws -> StoreReply<AppendOutcome>

  /// Puts a session in, whole, in place of whatever the store has under its name, and uses it.
  ///
  /// - Parameters:
  ///   - id: The conversation.
  ///   - scope: Whose sessions share its limit.
  ///   - messages: The newest messages of the conversation, oldest first; of more than
  ///     ``SessionLimits/windowMessageCountMax`` the newest are kept.
  ///   - messageCount: All messages of the conversation, those not in `messages` included.
  func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) async throws -> StoreReply<Void>

  /// The warm sessions of a scope, most recently used first. Uses none of them.
  func list(in scope: Scope) async throws -> StoreReply<[SessionSummary]>

  /// Removes a session; the removal, with cause ``RemovalCause/closed``, is in the reply if there
  /// was one.
  func close(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<Void>

  /// Keeps a session from being evicted, or allows it again. Uses nothing. The reply says whether
  /// the session is warm; if not, nothing was done.
  func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<Bool>
}

extension SessionStore {
  /// False.
  public var isStandIn: Bool { false }

  /// Does nothing: right for a store without connections.
  public func close() async {}
}

/// What a store answers, and what left the scope meanwhile.
public struct StoreReply<Value: Sendable>: Sendable {
  /// The answer.
  public let value: Value
  /// The sessions that this call removed or found expired.
  public let removals: [Removal]

  /// A reply with every part given.
  public init(_ value: Value, removals: [Removal] = []) {
    self.value = value
    self.removals = removals
  }
}

/// A session as the store holds it.
public struct WarmSession: Sendable, Hashable, Codable {
  /// The newest messages, oldest first.
  public let messages: [Message]
  /// All messages of the conversation, those that are no longer warm included.
  public let messageCount: Int

  /// A session with every part given.
  public init(messages: [Message], messageCount: Int) {
    self.messages = messages
    self.messageCount = messageCount
  }
}

/// What became of an append.
public enum AppendOutcome: Sendable, Hashable {
  /// The message is the last one of the session. `messages` is empty if the window was not asked
  /// for.
  case appended(WarmSession)
  /// The session is not warm, and the message is not a first one. Nothing was written.
  case missing
  /// The session ends with another message than expected. Nothing was written.
  case stale
}

/// One line of a list of sessions.
public struct SessionSummary: Sendable, Hashable, Codable {
  /// The conversation.
  public let id: ConversationID
  /// All its messages.
  public let messageCount: Int
  /// Time until it expires if nobody uses it.
  public let timeLeft: Duration
  /// Whether it is exempt from eviction.
  public let isPinned: Bool

  /// A summary with every part given.
  public init(id: ConversationID, messageCount: Int, timeLeft: Duration, isPinned: Bool) {
    self.id = id
    self.messageCount = messageCount
    self.timeLeft = timeLeft
    self.isPinned = isPinned
  }
}
