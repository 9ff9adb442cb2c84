/// What a statement gave: a collection of rows, and what the server counted.
public struct MySQLResult: Sendable {
  /// The names of the columns, in order; empty for a statement that gives no rows.
  public let columns: [String]
  /// How many rows an INSERT, UPDATE or DELETE found: for an UPDATE those that it matched, whether
  /// it changed them or not.
  public let affectedRowCount: UInt64
  /// The number that AUTO_INCREMENT gave to the first row inserted; 0 when there is none.
  public let firstInsertID: UInt64
  /// How many warnings the server has; ``MySQLConnection/warnings()`` reads them.
  public let warningCount: Int

  let values: [MySQLValue]

  init(
    columns: [String], values: [MySQLValue], affectedRowCount: UInt64 = 0,
    firstInsertID: UInt64 = 0, warningCount: Int = 0
  ) {
    self.columns = columns
    self.values = values
    self.affectedRowCount = affectedRowCount
    self.firstInsertID = firstInsertID
    self.warningCount = warningCount
  }
}

extension MySQLResult: RandomAccessCollection {
  /// Position of the first row.
  public var startIndex: Int { 0 }
  /// Position behind the last row.
  public var endIndex: Int { columns.isEmpty ? 0 : values.count / columns.count }
  /// One row. O(1).
  public subscript(position: Int) -> MySQLRow {
    let start = position * columns.count
    return MySQLRow(columns: columns, values: values[start..<start + columns.count])
  }
}

extension MySQLResult: CustomStringConvertible {
  /// The columns and how many rows there are; no value.
  public var description: String {
    columns.isEmpty
      ? "\(affectedRowCount) rows affected"
      : "\(count) rows of (\(columns.joined(separator: ", ")))"
  }
}

/// All that a statement gave, which may have several results: a `CALL`.
public struct MySQLProcedureResult: Sendable {
  /// One for each statement of the procedure that gives rows, in order.
  public internal(set) var results: [MySQLResult] = []
  /// The values of OUT and INOUT parameters that were given as `?`, in order; nil without any.
  public internal(set) var outParameters: MySQLRow?
  /// What the server counted for the call itself: the rows that its last statement affected, and
  /// the warnings.
  public internal(set) var outcome = MySQLResult(columns: [], values: [])

  /// The first result with rows; without one, the outcome.
  var first: MySQLResult { results.first ?? outcome }
}

/// One of the server's warnings, or a note.
public struct MySQLWarning: Sendable, Hashable, CustomStringConvertible {
  /// `Note`, `Warning` or `Error`.
  public let level: String
  /// The number, as of an error.
  public let errno: UInt32
  /// The server's own words. They may quote a value: not for a log.
  public let message: String

  /// What ``MySQLError`` would say: no value in it.
  public var description: String {
    "\(level) \(errno): \(MySQLError.words(message, errno: errno, sqlState: nil))"
  }
}
