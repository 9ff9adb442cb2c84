/// One row.
///
/// A column is asked for by name or by place, from 0, and as a type:
///
/// ```swift
/// let id = try row["id", as: Int.self]
/// let name = try row["name", as: String?.self]
/// let (count, total) = try row.decode((Int, Decimal).self)
/// let user = try row.decode(User.self)
/// ```
///
/// What is not there, or is no value of the type, throws ``MySQLError`` with
/// ``MySQLError/Code/unexpectedValue``: it names the column, the type that was asked for and the
/// one that was found, and shows no value.
public struct MySQLRow: Sendable {
  /// The names of the columns, in order.
  public let columns: [String]
  @usableFromInline let values: ArraySlice<MySQLValue>

  @inlinable
  init(columns: [String], values: ArraySlice<MySQLValue>) {
    self.columns = columns
    self.values = values
  }

  /// The value of a column, as a type. NULL is nil of an optional type, and none of any other.
  @inlinable
  public subscript<Value: MySQLValueConvertible>(column: Int, as type: Value.Type) -> Value {
    get throws(MySQLError) {
      let value = try self.value(column)
      guard let converted = Value(mysqlValue: value) else {
        throw mismatch(column, expected: type, found: value)
      }
      return converted
    }
  }

  /// The value of the column of this name, as a type. O(columns). Of several the first one.
  @inlinable
  public subscript<Value: MySQLValueConvertible>(name: String, as type: Value.Type) -> Value {
    get throws(MySQLError) { try self[try place(of: name), as: type] }
  }

  /// The values of the first columns, by place; the row may have more.
  public func decode<
    First: MySQLValueConvertible, Second: MySQLValueConvertible, each Rest: MySQLValueConvertible
  >(
    _ types: (First, Second, repeat each Rest).Type
  ) throws(MySQLError) -> (First, Second, repeat each Rest) {
    var column = 2
    func next<Next: MySQLValueConvertible>(_ type: Next.Type) throws(MySQLError) -> Next {
      defer { column += 1 }
      return try self[column, as: type]
    }
    let (first, second) = (try self[0, as: First.self], try self[1, as: Second.self])
    return (first, second, repeat try next((each Rest).self))
  }

  /// The value of a column.
  @inlinable
  public func value(_ column: Int) throws(MySQLError) -> MySQLValue {
    guard columns.indices.contains(column) else { throw unexpected(column, "is not there") }
    return values[values.startIndex + column]
  }

  /// The value of the column of this name. O(columns).
  public func value(_ name: String) throws(MySQLError) -> MySQLValue {
    try value(try place(of: name))
  }

  /// The place of the column of this name.
  @usableFromInline
  func place(of name: String) throws(MySQLError) -> Int {
    guard let column = columns.firstIndex(of: name) else {
      throw MySQLError(
        code: .unexpectedValue,
        reason: "there is no column \(name) among \(columns.joined(separator: ", "))")
    }
    return column
  }

  /// The error of a value that is none of a type.
  @usableFromInline
  func mismatch(_ column: Int, expected: Any.Type, found: MySQLValue) -> MySQLError {
    let isInteger = expected is any FixedWidthInteger.Type
    switch found {
    case .integer where isInteger, .unsigned where isInteger:
      return unexpected(column, "holds an integer that \(expected) cannot hold")
    default: return unexpected(column, "holds \(found.typeName), not \(expected)")
    }
  }

  @usableFromInline
  func unexpected(_ column: Int, _ what: String) -> MySQLError {
    let name = columns.indices.contains(column) ? columns[column] : "\(column)"
    return MySQLError(code: .unexpectedValue, reason: "column \(name) \(what)")
  }
}

extension MySQLRow: CustomStringConvertible, CustomDebugStringConvertible {
  /// The columns and what type of value they hold; no value.
  public var description: String {
    "(" + zip(columns, values).map { "\($0): \($1.typeName)" }.joined(separator: ", ") + ")"
  }
  /// The columns with their values: not for a log.
  public var debugDescription: String {
    "(" + zip(columns, values).map { "\($0): \($1)" }.joined(separator: ", ") + ")"
  }
}

extension MySQLRow {
  /// Text, or what is written as text; nil for NULL.
  public func textOrNil(_ column: Int) throws(MySQLError) -> String? {
    try self[column, as: String?.self]
  }

  /// Text, or what is written as text.
  public func text(_ column: Int) throws(MySQLError) -> String { try self[column, as: String.self] }

  /// An integer that fits, or nil for NULL.
  public func integerOrNil(_ column: Int) throws(MySQLError) -> Int64? {
    try self[column, as: Int64?.self]
  }

  /// An integer that fits.
  public func integer(_ column: Int) throws(MySQLError) -> Int64 {
    try self[column, as: Int64.self]
  }

  /// A date and time, or nil for NULL.
  public func dateTimeOrNil(_ column: Int) throws(MySQLError) -> MySQLDateTime? {
    try self[column, as: MySQLDateTime?.self]
  }

  /// Bytes; of a text, its UTF-8. Nil for NULL.
  public func bytesOrNil(_ column: Int) throws(MySQLError) -> [UInt8]? {
    try self[column, as: [UInt8]?.self]
  }
}
