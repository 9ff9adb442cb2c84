/// A type whose values a column can hold: what a program may read from a row and give to a
/// statement.
///
/// `Bool`, all integers, `Double`, `Float`, `String`, `[UInt8]`, `Duration`, Foundation's `Date`,
/// `Data`, `UUID` and `Decimal`, the types of this library, and optionals of all these conform. An
/// enum or another type with a raw value conforms by saying so:
///
/// ```swift
/// enum State: String, MySQLValueConvertible { case open, paid }
/// ```
public protocol MySQLValueConvertible: Sendable {
  /// The value as a column's. Nil when it is none of this type, or does not fit.
  init?(mysqlValue: MySQLValue)
  /// The value as a parameter.
  var mysqlValue: MySQLValue { get }
}

extension MySQLValueConvertible where Self: RawRepresentable, RawValue: MySQLValueConvertible {
  /// The one with this raw value.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    guard let raw = RawValue(mysqlValue: mysqlValue) else { return nil }
    self.init(rawValue: raw)
  }
  /// The raw value.
  @inlinable
  public var mysqlValue: MySQLValue { rawValue.mysqlValue }
}

extension Optional: MySQLValueConvertible where Wrapped: MySQLValueConvertible {
  /// Nil of NULL.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    if mysqlValue == .null {
      self = Self.none
    } else if let value = Wrapped(mysqlValue: mysqlValue) {
      self = Self.some(value)
    } else {
      return nil
    }
  }
  /// NULL of nil.
  @inlinable
  public var mysqlValue: MySQLValue { self?.mysqlValue ?? .null }
}

extension MySQLValue: MySQLValueConvertible {
  /// The value itself, whatever it is.
  @inlinable
  public init?(mysqlValue: MySQLValue) { self = mysqlValue }
  /// The value itself.
  @inlinable
  public var mysqlValue: MySQLValue { self }
}

extension MySQLValueConvertible where Self: FixedWidthInteger {
  /// Of an integer that fits; of a `DECIMAL` too, which `SUM` gives.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    switch mysqlValue {
    case .integer(let number): self.init(exactly: number)
    case .unsigned(let number): self.init(exactly: number)
    case .decimal(let number):
      guard let number = number.integer(Self.self) else { return nil }
      self = number
    default: return nil
    }
  }
  /// An integer, unsigned where it must be.
  @inlinable
  public var mysqlValue: MySQLValue {
    if let number = Int64(exactly: self) { return .integer(number) }
    return .unsigned(UInt64(truncatingIfNeeded: self))
  }
}

extension Int: MySQLValueConvertible {}
extension Int8: MySQLValueConvertible {}
extension Int16: MySQLValueConvertible {}
extension Int32: MySQLValueConvertible {}
extension Int64: MySQLValueConvertible {}
extension UInt: MySQLValueConvertible {}
extension UInt8: MySQLValueConvertible {}
extension UInt16: MySQLValueConvertible {}
extension UInt32: MySQLValueConvertible {}
extension UInt64: MySQLValueConvertible {}

extension Bool: MySQLValueConvertible {
  /// Of an integer: whether it is another one than 0.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    switch mysqlValue {
    case .integer(let number): self = number != 0
    case .unsigned(let number): self = number != 0
    default: return nil
    }
  }
  /// 1 or 0.
  @inlinable
  public var mysqlValue: MySQLValue { .integer(self ? 1 : 0) }
}

extension MySQLValueConvertible where Self: BinaryFloatingPoint {
  /// Of a `DOUBLE`, a `FLOAT`, a `DECIMAL` or an integer; the nearest one.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    switch mysqlValue {
    case .double(let number): self.init(number)
    case .decimal(let number): self.init(number.double)
    case .integer(let number): self.init(number)
    case .unsigned(let number): self.init(number)
    default: return nil
    }
  }
  /// A double.
  @inlinable
  public var mysqlValue: MySQLValue { .double(Double(self)) }
}

extension Double: MySQLValueConvertible {}
extension Float: MySQLValueConvertible {}

extension String: MySQLValueConvertible {
  /// Of text, and of what is written as text: dates, times, decimals.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    guard let text = mysqlValue.text else { return nil }
    self = text
  }
  /// The text.
  @inlinable
  public var mysqlValue: MySQLValue { .text(self) }
}

extension Array: MySQLValueConvertible where Element == UInt8 {
  /// Of bytes; of text, its UTF-8.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    switch mysqlValue {
    case .bytes(let bytes): self = bytes
    case .text(let text): self = Array(text.utf8)
    default: return nil
    }
  }
  /// The bytes.
  @inlinable
  public var mysqlValue: MySQLValue { .bytes(self) }
}

extension MySQLDateTime: MySQLValueConvertible {
  /// Of a `DATETIME` or a `TIMESTAMP`.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    guard case .dateTime(let time) = mysqlValue else { return nil }
    self = time
  }
  /// A date and time.
  @inlinable
  public var mysqlValue: MySQLValue { .dateTime(self) }
}

extension MySQLDate: MySQLValueConvertible {
  /// Of a `DATE`.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    guard case .date(let date) = mysqlValue else { return nil }
    self = date
  }
  /// A date.
  @inlinable
  public var mysqlValue: MySQLValue { .date(self) }
}

extension MySQLTime: MySQLValueConvertible {
  /// Of a `TIME`.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    guard case .time(let time) = mysqlValue else { return nil }
    self = time
  }
  /// A time.
  @inlinable
  public var mysqlValue: MySQLValue { .time(self) }
}

extension Duration: MySQLValueConvertible {
  /// Of a `TIME`.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    guard let time = MySQLTime(mysqlValue: mysqlValue) else { return nil }
    self = time.duration
  }
  /// A time, cut to microseconds.
  @inlinable
  public var mysqlValue: MySQLValue { .time(MySQLTime(self)) }
}

extension MySQLDecimal: MySQLValueConvertible {
  /// Of a `DECIMAL` or an integer.
  @inlinable
  public init?(mysqlValue: MySQLValue) {
    switch mysqlValue {
    case .decimal(let number): self = number
    case .integer(let number): self.init(number)
    case .unsigned(let number): self.init(number)
    default: return nil
    }
  }
  /// A decimal.
  @inlinable
  public var mysqlValue: MySQLValue { .decimal(self) }
}
