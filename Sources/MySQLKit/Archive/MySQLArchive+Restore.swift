public import SessionCore

extension MySQLArchive {
  /// Takes in records, as the user's, in one transaction.
  public func restore(
    _ records: [ArchiveRecord], of user: UserID
  ) async throws -> RestoreCounts {
    try await runBulk { [assistantName] connection in
      try connection.transaction {
        var restore = Restore(user: user, assistantName: assistantName, connection: connection)
        for record in records { try restore.take(record) }
        return restore.counts
      }
    }
  }
}

/// A restore on its way.
private struct Restore {
  let user: UserID
  let assistantName: String
  let connection: MySQLConnection
  private(set) var counts = RestoreCounts()
  /// The threads whose rows are locked and the user's, with the row time of their last step.
  private var lastRowTimes: [ConversationID: Int64?] = [:]

  init(user: UserID, assistantName: String, connection: MySQLConnection) {
    self.user = user
    self.assistantName = assistantName
    self.connection = connection
  }

  mutating func take(_ record: ArchiveRecord) throws {
    switch record {
    case .user: break
    case .thread(let record): try take(record)
    case .step(let record): try take(record)
    case .element(let record): try take(record)
    }
  }

  private mutating func take(_ record: ThreadRecord) throws {
    let id = MySQLValue.text(record.id.description)
    let createdAt = MySQLValue(microseconds: record.createdAt.columnMicroseconds)
    let userID = try UserRow.id(of: user.name, createdAt: createdAt, on: connection)
    // As it is: one that another program wrote may have white space at its ends.
    if record.name?.unicodeScalars.count ?? 0 > ThreadName.characterCountMax {
      throw ArchiveError(
        code: .tooLarge, reason: "a name has at most \(ThreadName.characterCountMax) characters")
    }
    let made = try connection.execute(
      """
      INSERT INTO Thread (id, name, userId, userIdentifier, tags, metadata, createdAt, updatedAt)
      SELECT ?, ?, ?, ?, ?, ?, ?, ? FROM (SELECT 1) one
      WHERE NOT EXISTS (SELECT 1 FROM Thread x WHERE x.id = ?)
      """,
      [id, MySQLValue(record.name), .text(userID), .text(user.name)]
        + ForeignColumns.values(
          ForeignColumns.thread, of: record.row ?? ThreadRow.columns(of: record)) + [id])
    if made.affectedRowCount == 1 { counts.threads += 1 } else { counts.known += 1 }
    do {
      try lock(record.id)
    } catch let error as ArchiveError where error.code == .notFound {
      throw ArchiveError.idTaken
    }
  }

  private mutating func take(_ record: StepRecord) throws {
    guard record.message?.id ?? record.id == record.id else {
      throw ArchiveError(code: .refused, reason: "a step and its message have two ids")
    }
    try lock(record.thread)
    let holder = try connection.execute(
      "SELECT s.threadId FROM Step s WHERE s.id = ?", [.text(record.id.description)])
    if let row = holder.first {
      guard try row.text(0) == record.thread.description else { throw ArchiveError.idTaken }
      counts.known += 1
      return
    }
    if let row = record.row {
      try insert(record, row)
    } else if let message = record.message {
      let time = message.rowTime(after: lastRowTimes[record.thread] ?? nil)
      try connection.execute(
        "INSERT INTO Step (\(StepRow.columns)) VALUES \(StepRow.placeholders)",
        StepRow(message, user: user, assistantName: assistantName)
          .values(in: record.thread, at: time))
      lastRowTimes[record.thread] = .some(time)
    } else {
      throw ArchiveError(code: .refused, reason: "a step holds neither a message nor a row")
    }
    counts.steps += 1
    try addFlags(of: record)
  }

  private mutating func insert(_ record: StepRecord, _ row: ForeignRow) throws {
    let columns = ForeignColumns.step
    let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
    try connection.execute(
      "INSERT INTO Step (id, threadId, \(columns.joined(separator: ", "))) VALUES (?, ?, \(marks))",
      [.text(record.id.description), .text(record.thread.description)]
        + ForeignColumns.values(columns, of: row))
    if case .integer(let time)? = row["createdAt"] { lastRowTimes[record.thread] = .some(time) }
  }

  private func addFlags(of record: StepRecord) throws {
    if record.isRewound == true {
      try connection.execute(
        "UPDATE Step SET rewound = 1 WHERE id = ?", [.text(record.id.description)])
    }
    if let feedback = record.feedback {
      try FeedbackRow.set(feedback, on: record.id, connection)
    }
  }

  private mutating func take(_ record: ElementRecord) throws {
    try lock(record.thread)
    if let holder = try ElementRow.thread(of: record.element.id, on: connection) {
      guard holder == record.thread.description else { throw ArchiveError.idTaken }
      counts.known += 1
      return
    }
    try ElementRow.insert(record.element, record.row, in: record.thread, on: connection)
    counts.elements += 1
  }

  /// Makes sure that a thread is the user's, and that nobody appends to it meanwhile.
  private mutating func lock(_ thread: ConversationID) throws {
    if lastRowTimes[thread] != nil { return }
    try connection.lock(thread, of: user)
    let last = try connection.execute(
      "SELECT s.createdAt FROM Step s WHERE s.threadId = ? ORDER BY s.position DESC LIMIT 1",
      [.text(thread.description)])
    lastRowTimes[thread] = .some(try last.first?.dateTimeOrNil(0)?.microseconds)
  }
}
