import SessionCore

/// The prepared statements of one connection, by their text; beyond the limit, the least recently
/// used one leaves.
struct StatementCache {
  // Statements do not grow old: all is at one moment.
  private static let now = Timestamp(milliseconds: 0)

  private var statements: LRUCache<String, PreparedStatement>?

  /// An empty cache; with a `capacity` of 0 it keeps nothing.
  init(capacity: Int) {
    statements = capacity > 0 ? LRUCache(capacity: capacity, timeToLive: .zero) : nil
  }

  /// The statement of this text, prepared now if it is not yet (one round trip).
  mutating func statement(
    _ sql: String, on handle: MySQLHandle
  ) throws(MySQLError) -> PreparedStatement {
    if let statement = statements?.value(for: sql, at: Self.now) { return statement }
    let statement = try handle.prepare(sql)
    // Nothing is pinned, so there is always room.
    _ = try? statements?.insert(statement, for: sql, at: Self.now)
    return statement
  }

  /// Closes the statement of this text on the server, if it is held.
  mutating func remove(_ sql: String) { statements?.remove(sql, at: Self.now) }
}
