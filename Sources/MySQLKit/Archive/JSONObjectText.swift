/// Writes a small JSON object, members in the order of adding.
struct JSONObjectText {
  /// The object so far.
  var text: String { "{" + members + "}" }
  private var members = ""

  /// Adds a text.
  mutating func add(_ name: String, _ value: String) {
    addName(name)
    members += Self.quoted(value)
  }

  /// A text as JSON writes it.
  static func quoted(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  /// Adds an array of objects.
  mutating func add(_ name: String, _ objects: [JSONObjectText]) {
    addName(name)
    members += "[" + objects.map(\.text).joined(separator: ",") + "]"
  }

  /// Adds a value that is JSON already.
  mutating func add(_ name: String, json: String) {
    addName(name)
    members += json
  }

  /// Adds a number.
  mutating func add(_ name: String, _ value: Int64) {
    addName(name)
    members += "\(value)"
  }

  private mutating func addName(_ name: String) {
    members += "\(members.isEmpty ? "" : ",")\"\(name)\":"
  }
}
