public import SessionCore

extension MySQLArchive {
  /// Counts the threads that no user owns: the original application without a login writes such.
  /// Changes nothing. Reads the index of owners, and of the threads found the messages.
  ///
  /// - Parameter name: Only those whose questions all bear this name; nil for all.
  public func ownerlessThreads(named name: String? = nil) async throws -> AdoptionCounts {
    try await run { connection in
      try connection.count(ownerless: try connection.ownerless(name, locking: false))
    }
  }

  /// Gives the threads that no user owns to `user`, in one transaction. Messages, times and names
  /// stay. Doing it again gives what has come since.
  ///
  /// - Parameters:
  ///   - user: Who owns them from now on. The row of the user is made when it is not there.
  ///   - name: Only those whose questions all bear this name; nil for all.
  /// - Returns: What was given.
  public func adopt(by user: UserID, named name: String? = nil) async throws -> AdoptionCounts {
    try await runBulk { connection in
      try connection.transaction {
        let threads = try connection.ownerless(name, locking: true)
        if threads.isEmpty { return AdoptionCounts(threads: 0, messages: 0) }
        let now = MySQLValue(microseconds: Timestamp.now().columnMicroseconds)
        let id = try UserRow.id(of: user.name, createdAt: now, on: connection)
        for start in stride(from: 0, to: threads.count, by: 256) {
          let part = threads[start..<min(start + 256, threads.count)]
          try connection.execute(
            """
            UPDATE Thread t SET t.userIdentifier = ?, t.userId = ? WHERE t.id IN \(list(part.count))
            """, [.text(user.name), .text(id)] + padded(part.map { .text($0) }))
        }
        return try connection.count(ownerless: threads)
      }
    }
  }
}

extension MySQLConnection {
  /// The ids of threads whose owner is told neither by themselves nor by the row of a user.
  fileprivate func ownerless(_ name: String?, locking: Bool) throws -> [String] {
    let asked =
      name == nil
      ? ""
      : """
      AND EXISTS (SELECT 1 FROM Step s WHERE s.threadId = t.id AND s.type = 'user_message')
      AND NOT EXISTS (SELECT 1 FROM Step s WHERE s.threadId = t.id AND s.type = 'user_message'
        AND COALESCE(s.name, '') <> ?)
      """
    return try query(
      """
      SELECT t.id FROM Thread t WHERE t.userIdentifier IS NULL
      AND NOT EXISTS (SELECT 1 FROM `User` u WHERE u.id = t.userId) \(asked)
      ORDER BY t.id \(locking ? "FOR UPDATE" : "")
      """, name.map { [.text($0)] } ?? []
    ).map { try $0.text(0) }
  }

  fileprivate func count(ownerless threads: [String]) throws -> AdoptionCounts {
    var messages = 0
    for start in stride(from: 0, to: threads.count, by: 256) {
      let part = threads[start..<min(start + 256, threads.count)]
      let row = try query(
        """
        SELECT COUNT(*) FROM Step s WHERE s.threadId IN \(list(part.count))
        AND \(StepType.isLiving)
        """, padded(part.map { .text($0) }))[0]
      messages += Int(try row.integer(0))
    }
    return AdoptionCounts(threads: threads.count, messages: messages)
  }
}
