/// What a `DECIMAL` holds: up to 65 digits, exactly as the server writes them.
///
/// Prints its digits. Two are equal when they are the same number: `1.50` and `1.5`. To calculate,
/// make a `Decimal` (38 digits) or a `Double` of it; or let the server do it.
public struct MySQLDecimal: Sendable {
  private let digits: String

  /// A number written as `-12345.678`; nil for any other text.
  public init?(_ text: String) {
    guard Self.isNumber(text.utf8) else { return nil }
    digits = text
  }

  /// A whole number.
  public init(_ number: some BinaryInteger) { digits = "\(number)" }

  init(digits: String) { self.digits = digits }

  /// The nearest double.
  public var double: Double { Double(digits) ?? .nan }

  private static func isNumber(_ text: String.UTF8View) -> Bool {
    let rest = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count <= 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
  }

  /// The number as an integer; nil when it is none, or does not fit.
  public func integer<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    Number(shortest)
  }

  /// Without the zeros that say nothing.
  private var shortest: Substring {
    var text = digits[...]
    let isNegative = text.first == "-"
    if isNegative { text.removeFirst() }
    text = text.drop { $0 == "0" }
    if text.contains(".") {
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    if text.isEmpty { return "0" }
    return isNegative ? "-" + text : text
  }
}

extension MySQLDecimal: Hashable, ExpressibleByIntegerLiteral, LosslessStringConvertible {
  /// A whole number.
  public init(integerLiteral value: Int64) { self.init(value) }
  /// The digits, as they came.
  public var description: String { digits }
  /// Whether both are the same number.
  public static func == (left: Self, right: Self) -> Bool {
    left.digits == right.digits || left.shortest == right.shortest
  }
  /// Equal numbers have equal hashes.
  public func hash(into hasher: inout Hasher) { hasher.combine(shortest) }
}
