/// The permanent tier: every message, for ever.
///
/// Every call takes the user, and another user's thread answers exactly as a missing one (rule A1
/// of the specification). Order within a thread is a number that the archive gives, never a clock.
///
/// This protocol carries turns: it is all that an archive of one's own needs. Lists, search, files
/// and the rest are ``CompleteArchive``'s.
///
/// A message that was rewound stays in the archive and keeps its id, but it is no longer part of
/// the conversation: only ``message(_:in:of:)``, ``CompleteArchive/rewoundMessages(in:of:page:)``
/// and an append under its id still know it. Messages leave a conversation from its end only, so
/// two copies of it that end with the same message are the same throughout.
///
/// Writing a message costs one commit. Reading costs what is returned, whatever the length of the
/// thread or the list; an archive says where it differs.
///
/// Failures are ``ArchiveError``; a cancelled call throws `CancellationError`.
public protocol ConversationArchive: Sendable {
  /// Closes the connections of the archive. Calls that follow may fail.
  func close() async

  /// Stores a message at the end of a thread, and returns once it is durable.
  ///
  /// The thread and the user are created when they are new; a thread is named after its first user
  /// message. A message whose id the thread already holds, rewound or not, is left as it stands.
  func append(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) async throws -> AppendReceipt

  /// The newest messages of a thread, oldest first; empty for a thread that is not there.
  ///
  /// - Parameters:
  ///   - thread: The thread.
  ///   - user: Whose it is.
  ///   - limit: How many at most; at least 1.
  func newestMessages(
    in thread: ConversationID, of user: UserID, limit: Int
  ) async throws -> [Message]

  /// How many messages of the thread there are up to and including `last`; 0 when the thread does
  /// not hold it, or when it was rewound.
  func messageCount(
    in thread: ConversationID, of user: UserID, through last: MessageID
  ) async throws -> Int

  /// One message, or nil when the thread does not hold it. One that was rewound is found, so that a
  /// turn that is run again stays what it was.
  func message(
    _ id: MessageID, in thread: ConversationID, of user: UserID
  ) async throws -> Message?
}

extension ConversationArchive {
  /// Does nothing: right for an archive without connections.
  public func close() async {}
}

/// What the archive says of a stored message.
public struct AppendReceipt: Sendable, Hashable, Codable {
  /// The message that stands before it in its thread, those that were rewound left aside; nil for
  /// the first.
  public let previous: MessageID?
  /// False when the thread already held it and nothing was written.
  public let isNew: Bool
  /// True when the thread already held it, and it was rewound since.
  public let isRewound: Bool

  /// A receipt with every part given.
  public init(previous: MessageID?, isNew: Bool, isRewound: Bool = false) {
    self.previous = previous
    self.isNew = isNew
    self.isRewound = isRewound
  }
}

/// Which part of a list is wanted.
public struct PageRequest: Sendable, Hashable {
  /// Where to go on: ``Page/next`` of the page before; nil for the start.
  public let cursor: PageCursor?
  /// Entries at most, 1 to ``limitMax``.
  public let limit: Int

  /// The most entries one page can hold.
  public static let limitMax = 1000

  /// A request; `limit` is brought into 1 … ``limitMax``.
  public init(after cursor: PageCursor? = nil, limit: Int = 20) {
    self.cursor = cursor
    self.limit = min(max(limit, 1), Self.limitMax)
  }
}

/// A place in a list. Its text is the archive's own affair; an archive answers
/// ``ArchiveError/Code/invalidCursor`` to one it did not make.
public struct PageCursor: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Text that can stand in a command line.
  public let description: String
  /// Takes back the text of a cursor.
  public init(_ text: String) { description = text }

  /// Reads the text.
  public init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A part of a list.
public struct Page<Element: Sendable>: Sendable {
  /// The entries.
  public let elements: [Element]
  /// Where the next page begins; nil when this is the last one.
  public let next: PageCursor?

  /// Creates a page.
  public init(elements: [Element], next: PageCursor?) {
    self.elements = elements
    self.next = next
  }
}

extension Page: Equatable where Element: Equatable {}
extension Page: Hashable where Element: Hashable {}
extension Page: Encodable where Element: Encodable {}
extension Page: Decodable where Element: Decodable {}

/// One line of a list of threads.
public struct ThreadSummary: Sendable, Hashable, Codable {
  /// The conversation.
  public let id: ConversationID
  /// Its name; nil when it has none.
  public let name: String?
  /// When it began.
  public let createdAt: Timestamp
  /// When something was last said in it.
  public let lastActivity: Timestamp
  /// Its messages, without those that were rewound.
  public let messageCount: Int

  /// A summary with every part given.
  public init(
    id: ConversationID, name: String?, createdAt: Timestamp, lastActivity: Timestamp,
    messageCount: Int
  ) {
    self.id = id
    self.name = name
    self.createdAt = createdAt
    self.lastActivity = lastActivity
    self.messageCount = messageCount
  }
}

/// How many rows a deletion removed.
public struct DeletionCounts: Sendable, Hashable, Codable {
  /// Threads.
  public let threads: Int
  /// Messages, and steps of other kinds.
  public let steps: Int
  /// Files and other elements.
  public let elements: Int
  /// Judgements of answers.
  public let feedbacks: Int

  /// Counts with every part given.
  public init(threads: Int, steps: Int, elements: Int, feedbacks: Int) {
    self.threads = threads
    self.steps = steps
    self.elements = elements
    self.feedbacks = feedbacks
  }
}
