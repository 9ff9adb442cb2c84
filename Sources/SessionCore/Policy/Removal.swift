/// Why an entry left a cache, or a session the fast tier.
@nonexhaustive
public enum RemovalCause: String, Sendable, Hashable, Codable {
  /// The cache or the scope was full, and this one had been unused for the longest time.
  case evicted
  /// Its time to live ran out.
  case expired
  /// Somebody closed it.
  case closed
}

/// A session that left the fast tier. Its messages are in the archive.
public struct Removal: Sendable, Hashable, Codable {
  /// The conversation that is no longer warm.
  public let id: ConversationID
  /// Why it left.
  public let cause: RemovalCause

  /// Creates a removal.
  public init(id: ConversationID, cause: RemovalCause) {
    self.id = id
    self.cause = cause
  }
}
