public import SessionCore

extension MySQLArchive {
  /// Judges a message, or takes the judgement back.
  public func setFeedback(
    _ feedback: Feedback?, on message: MessageID, in thread: ConversationID, of user: UserID
  ) async throws {
    try await write { connection in
      let found = try connection.query(
        """
        SELECT 1 FROM Step s JOIN Thread t ON t.id = s.threadId
        WHERE s.id = ? AND s.threadId = ? AND \(StepType.isMessage) AND \(Owner.condition)
        """, [.text(message.description), .text(thread.description)] + Owner.values(user))
      if found.isEmpty { throw ArchiveError.notFound }
      guard let feedback else {
        try connection.execute(
          "DELETE FROM Feedback WHERE stepId = ? AND name = '\(FeedbackRow.name)'",
          [.text(message.description)])
        return
      }
      try FeedbackRow.set(feedback, on: message, connection)
    }
  }

  /// The judgements in a thread, by message. One statement.
  public func feedback(
    in thread: ConversationID, of user: UserID
  ) async throws -> [MessageID: Feedback] {
    try await run { connection in
      let rows = try connection.query(
        """
        SELECT f.stepId, f.value, f.comment FROM Thread t JOIN Step s ON s.threadId = t.id
        JOIN Feedback f ON f.stepId = s.id AND f.name = '\(FeedbackRow.name)'
        WHERE t.id = ? AND \(Owner.condition)
        """, [.text(thread.description)] + Owner.values(user))
      var feedback: [MessageID: Feedback] = [:]
      for row in rows {
        guard let id = MessageID(try row.text(0)) else { continue }
        feedback[id] = Feedback(
          value: FeedbackRow.value(try row.value(1)), comment: try row.textOrNil(2))
      }
      return feedback
    }
  }

  /// What is noted of a thread. One statement.
  public func notes(on thread: ConversationID, of user: UserID) async throws -> ThreadNotes {
    try await run { connection in
      let rows = try connection.query(
        "SELECT t.tags, t.metadata FROM Thread t WHERE t.id = ? AND \(Owner.condition)",
        [.text(thread.description)] + Owner.values(user))
      guard let row = rows.first else { throw ArchiveError.notFound }
      return try ThreadRow.notes(tags: row.textOrNil(0), metadata: row.textOrNil(1))
    }
  }

  /// Replaces what is noted of a thread; what others keep in its metadata stays.
  public func setNotes(
    _ notes: ThreadNotes, on thread: ConversationID, of user: UserID
  ) async throws {
    try await write { connection in
      let metadata =
        notes.isFavourite
        ? "JSON_SET(COALESCE(t.metadata, '{}'), '$.favourite', TRUE)"
        : "JSON_REMOVE(COALESCE(t.metadata, '{}'), '$.favourite')"
      let result = try connection.execute(
        """
        UPDATE Thread t SET t.tags = ?, t.metadata = \(metadata)
        WHERE t.id = ? AND \(Owner.condition)
        """,
        [.text(ThreadRow.tags(notes)), .text(thread.description)] + Owner.values(user))
      if result.affectedRowCount == 0 { throw ArchiveError.notFound }
    }
  }
}
