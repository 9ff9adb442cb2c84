public import SessionCore

extension MySQLArchive {
  /// Keeps a file in a thread; its content goes into the row, up to what the server takes
  /// (`max_allowed_packet`).
  public func attach(
    _ element: ArchiveElement, to thread: ConversationID, of user: UserID
  ) async throws {
    try await write { connection in
      try connection.transaction {
        try connection.lock(thread, of: user)
        if let holder = try ElementRow.thread(of: element.id, on: connection) {
          if holder == thread.description { return }
          throw ArchiveError.idTaken
        }
        if let message = element.message {
          let found = try connection.execute(
            "SELECT 1 FROM Step s WHERE s.id = ? AND s.threadId = ?",
            [.text(message.description), .text(thread.description)])
          if found.isEmpty { throw ArchiveError.notFound }
        }
        try ElementRow.insert(element, nil, in: thread, on: connection)
      }
    }
  }

  /// The files of a thread, oldest first, without their content. One statement.
  public func elements(
    in thread: ConversationID, of user: UserID
  ) async throws -> [ArchiveElement] {
    try await run { connection in
      let rows = try connection.query(
        """
        SELECT \(ElementRow.columns) FROM Element e JOIN Thread t ON t.id = e.threadId
        WHERE e.threadId = ? AND \(Owner.condition) ORDER BY e.createdAt, e.id
        """, [.text(thread.description)] + Owner.values(user))
      return try rows.compactMap { try ElementRow.element(from: $0, hasContent: false) }
    }
  }

  /// One file, with its content. One statement.
  public func element(
    _ id: ElementID, in thread: ConversationID, of user: UserID
  ) async throws -> ArchiveElement? {
    try await run { connection in
      let rows = try connection.query(
        """
        SELECT \(ElementRow.columns), e.content FROM Element e JOIN Thread t ON t.id = e.threadId
        WHERE e.id = ? AND e.threadId = ? AND \(Owner.condition)
        """, [.text(id.description), .text(thread.description)] + Owner.values(user))
      return try rows.first.flatMap { try ElementRow.element(from: $0, hasContent: true) }
    }
  }
}
