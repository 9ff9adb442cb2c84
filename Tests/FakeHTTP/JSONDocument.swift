/// A JSON document that keeps the order of its members, so that bodies look as the real services
/// write them.
public enum JSONDocument: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without fraction or exponent that fits in 64 bits.
  case integer(Int64)
  /// Any other number.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONDocument])
  /// Members in the order of the text; a name that comes twice is there twice.
  case object([JSONMember])
}

/// One member of a JSON object.
public struct JSONMember: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The value.
  public var value: JSONDocument

  /// The member `name` with `value`.
  public init(_ name: String, _ value: JSONDocument) {
    self.name = name
    self.value = value
  }
}

extension JSONDocument {
  /// The member `name` of an object; nil for what is not an object or has none.
  public subscript(name: String) -> JSONDocument? { members?.first { $0.name == name }?.value }

  /// The element at `index` of an array; nil for what is not an array or is shorter.
  public subscript(index: Int) -> JSONDocument? {
    guard let elements, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The members of an object.
  public var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }
  /// The elements of an array.
  public var elements: [JSONDocument]? { if case .array(let items) = self { items } else { nil } }
  /// The text of a string.
  public var text: String? { if case .string(let text) = self { text } else { nil } }
  /// The truth value.
  public var truth: Bool? { if case .bool(let truth) = self { truth } else { nil } }

  /// The whole number.
  public var wholeNumber: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// The number, whole or not.
  public var decimal: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// Puts `value` behind the members of an object; nil is left out.
  public mutating func append(_ name: String, _ value: JSONDocument?) {
    guard case .object(var members) = self, let value else { return }
    members.append(JSONMember(name, value))
    self = .object(members)
  }
}

extension JSONDocument: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A list.
  public init(arrayLiteral elements: JSONDocument...) { self = .array(elements) }
  /// An object with members in the order of writing.
  public init(dictionaryLiteral elements: (String, JSONDocument)...) {
    self = .object(elements.map { JSONMember($0.0, $0.1) })
  }
}
