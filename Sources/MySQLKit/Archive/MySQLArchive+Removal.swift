public import SessionCore

extension MySQLArchive {
  /// Removes a user and everything of the user, in one transaction, or only counts. Steps of the
  /// user's whose thread was never written go too: finding them reads the whole table.
  public func forget(_ user: UserID, dryRun: Bool) async throws -> DeletionCounts {
    try await runBulk(onlyReads: dryRun) { connection in
      try connection.transaction {
        let lock = dryRun ? "" : "FOR UPDATE"
        let threads = try connection.execute(
          "SELECT t.id FROM Thread t WHERE \(Owner.condition) \(lock)", Owner.values(user)
        ).map { try $0.text(0) }
        let unwritten = try connection.execute(
          """
          SELECT DISTINCT s.threadId FROM Step s LEFT JOIN Thread t ON t.id = s.threadId
          WHERE s.name = ? AND s.type = 'user_message' AND t.id IS NULL
          """, [.text(user.name)]
        ).map { try $0.text(0) }
        let counts = try connection.counts(of: threads + unwritten)
        if !dryRun {
          try connection.delete(threads + unwritten)
          try connection.execute(
            "DELETE FROM `User` WHERE identifier = ?", [.text(user.name)])
        }
        return DeletionCounts(
          threads: threads.count, steps: counts.steps, elements: counts.elements,
          feedbacks: counts.feedbacks)
      }
    }
  }

  /// Removes the threads in which nothing was said since `moment`, some at a time, each time in one
  /// transaction; or only counts. Favourites stay.
  ///
  /// What counts is the thread's own word and its last step: Chainlit writes steps and leaves the
  /// thread's row as it is.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool,
    progress: @Sendable (DeletionCounts) async -> Void
  ) async throws -> DeletionCounts {
    var counts = DeletionCounts(threads: 0, steps: 0, elements: 0, feedbacks: 0)
    let time = MySQLValue(microseconds: moment.columnMicroseconds)
    var last = ""
    while true {
      let (part, next) = try await runBulk(onlyReads: dryRun) { [last] connection in
        try connection.transaction {
          let threads = try connection.execute(
            """
            SELECT t.id FROM Thread t WHERE t.id > ? AND t.lastActivity < ?
            AND COALESCE((SELECT s.createdAt FROM Step s WHERE s.threadId = t.id
              ORDER BY s.position DESC LIMIT 1), t.lastActivity) < ?
            AND COALESCE(JSON_CONTAINS(t.metadata, 'true', '$.favourite'), 0) = 0
            ORDER BY t.id LIMIT 50 \(dryRun ? "" : "FOR UPDATE")
            """, [.text(last), time, time]
          ).map { try $0.text(0) }
          let part = try connection.counts(of: threads)
          if !dryRun { try connection.delete(threads) }
          return (part, threads.last)
        }
      }
      guard let next else { return counts }
      counts = counts + part
      await progress(counts)
      last = next
    }
  }
}

extension MySQLConnection {
  /// How many rows belong to these threads.
  func counts(of threads: [String]) throws -> DeletionCounts {
    var counts = DeletionCounts(threads: 0, steps: 0, elements: 0, feedbacks: 0)
    for part in parts(of: threads) {
      let ids = padded(part.map { .text($0) })
      let marks = list(part.count)
      let rows = try execute(
        """
        SELECT (SELECT COUNT(*) FROM Step s WHERE s.threadId IN \(marks)),
          (SELECT COUNT(*) FROM Element e WHERE e.threadId IN \(marks)),
          (SELECT COUNT(*) FROM Step s JOIN Element e ON e.threadId IS NULL AND e.forId = s.id
            WHERE s.threadId IN \(marks)),
          (SELECT COUNT(*) FROM Step s JOIN Feedback f ON f.stepId = s.id
            WHERE s.threadId IN \(marks))
        """, ids + ids + ids + ids)
      guard let row = rows.first else { continue }
      counts =
        counts
        + DeletionCounts(
          threads: part.count, steps: Int(try row.integer(0)),
          elements: Int(try row.integer(1) + row.integer(2)), feedbacks: Int(try row.integer(3)))
    }
    return counts
  }

  /// Removes threads, and all that belongs to them: what ``counts(of:)`` counts. Call it in a
  /// transaction.
  func delete(_ threads: [String]) throws {
    for part in parts(of: threads) {
      let ids = padded(part.map { .text($0) })
      let marks = list(part.count)
      for statement in [
        "DELETE f FROM Step s JOIN Feedback f ON f.stepId = s.id WHERE s.threadId IN \(marks)",
        """
        DELETE e FROM Step s JOIN Element e ON e.threadId IS NULL AND e.forId = s.id
        WHERE s.threadId IN \(marks)
        """,
        "DELETE FROM Element WHERE threadId IN \(marks)",
        "DELETE FROM Step WHERE threadId IN \(marks)",
        "DELETE FROM Thread WHERE id IN \(marks)",
      ] { try execute(statement, ids) }
    }
  }

  private func parts(of threads: [String]) -> [ArraySlice<String>] {
    stride(from: 0, to: threads.count, by: 256).map { start in
      threads[start..<min(start + 256, threads.count)]
    }
  }
}
