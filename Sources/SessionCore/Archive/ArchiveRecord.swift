/// One line of an export.
public enum ArchiveRecord: Sendable, Hashable {
  /// The first line: whose export it is.
  case user(name: String)
  /// A thread.
  case thread(ThreadRecord)
  /// A step of the thread that it names: a message, or something else that only the database's
  /// other users know.
  case step(StepRecord)
  /// A file of the thread that it names.
  case element(ElementRecord)

  /// The version of the format, in the first line.
  public static let version = 1
}

/// A thread in an export.
public struct ThreadRecord: Sendable, Hashable, Codable {
  /// Its id.
  public var id: ConversationID
  /// Its name; nil when it has none.
  public var name: String?
  /// When it began.
  public var createdAt: Timestamp
  /// When something was last said in it.
  public var lastActivity: Timestamp
  /// What was noted of it; nil for nothing.
  public var notes: ThreadNotes?
  /// The columns of its row, where the parts above do not tell all of it.
  public var row: ForeignRow?
  /// Whether nothing told its last activity, which is the moment of the import. No part of a line.
  package var isActivityGuessed = false

  private enum CodingKeys: CodingKey {
    case id, name, createdAt, lastActivity, notes, row
  }

  /// A thread with every part given.
  public init(
    id: ConversationID, name: String?, createdAt: Timestamp, lastActivity: Timestamp,
    notes: ThreadNotes? = nil, row: ForeignRow? = nil
  ) {
    self.id = id
    self.name = name
    self.createdAt = createdAt
    self.lastActivity = lastActivity
    self.notes = notes
    self.row = row
  }

  init(
    id: ConversationID, name: String?, createdAt: Timestamp, lastActivity: Timestamp,
    isActivityGuessed: Bool
  ) {
    self.init(id: id, name: name, createdAt: createdAt, lastActivity: lastActivity)
    self.isActivityGuessed = isActivityGuessed
  }
}

/// A step in an export.
public struct StepRecord: Sendable, Hashable, Codable {
  /// The thread it is in.
  public var thread: ConversationID
  /// Its id.
  public var id: MessageID
  /// The message that it is; nil for a step of another kind.
  public var message: Message?
  /// True when it was rewound; else nil.
  public var isRewound: Bool?
  /// What a person thinks of it.
  public var feedback: Feedback?
  /// The columns of its row, where the parts above do not tell all of it.
  public var row: ForeignRow?

  /// A step with every part given.
  public init(
    thread: ConversationID, id: MessageID, message: Message?, isRewound: Bool = false,
    feedback: Feedback? = nil, row: ForeignRow? = nil
  ) {
    self.thread = thread
    self.id = id
    self.message = message
    self.isRewound = isRewound ? true : nil
    self.feedback = feedback
    self.row = row
  }
}

/// A file in an export.
public struct ElementRecord: Sendable, Hashable, Codable {
  /// The thread it is in.
  public var thread: ConversationID
  /// The file.
  public var element: ArchiveElement
  /// The columns of its row, where the file does not tell all of it.
  public var row: ForeignRow?

  /// A file with every part given.
  public init(thread: ConversationID, element: ArchiveElement, row: ForeignRow? = nil) {
    self.thread = thread
    self.element = element
    self.row = row
  }
}

/// Columns of a row that another program wrote, by name. An archive that has no rows keeps them as
/// they are.
public typealias ForeignRow = [String: ForeignValue]

/// A value of a foreign row.
public enum ForeignValue: Sendable, Hashable, Codable {
  /// NULL.
  case null
  /// A number; of a date and time, microseconds since 1970.
  case integer(Int64)
  /// A text, or a JSON document as it is written.
  case text(String)

  /// Reads null, a number or a text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let number = try? container.decode(Int64.self) {
      self = .integer(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes null, a number or a text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .integer(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }
}
