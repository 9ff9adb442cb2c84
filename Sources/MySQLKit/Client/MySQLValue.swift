/// One value of a row or a parameter.
public enum MySQLValue: Sendable, Hashable {
  /// No value.
  case null
  /// A signed integer of any width.
  case integer(Int64)
  /// An unsigned integer of any width.
  case unsigned(UInt64)
  /// `FLOAT` and `DOUBLE`.
  case double(Double)
  /// Text, and what travels as text: `DECIMAL`, `DATE`, `TIME`, `JSON`, `ENUM`.
  case text(String)
  /// `BLOB`, `BINARY` and `BIT`.
  case bytes([UInt8])
  /// `DATETIME` and `TIMESTAMP`, with microseconds.
  case dateTime(MySQLDateTime)
}

extension MySQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A signed integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// NULL.
  public init(nilLiteral: ()) { self = .null }
}

extension MySQLValue {
  /// The text, or NULL for nil.
  public init(_ text: String?) { self = text.map { .text($0) } ?? .null }

  /// The bytes that the value takes in a statement, the frame of a field included.
  var byteCount: Int {
    switch self {
    case .null: 1
    case .integer, .unsigned, .double: 8
    case .text(let text): text.utf8.count + 9
    case .bytes(let bytes): bytes.count + 9
    case .dateTime: 12
    }
  }
}
