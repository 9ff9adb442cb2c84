public import SessionCore

extension MySQLArchive {
  /// A page of a user's threads, last activity first. One statement, from an index.
  public func threads(of user: UserID, page: PageRequest) async throws -> Page<ThreadSummary> {
    try await threads(of: user, matching: ThreadFilter(), page: page)
  }

  /// One thread of a user's list. One statement.
  public func thread(_ id: ConversationID, of user: UserID) async throws -> ThreadSummary {
    try await run { try $0.summary(of: id, user) }
  }

  /// Names a thread. Its last activity stays.
  public func rename(_ thread: ConversationID, of user: UserID, to name: String) async throws {
    let name = try ThreadName.checked(name)
    try await write { connection in
      let result = try connection.execute(
        "UPDATE Thread t SET t.name = ? WHERE t.id = ? AND \(Owner.condition)",
        [.text(name), .text(thread.description)] + Owner.values(user))
      if result.affectedRowCount == 0 { throw ArchiveError.notFound }
    }
  }

  /// Removes a thread and all that belongs to it, in one transaction.
  public func delete(_ thread: ConversationID, of user: UserID) async throws -> DeletionCounts {
    try await write { connection in
      try connection.transaction {
        // Locked before counting: nothing can be added between the count and the deletion.
        try connection.lock(thread, of: user)
        let counts = try connection.counts(of: [thread.description])
        try connection.delete([thread.description])
        return counts
      }
    }
  }
}

extension MySQLConnection {
  /// One thread of a user's list.
  func summary(of thread: ConversationID, _ user: UserID) throws -> ThreadSummary {
    let rows = try query(
      "SELECT \(ThreadRow.columns) FROM Thread t WHERE t.id = ? AND \(Owner.condition)",
      [.text(thread.description)] + Owner.values(user))
    guard let summary = try rows.first.flatMap(ThreadRow.summary(from:)) else {
      throw ArchiveError.notFound
    }
    return summary
  }
}

/// A thread as a row, and as a line of a list.
enum ThreadRow {
  /// What tags and metadata note of a thread.
  static func notes(tags: String?, metadata: String?) throws -> ThreadNotes {
    try ThreadNotes(
      tags: JSONFields.texts(inArray: tags ?? "[]"),
      isFavourite: JSONFields(reading: metadata ?? "{}").flags.contains("favourite"))
  }

  /// The tags as they are written.
  static func tags(_ notes: ThreadNotes) -> String {
    if notes.tags.isEmpty { return "{}" }
    return "[" + notes.tags.map(JSONObjectText.quoted).joined(separator: ",") + "]"
  }

  /// The columns of a thread that nobody else has written to.
  static func columns(of record: ThreadRecord) -> ForeignRow {
    let notes = record.notes ?? ThreadNotes()
    return [
      "tags": .text(tags(notes)),
      "metadata": .text(notes.isFavourite ? "{\"favourite\": true}" : "{}"),
      "createdAt": .integer(record.createdAt.columnMicroseconds),
      "updatedAt": .integer(record.lastActivity.columnMicroseconds),
    ]
  }

  /// What ``summary(from:)`` reads, of a table or subquery `t`.
  static let columns = """
    t.id, t.name, t.createdAt, t.lastActivity, (SELECT COUNT(*) FROM Step s \
    WHERE s.threadId = t.id AND \(StepType.isLiving))
    """

  /// The line; nil for a row whose id is no UUID.
  static func summary(from row: MySQLRow) throws(MySQLError) -> ThreadSummary? {
    guard let id = ConversationID(try row.text(0)) else { return nil }
    let lastActivity = Timestamp(microseconds: try row.dateTimeOrNil(3)?.microseconds ?? 0)
    let createdAt = try row.dateTimeOrNil(2)?.microseconds
    return ThreadSummary(
      id: id, name: try row.textOrNil(1),
      createdAt: createdAt.map { Timestamp(microseconds: $0) } ?? lastActivity,
      lastActivity: lastActivity, messageCount: Int(try row.integer(4)))
  }
}

/// The place of a thread in the order of last activity.
struct ThreadCursor {
  private let lastActivity: Int64
  let id: ConversationID

  init(row: MySQLRow) throws(MySQLError) {
    lastActivity = try row.dateTimeOrNil(3)?.microseconds ?? 0
    guard let id = ConversationID(try row.text(0)) else {
      throw MySQLError(code: .unexpectedValue, reason: "the id of a thread is no UUID")
    }
    self.id = id
  }

  init(reading cursor: PageCursor) throws(ArchiveError) {
    let parts = cursor.description.split(separator: "_", maxSplits: 1)
    guard parts.count == 2, let lastActivity = Int64(parts[0]),
      MySQLDateTime(microseconds: lastActivity) != nil, let id = ConversationID(String(parts[1]))
    else {
      throw ArchiveError(code: .invalidCursor, reason: "not a cursor of this list: \(cursor)")
    }
    self.lastActivity = lastActivity
    self.id = id
  }

  var cursor: PageCursor { PageCursor("\(lastActivity)_\(id)") }

  // Not a comparison of pairs: servers do not look those up in an index.
  static let condition = "t.lastActivity <= ? AND (t.lastActivity < ? OR t.id < ?)"

  var values: [MySQLValue] {
    let time = MySQLDateTime(microseconds: lastActivity).map { MySQLValue.dateTime($0) } ?? .null
    return [time, time, .text(id.description)]
  }
}
