extension MySQLConnection {
  /// Reads a result of any size row by row, as the rows come: memory holds one of them, and the
  /// server waits for `body`. `body` must not use the connection. The statement is sent once. When
  /// `body` throws, the rest is read and dropped, for as long as the call may take.
  public func forEachRow(
    _ sql: String, _ parameters: [MySQLValue] = [], _ body: (MySQLRow) throws -> Void
  ) throws {
    var failure: (any Error)?
    do {
      try fetch(sql, parameters) { (row) throws(MySQLError) in
        var values: [MySQLValue] = []
        values.reserveCapacity(row.columns.count)
        row.append(to: &values)
        do {
          try body(MySQLRow(columns: row.columns, values: values[...]))
        } catch {
          failure = error
          throw MySQLError(code: .interrupted, reason: "the reader of the rows left")
        }
      }
    } catch {
      throw failure ?? error
    }
  }

  /// The server's warnings about the statement before, in order.
  public func warnings() throws -> [MySQLWarning] {
    try query("SHOW WARNINGS").map { row in
      MySQLWarning(
        level: try row[0, as: String.self], errno: try row[1, as: UInt32.self],
        message: try row[2, as: String.self])
    }
  }

  /// Inserts many rows, many with each statement, all or none of them.
  ///
  /// - Parameters:
  ///   - table: A table of the default database. It is quoted, as the columns are.
  ///   - rows: A value for each column; may be of any number.
  ///   - updatesDuplicates: Whether a row whose key is there already updates that row instead of
  ///     being an error. The server then counts it as two.
  /// - Returns: How many rows the server counted, and the first number that AUTO_INCREMENT gave.
  @discardableResult
  public func insert(
    into table: String, columns: [String], rows: [[MySQLValue]], updatesDuplicates: Bool = false
  ) throws -> MySQLResult {
    if let wrong = rows.firstIndex(where: { $0.count != columns.count }) {
      throw MySQLError(
        code: .unexpectedValue,
        reason: "row \(wrong) has \(rows[wrong].count) values for \(columns.count) columns")
    }
    guard !rows.isEmpty, !columns.isEmpty else { return MySQLResult(columns: [], values: []) }
    return try transaction {
      var affectedRowCount: UInt64 = 0
      var firstInsertID: UInt64 = 0
      var rest = rows[...]
      while !rest.isEmpty {
        let part = rest.prefix(rowCount(of: rest, columnCount: columns.count))
        rest = rest.dropFirst(part.count)
        let result = try execute(
          insertion(table, columns, part.count, updatesDuplicates), part.flatMap(\.self))
        affectedRowCount += result.affectedRowCount
        if firstInsertID == 0 { firstInsertID = result.firstInsertID }
      }
      return MySQLResult(
        columns: [], values: [], affectedRowCount: affectedRowCount, firstInsertID: firstInsertID)
    }
  }

  /// How many rows the next statement takes: a power of two, so that there are few different
  /// statements to prepare, and no more than about 1 MiB or what the server takes.
  private func rowCount(of rows: ArraySlice<[MySQLValue]>, columnCount: Int) -> Int {
    let byteCountMax = min(1 << 20, packetByteCountMax / 2)
    var byteCount = 0
    // A statement has at most 65,535 parameters.
    let fitting = rows.prefix(max(1, min(256, 65_535 / columnCount))).prefix { row in
      byteCount += row.reduce(0) { $0 + $1.byteCount }
      return byteCount <= byteCountMax
    }
    let count = max(1, fitting.count)
    return 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
  }

  private func insertion(
    _ table: String, _ columns: [String], _ rowCount: Int, _ updatesDuplicates: Bool
  ) -> String {
    let names = columns.map(quoted)
    let row = "(" + repeatElement("?", count: columns.count).joined(separator: ",") + ")"
    let rows = repeatElement(row, count: rowCount).joined(separator: ",")
    let update = names.map { "\($0) = VALUES(\($0))" }.joined(separator: ",")
    return "INSERT INTO \(quoted(table)) (\(names.joined(separator: ","))) VALUES \(rows)"
      + (updatesDuplicates ? " ON DUPLICATE KEY UPDATE \(update)" : "")
  }

  private func quoted(_ name: String) -> String {
    "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
  }
}
