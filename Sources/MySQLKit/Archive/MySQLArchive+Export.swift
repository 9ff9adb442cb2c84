public import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension MySQLArchive {
  /// Hands out everything of a user as records; reads some hundreds of rows at a time.
  ///
  /// What is written meanwhile may be in it or not; a thread never lacks a step before one that it
  /// holds.
  public func export(
    of user: UserID, emit: @Sendable (ArchiveRecord) async throws -> Void
  ) async throws {
    try await emit(.user(name: user.name))
    let export = ThreadExport(user: user, assistantName: assistantName)
    for id in try await run({ try export.threads($0) }) {
      guard let thread = try await run({ try export.thread(id, $0) }) else { continue }
      try await emit(.thread(thread))
      var progress = ThreadExport.Progress()
      while !progress.isDone {
        let (records, next) = try await run { [progress] in
          try export.steps(of: id, after: progress, $0)
        }
        for record in records { try await emit(.step(record)) }
        progress = next
      }
      for element in try await run({ try export.elements(of: id, $0) }) {
        let record = try await run { try export.element(element, of: id, $0) }
        if let record { try await emit(.element(record)) }
      }
    }
  }
}

/// Reads what an export is made of.
private struct ThreadExport: Sendable {
  let user: UserID
  let assistantName: String

  /// How far the steps of a thread have been read.
  struct Progress: Sendable {
    var position: UInt64 = 0
    var lastRowTime: Int64?
    var isDone = false
  }

  private static let stepCount = 200

  func threads(_ connection: MySQLConnection) throws -> [ConversationID] {
    let rows = try connection.query(
      "SELECT t.id FROM Thread t WHERE \(Owner.condition) ORDER BY t.createdAt, t.id",
      Owner.values(user))
    return try rows.compactMap { ConversationID(try $0.text(0)) }
  }

  func thread(_ id: ConversationID, _ connection: MySQLConnection) throws -> ThreadRecord? {
    let rows = try connection.query(
      """
      SELECT t.name, t.createdAt, t.lastActivity, \(columns(ForeignColumns.thread, of: "t"))
      FROM Thread t WHERE t.id = ? AND \(Owner.condition)
      """, [.text(id.description)] + Owner.values(user))
    guard let row = rows.first else { return nil }
    let lastActivity = Timestamp(microseconds: try row.dateTimeOrNil(2)?.microseconds ?? 0)
    let createdAt = try row.dateTimeOrNil(1)?.microseconds
    let notes = try ThreadRow.notes(tags: row.textOrNil(3), metadata: row.textOrNil(4))
    let record = ThreadRecord(
      id: id, name: try row.textOrNil(0),
      createdAt: createdAt.map { Timestamp(microseconds: $0) } ?? lastActivity,
      lastActivity: lastActivity, notes: notes == ThreadNotes() ? nil : notes)
    let foreign = ForeignColumns.row(ForeignColumns.thread, row.values.dropFirst(3))
    return ForeignColumns.areSame(foreign, ThreadRow.columns(of: record))
      ? record : record.with(foreign)
  }

  func steps(
    of thread: ConversationID, after progress: Progress, _ connection: MySQLConnection
  ) throws -> ([StepRecord], Progress) {
    let rows = try connection.query(
      """
      SELECT \(StepRow.readColumns), s.position, s.rewound, f.value, f.comment,
        \(columns(ForeignColumns.step, of: "s"))
      FROM Step s LEFT JOIN Feedback f ON f.stepId = s.id AND f.name = '\(FeedbackRow.name)'
      WHERE s.threadId = ? AND s.position > ? ORDER BY s.position LIMIT \(Self.stepCount)
      """, [.text(thread.description), .unsigned(progress.position)], each: ExportedStep.init(row:))
    var next = progress
    let records = rows.compactMap { row -> StepRecord? in
      next.position = row.position
      let lastRowTime = next.lastRowTime
      next.lastRowTime = row.time
      guard let id = row.id else { return nil }
      let own = row.message.map { message in
        StepRow(message, user: user, assistantName: assistantName)
          .foreign(at: message.rowTime(after: lastRowTime))
      }
      return StepRecord(
        thread: thread, id: id, message: row.message, isRewound: row.isRewound,
        feedback: row.feedback, row: ForeignColumns.areSame(row.foreign, own) ? nil : row.foreign)
    }
    next.isDone = rows.count < Self.stepCount
    return (records, next)
  }

  func elements(of thread: ConversationID, _ connection: MySQLConnection) throws -> [String] {
    try connection.query(
      "SELECT e.id FROM Element e WHERE e.threadId = ? ORDER BY e.createdAt, e.id",
      [.text(thread.description)]
    ).map { try $0.text(0) }
  }

  func element(
    _ id: String, of thread: ConversationID, _ connection: MySQLConnection
  ) throws -> ElementRecord? {
    let rows = try connection.query(
      """
      SELECT \(ElementRow.columns), e.content, \(columns(ForeignColumns.element, of: "e"))
      FROM Element e WHERE e.id = ?
      """, [.text(id)])
    guard let row = rows.first, let element = try ElementRow.element(from: row, hasContent: true)
    else { return nil }
    let foreign = ForeignColumns.row(ForeignColumns.element, row.values.dropFirst(9))
    return ElementRecord(
      thread: thread, element: element,
      row: ForeignColumns.areSame(foreign, ElementRow.foreign(element)) ? nil : foreign)
  }

  private func columns(_ names: [String], of table: String) -> String {
    names.map { "\(table).\($0)" }.joined(separator: ", ")
  }
}

/// A row of the statement that reads steps.
private struct ExportedStep {
  let id: MessageID?
  let message: Message?
  let time: Int64?
  let position: UInt64
  let isRewound: Bool
  let feedback: Feedback?
  let foreign: ForeignRow

  init(row: borrowing FetchedRow) throws(MySQLError) {
    id = MessageID(try row.text(0))
    message = try StepRow.message(from: row)
    time = try row.dateTimeOrNil(3)?.microseconds
    position = UInt64(try row.integer(7))
    isRewound = try row.integer(8) != 0
    let value = row.value(9)
    feedback =
      value == .null
      ? nil : Feedback(value: FeedbackRow.value(value), comment: try row.textOrNil(10))
    let names = ForeignColumns.step
    foreign = ForeignColumns.row(names, names.indices.map { row.value(11 + $0) })
  }
}

extension ThreadRecord {
  fileprivate func with(_ row: ForeignRow) -> ThreadRecord {
    var record = self
    record.row = row
    return record
  }
}

extension StepRow {
  /// The columns as ``values(in:at:)`` writes them.
  fileprivate func foreign(at rowTime: Int64) -> ForeignRow {
    let names = Self.columns.split(separator: ",").map { $0.filter { $0 != " " } }
    var row: ForeignRow = ["parentId": .null, "input": .null]
    for (name, value) in zip(names, values(in: ConversationID(UUID()), at: rowTime)) {
      row[name] = ForeignValue(value)
    }
    row["id"] = nil
    row["threadId"] = nil
    row["tags"] = .text("{}")
    row["feedback"] = .text("{}")
    return row
  }
}
