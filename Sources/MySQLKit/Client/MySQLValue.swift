/// One value of a row or a parameter.
///
/// Types may be added: switch over it with `@unknown default`.
@nonexhaustive
public enum MySQLValue: Sendable, Hashable {
  /// No value.
  case null
  /// A signed integer of any width; `BOOL` is one.
  case integer(Int64)
  /// An unsigned integer of any width, `YEAR`, and `BIT`.
  case unsigned(UInt64)
  /// `FLOAT` and `DOUBLE`.
  case double(Double)
  /// Text, and what travels as text: `JSON`, `ENUM`, `SET`.
  case text(String)
  /// `BLOB` and `BINARY`.
  case bytes([UInt8])
  /// `DATETIME` and `TIMESTAMP`, with microseconds.
  case dateTime(MySQLDateTime)
  /// `DATE`.
  case date(MySQLDate)
  /// `TIME`.
  case time(MySQLTime)
  /// `DECIMAL`.
  case decimal(MySQLDecimal)
}

extension MySQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A signed integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// 1 or 0.
  public init(booleanLiteral value: Bool) { self = .integer(value ? 1 : 0) }
  /// NULL.
  public init(nilLiteral: ()) { self = .null }
}

extension MySQLValue {
  /// The text, or NULL for nil.
  public init(_ text: String?) { self = text.map { .text($0) } ?? .null }

  /// The value of a variable of any type that a column can hold.
  @inlinable
  public init(_ value: some MySQLValueConvertible) { self = value.mysqlValue }

  /// What an error calls the value: its type, as the server names it.
  var typeName: String {
    switch self {
    case .null: "NULL"
    case .integer: "an integer"
    case .unsigned: "an unsigned integer"
    case .double: "a DOUBLE"
    case .text: "text"
    case .bytes: "bytes"
    case .dateTime: "a DATETIME"
    case .date: "a DATE"
    case .time: "a TIME"
    case .decimal: "a DECIMAL"
    }
  }

  /// The text, also of what is written as text: dates, times, decimals.
  @usableFromInline
  var text: String? {
    switch self {
    case .text(let text): text
    case .decimal(let decimal): decimal.description
    case .date(let date): date.description
    case .time(let time): time.description
    case .dateTime(let time): time.description
    default: nil
    }
  }

  /// The bytes that the value takes in a statement, the frame of a field included.
  var byteCount: Int {
    switch self {
    case .null: 1
    case .integer, .unsigned, .double: 8
    case .text(let text): text.utf8.count + 9
    case .bytes(let bytes): bytes.count + 9
    case .dateTime, .date, .time: 13
    case .decimal(let decimal): decimal.description.utf8.count + 9
    }
  }
}
