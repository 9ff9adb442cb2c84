public import SessionCore

extension MySQLArchive {
  /// A page of those of a user's threads that `filter` lets through, last activity first. One
  /// statement, from an index.
  public func threads(
    of user: UserID, matching filter: ThreadFilter, page: PageRequest
  ) async throws -> Page<ThreadSummary> {
    let after = try page.cursor.map(ThreadCursor.init(reading:))
    return try await run { connection in
      let rows = try connection.threads(
        of: user, matching: filter, after: after, limit: page.limit + 1)
      let shown = rows.prefix(page.limit)
      let next = rows.count > page.limit ? try shown.last.map(ThreadCursor.init(row:)) : nil
      return Page(
        elements: try shown.compactMap(ThreadRow.summary(from:)),
        next: next.map { $0.cursor })
    }
  }
}

extension MySQLConnection {
  /// The rows of a user's threads, last activity first.
  func threads(
    of user: UserID, matching filter: ThreadFilter = ThreadFilter(), after: ThreadCursor?,
    limit: Int
  ) throws -> MySQLResult {
    let limit = MySQLValue.integer(Int64(limit))
    let filter = filter.sql
    let conditions = (after == nil ? "" : "AND \(ThreadCursor.condition) ") + filter.condition
    let values = (after.map { $0.values } ?? []) + filter.values + [limit]
    // Threads of Chainlit's may name their owner by the row of the user alone.
    return try query(
      """
      SELECT \(ThreadRow.columns) FROM (
        (SELECT t.id, t.name, t.createdAt, t.lastActivity FROM Thread t
          WHERE t.userIdentifier = ? \(conditions)
          ORDER BY t.lastActivity DESC, t.id DESC LIMIT ?)
        UNION ALL
        (SELECT t.id, t.name, t.createdAt, t.lastActivity FROM Thread t
          WHERE t.userId = (SELECT u.id FROM `User` u WHERE u.identifier = ?)
          AND t.userIdentifier IS NULL \(conditions)
          ORDER BY t.lastActivity DESC, t.id DESC LIMIT ?)
      ) t ORDER BY t.lastActivity DESC, t.id DESC LIMIT ?
      """, [.text(user.name)] + values + [.text(user.name)] + values + [limit])
  }
}

extension ThreadFilter {
  /// The filter as a condition on a thread `t`, and its values.
  fileprivate var sql: (condition: String, values: [MySQLValue]) {
    var condition = ""
    var values: [MySQLValue] = []
    if let feedback {
      // Thread by thread, from the newest: MySQL would begin with all judgements of all users. To
      // MariaDB the hint is a comment.
      condition += """
         AND EXISTS (SELECT /*+ NO_SEMIJOIN() */ 1 FROM Step j JOIN Feedback f ON f.stepId = j.id WHERE j.threadId = t.id
        AND f.name = '\(FeedbackRow.name)' AND f.value \(FeedbackRow.comparison(feedback)))
        """
    }
    if let isFavourite {
      condition += """
         AND COALESCE(JSON_CONTAINS(t.metadata, 'true', '$.favourite'), 0) = \(isFavourite ? 1 : 0)
        """
    }
    if let tag {
      condition += " AND JSON_CONTAINS(t.tags, ?)"
      values.append(.text(JSONObjectText.quoted(tag)))
    }
    return (condition, values)
  }
}
