#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A JSON document as a value, to be compared with another one.
enum JSONDocument: Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case double(Double)
  case text(String)
  case array([JSONDocument])
  case object([String: JSONDocument])

  /// Nil for what is no JSON.
  init?(_ text: String) {
    guard let value = try? JSONDecoder().decode(JSONDocument.self, from: Data(text.utf8)) else {
      return nil
    }
    self = value
  }
}

extension JSONDocument: Decodable {
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let flag = try? value.decode(Bool.self) {
      self = .bool(flag)
    } else if let number = try? value.decode(Int64.self) {
      self = .integer(number)
    } else if let number = try? value.decode(Double.self) {
      self = .double(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let elements = try? value.decode([JSONDocument].self) {
      self = .array(elements)
    } else {
      self = .object(try value.decode([String: JSONDocument].self))
    }
  }
}
