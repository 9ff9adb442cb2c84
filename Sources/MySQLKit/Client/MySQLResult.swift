/// What a statement gave.
public struct MySQLResult: Sendable {
  /// The names of the columns, in order; empty for a statement that gives no rows.
  public let columns: [String]
  /// How many rows an INSERT, UPDATE or DELETE found: for an UPDATE those that it matched, whether
  /// it changed them or not.
  public let affectedRowCount: UInt64
  /// The number that AUTO_INCREMENT gave to the first row inserted; 0 when there is none.
  public let firstInsertID: UInt64

  private let values: [MySQLValue]

  init(
    columns: [String], values: [MySQLValue], affectedRowCount: UInt64 = 0,
    firstInsertID: UInt64 = 0
  ) {
    self.columns = columns
    self.values = values
    self.affectedRowCount = affectedRowCount
    self.firstInsertID = firstInsertID
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

/// One row. Columns are numbered from 0; asking for a column that is not there, or for another kind
/// of value than it holds, throws ``MySQLError`` with ``MySQLError/Code/unexpectedValue``.
public struct MySQLRow: Sendable {
  let columns: [String]
  let values: ArraySlice<MySQLValue>

  /// The value of a column.
  public func value(_ column: Int) throws(MySQLError) -> MySQLValue {
    guard columns.indices.contains(column) else { throw unexpected(column, "is not there") }
    return values[values.startIndex + column]
  }

  /// The value of the column of this name. O(columns).
  public func value(_ name: String) throws(MySQLError) -> MySQLValue {
    guard let column = columns.firstIndex(of: name) else {
      throw MySQLError(code: .unexpectedValue, reason: "there is no column \(name)")
    }
    return try value(column)
  }

  /// Text, or nil for NULL.
  public func textOrNil(_ column: Int) throws(MySQLError) -> String? {
    switch try value(column) {
    case .text(let text): text
    case .null: nil
    default: throw unexpected(column, "is not text")
    }
  }

  /// Text.
  public func text(_ column: Int) throws(MySQLError) -> String {
    guard let text = try textOrNil(column) else { throw unexpected(column, "is NULL") }
    return text
  }

  /// An integer that fits, or nil for NULL.
  public func integerOrNil(_ column: Int) throws(MySQLError) -> Int64? {
    switch try value(column) {
    case .integer(let number): return number
    case .unsigned(let number):
      guard let number = Int64(exactly: number) else { throw unexpected(column, "is too large") }
      return number
    case .null: return nil
    default: throw unexpected(column, "is not an integer")
    }
  }

  /// An integer that fits.
  public func integer(_ column: Int) throws(MySQLError) -> Int64 {
    guard let number = try integerOrNil(column) else { throw unexpected(column, "is NULL") }
    return number
  }

  /// A date and time, or nil for NULL.
  public func dateTimeOrNil(_ column: Int) throws(MySQLError) -> MySQLDateTime? {
    switch try value(column) {
    case .dateTime(let time): time
    case .null: nil
    default: throw unexpected(column, "is not a date and time")
    }
  }

  /// Bytes; of a text, its UTF-8. Nil for NULL.
  public func bytesOrNil(_ column: Int) throws(MySQLError) -> [UInt8]? {
    switch try value(column) {
    case .bytes(let bytes): bytes
    case .text(let text): Array(text.utf8)
    case .null: nil
    default: throw unexpected(column, "is not bytes")
    }
  }

  private func unexpected(_ column: Int, _ what: String) -> MySQLError {
    let name = columns.indices.contains(column) ? columns[column] : "\(column)"
    return MySQLError(code: .unexpectedValue, reason: "column \(name) \(what)")
  }
}
