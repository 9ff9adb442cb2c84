/// The prepared statements of one connection, by their text; beyond the limit, the one that was
/// used longest ago goes.
struct StatementCache {
  private struct Entry {
    let statement: PreparedStatement
    var lastUse: UInt64
  }

  private let countMax: Int
  private var entries: [String: Entry] = [:]
  private var useCount: UInt64 = 0

  init(countMax: Int) { self.countMax = countMax }

  /// The statement of this text, prepared now if it is not yet (one round trip).
  mutating func statement(
    _ sql: String, on handle: MySQLHandle
  ) throws(MySQLError) -> PreparedStatement {
    useCount += 1
    if let index = entries.index(forKey: sql) {
      entries.values[index].lastUse = useCount
      return entries.values[index].statement
    }
    let statement = try handle.prepare(sql)
    if entries.count >= countMax,
      let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
    {
      entries[oldest] = nil
    }
    if countMax > 0 { entries[sql] = Entry(statement: statement, lastUse: useCount) }
    return statement
  }

  /// Closes the statement of this text on the server, if it is held.
  mutating func remove(_ sql: String) { entries[sql] = nil }
}
