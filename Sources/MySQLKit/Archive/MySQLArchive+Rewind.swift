public import SessionCore

extension MySQLArchive {
  /// Takes back what was said after `last`: marks it, in one transaction, and erases nothing.
  public func rewind(
    _ thread: ConversationID, of user: UserID, to last: MessageID
  ) async throws -> Int {
    try await write { connection in
      try connection.transaction {
        try connection.lock(thread, of: user)
        let position = try connection.position(of: last, in: thread)
        let around = try connection.placedSteps(
          of: .text(thread.description), where: StepType.isLiving, [], around: position,
          before: ArrivalOrder.margin, after: ArrivalOrder.margin, columns: ("s.id", 1)
        ) { (row) throws(MySQLError) in try row.text(0) }
        let later = around.drop { $0.row.position != position }.dropFirst().map(\.row.position)
        let end = around.map(\.row.position).max() ?? position
        let marked = try connection.execute(
          """
          UPDATE Step s SET s.rewound = 1 WHERE s.threadId = ? AND \(StepType.isLiving)
          AND (s.position > ? OR s.position IN \(list(later.count)))
          """,
          [.text(thread.description), .unsigned(end)]
            + (later.isEmpty ? [.null] : padded(later.map { .unsigned($0) })))
        return Int(marked.affectedRowCount)
      }
    }
  }
}

extension MySQLConnection {
  /// Locks the row of a user's thread until the end of the transaction.
  func lock(_ thread: ConversationID, of user: UserID) throws {
    let found = try execute(
      "SELECT t.id FROM Thread t WHERE t.id = ? AND \(Owner.condition) FOR UPDATE",
      [.text(thread.description)] + Owner.values(user))
    if found.isEmpty { throw ArchiveError.notFound }
  }

  /// The position of a message of a thread that was not rewound.
  func position(of message: MessageID, in thread: ConversationID) throws -> UInt64 {
    let found = try execute(
      """
      SELECT s.position FROM Step s WHERE s.id = ? AND s.threadId = ? AND \(StepType.isLiving)
      """, [.text(message.description), .text(thread.description)])
    guard let row = found.first else { throw ArchiveError.notFound }
    return UInt64(try row.integer(0))
  }
}
