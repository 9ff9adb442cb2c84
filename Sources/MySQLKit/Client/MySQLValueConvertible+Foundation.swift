#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension Date: MySQLValueConvertible {
  /// Of a `DATETIME` or a `TIMESTAMP`, in UTC. A `Date` counts in a double: it is not exact to the
  /// microsecond; ``MySQLDateTime`` is.
  public init?(mysqlValue: MySQLValue) {
    guard case .dateTime(let time) = mysqlValue, let microseconds = time.microseconds else {
      return nil
    }
    self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
  }
  /// A date and time, rounded to microseconds; outside the years 1 … 9999 the nearest one.
  public var mysqlValue: MySQLValue {
    let range = MySQLDateTime.microsecondRange
    let microseconds = (timeIntervalSince1970 * 1_000_000).rounded()
    let nearest =
      microseconds <= Double(range.lowerBound)
      ? range.lowerBound
      : microseconds >= Double(range.upperBound) ? range.upperBound : Int64(microseconds)
    return MySQLDateTime(microseconds: nearest).map { .dateTime($0) } ?? .null
  }
}

extension Data: MySQLValueConvertible {
  /// Of bytes; of text, its UTF-8.
  public init?(mysqlValue: MySQLValue) {
    guard let bytes = [UInt8](mysqlValue: mysqlValue) else { return nil }
    self.init(bytes)
  }
  /// The bytes.
  public var mysqlValue: MySQLValue { .bytes(Array(self)) }
}

extension UUID: MySQLValueConvertible {
  /// Of its text (`CHAR(36)`), or of 16 bytes (`BINARY(16)`).
  public init?(mysqlValue: MySQLValue) {
    switch mysqlValue {
    case .text(let text): self.init(uuidString: text)
    case .bytes(let bytes) where bytes.count == 16:
      self = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    default: return nil
    }
  }
  /// Its text, in small letters. For a `BINARY(16)` use `UUID_TO_BIN(?)`, or give the bytes.
  public var mysqlValue: MySQLValue { .text(uuidString.lowercased()) }
}

extension Decimal: MySQLValueConvertible {
  /// Of a `DECIMAL` or an integer. Beyond 38 digits it is rounded.
  public init?(mysqlValue: MySQLValue) {
    guard let number = MySQLDecimal(mysqlValue: mysqlValue) else { return nil }
    self.init(string: number.description)
  }
  /// A decimal; NULL for what is not a number.
  public var mysqlValue: MySQLValue { MySQLDecimal("\(self)").map { .decimal($0) } ?? .null }
}
