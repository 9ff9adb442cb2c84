/// Whose the conversations are that this process has seen, as the archive said: for the time when
/// the archive cannot be asked, and sessions of several users share the fast tier.
///
/// Bounded: what is not used for long is forgotten, and is then not known.
final class Ownership: Sendable {
  private static let conversationCountMax = 10_000

  private let owners = Locked(
    LRUCache<ConversationID, UserID>(
      capacity: conversationCountMax, timeToLive: .seconds(7 * 24 * 3600)))

  /// The archive has taken a message of `user`, or shown one: the conversation is the user's.
  func learn(_ conversation: ConversationID, is user: UserID, at now: Timestamp) {
    owners.withLock { owners in
      // Nothing is ever pinned here, so there is always room.
      _ = try? owners.insert(user, for: conversation, at: now)
    }
  }

  /// Who owns it; nil when that is not known.
  func owner(of conversation: ConversationID, at now: Timestamp) -> UserID? {
    owners.withLock { $0.value(for: conversation, at: now) }
  }

  /// `user` begins to speak in a conversation whose owner is not known.
  func claim(_ conversation: ConversationID, for user: UserID, at now: Timestamp) {
    if owner(of: conversation, at: now) == nil { learn(conversation, is: user, at: now) }
  }

  func forget(_ conversation: ConversationID, at now: Timestamp) {
    _ = owners.withLock { $0.remove(conversation, at: now) }
  }
}
