#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Reads JSON into a message the way the service's JSON reader does: both spellings of a name, null
/// for absent, numbers as texts. It goes on after a violation, so that all are told at once.
struct FieldReader {
  private(set) var violations: [FieldViolation] = []

  /// `json` with every name in camel case and without nulls.
  mutating func read(_ json: JSONDocument, as type: MessageType, at path: String = "")
    -> JSONDocument
  {
    guard let members = json.members else {
      violate(
        path,
        path.isEmpty
          ? "Invalid JSON payload received. Unknown name \"\": Root element must be a message."
          : "Invalid value at '\(path)' (type.googleapis.com/\(Self.package).Message), "
            + json.compact)
      return [:]
    }
    var result: [JSONMember] = []
    for member in members {
      guard let (name, fieldType) = type.field(member.name) else {
        unknown(member.name, at: path)
        continue
      }
      let fieldPath = (path.isEmpty ? "" : path + ".") + MessageType.snake(name)
      if result.contains(where: { $0.name == name }) {
        violate(path, "Invalid JSON payload received. Duplicate name \"\(member.name)\".")
      } else if member.value != .null {
        result.append(JSONMember(name, read(member.value, as: fieldType, at: fieldPath)))
      }
    }
    return .object(result)
  }

  private static let package = "google.ai.generativelanguage.v1beta"

  private mutating func violate(_ field: String, _ description: String) {
    violations.append(FieldViolation(field: field, description: description))
  }

  private mutating func unknown(_ name: String, at path: String) {
    let place = path.isEmpty ? "" : " at '\(path)'"
    violate(
      path, "Invalid JSON payload received. Unknown name \"\(name)\"\(place): Cannot find field.")
  }

  private mutating func invalid(_ json: JSONDocument, _ type: String, at path: String)
    -> JSONDocument
  {
    violate(path, "Invalid value at '\(path)' (\(type)), \(json.compact)")
    return json
  }

  private mutating func read(_ json: JSONDocument, as type: FieldType, at path: String)
    -> JSONDocument
  {
    switch type {
    case .any: return json
    case .message, .object, .string, .bytes, .bool, .int32, .int64, .float, .choice:
      if json.elements != nil { return notRepeating(json, at: path) }
    case .list, .map: break
    }
    switch type {
    case .any: return json
    case .object:
      return json.members == nil
        ? invalid(json, "type.googleapis.com/google.protobuf.Struct", at: path) : json
    case .message(let message): return read(json, as: message, at: path)
    case .list(let element):
      // The real reader takes a single value for a list of one.
      let elements = json.elements ?? [json]
      return .array(
        elements.enumerated().map { read($0.element, as: element, at: "\(path)[\($0.offset)]") })
    case .map(let value):
      guard let members = json.members else { return invalid(json, "Map", at: path) }
      return .object(
        members.map {
          JSONMember($0.name, read($0.value, as: value, at: "\(path)[\($0.name)].value"))
        })
    case .choice(let name, let values):
      let text = json.text?.uppercased()
      if let number = json.wholeNumber, values.indices.contains(Int(clamping: number)) {
        return .string(values[Int(number)])
      }
      guard let text, values.contains(text) else {
        return invalid(json, "type.googleapis.com/\(Self.package).\(name)", at: path)
      }
      return .string(text)
    default: return readScalar(json, as: type, at: path)
    }
  }

  private mutating func notRepeating(_ json: JSONDocument, at path: String) -> JSONDocument {
    let name = path.split(separator: ".").last.map(String.init) ?? path
    let place = String(path.dropLast(name.count + 1))
    violate(
      place,
      "Invalid JSON payload received. Unknown name \"\(name)\""
        + (place.isEmpty ? "" : " at '\(place)'")
        + ": Proto field is not repeating, cannot start list.")
    return json
  }

  private mutating func readScalar(
    _ json: JSONDocument, as type: FieldType, at path: String
  ) -> JSONDocument {
    switch type {
    case .string:
      return json.text == nil ? invalid(json, "TYPE_STRING", at: path) : json
    case .bool:
      return json.truth == nil ? invalid(json, "TYPE_BOOL", at: path) : json
    case .bytes:
      guard let text = json.text, Self.isBase64(text) else {
        return invalid(json, "TYPE_BYTES", at: path)
      }
      return json
    case .int32:
      guard let value = json.wholeNumber ?? json.text.flatMap({ Int64($0) }),
        Int32(exactly: value) != nil
      else { return invalid(json, "TYPE_INT32", at: path) }
      return .integer(value)
    case .int64:
      guard let value = json.wholeNumber ?? json.text.flatMap({ Int64($0) }) else {
        return invalid(json, "TYPE_INT64", at: path)
      }
      return .integer(value)
    default:
      guard let value = json.decimal ?? json.text.flatMap({ Double($0) }) else {
        return invalid(json, "TYPE_FLOAT", at: path)
      }
      return .number(value)
    }
  }

  /// Both alphabets, with or without padding.
  private static func isBase64(_ text: String) -> Bool {
    let plain = text.replacing("-", with: "+").replacing("_", with: "/")
    let bare = plain.prefix { $0 != "=" }
    let padded = bare + String(repeating: "=", count: (4 - bare.count % 4) % 4)
    return plain.drop { $0 != "=" }.allSatisfy { $0 == "=" }
      && Data(base64Encoded: String(padded)) != nil
  }
}
