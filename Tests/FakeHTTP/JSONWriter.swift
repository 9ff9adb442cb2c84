extension JSONValue {
  /// The document without any space.
  public var compact: String {
    var writer = JSONWriter(indentWidth: 0)
    writer.write(self, depth: 0)
    return writer.text
  }

  /// The document with two spaces a level, as Google's services write what is no event.
  public var pretty: String {
    var writer = JSONWriter(indentWidth: 2)
    writer.write(self, depth: 0)
    return writer.text
  }
}

private struct JSONWriter {
  let indentWidth: Int
  var text = ""

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += "\(value)"
    case .string(let value): write(value)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        startElement(index, depth: depth + 1)
        write(element, depth: depth + 1)
      }
      if !elements.isEmpty { startLine(depth: depth) }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        startElement(index, depth: depth + 1)
        write(member.name)
        text += indentWidth == 0 ? ":" : ": "
        write(member.value, depth: depth + 1)
      }
      if !members.isEmpty { startLine(depth: depth) }
      text += "}"
    }
  }

  private mutating func startElement(_ index: Int, depth: Int) {
    if index > 0 { text += "," }
    startLine(depth: depth)
  }

  private mutating func startLine(depth: Int) {
    guard indentWidth > 0 else { return }
    text += "\n" + String(repeating: " ", count: indentWidth * depth)
  }

  /// Google's services escape the angle brackets too, against browsers that guess at types.
  private mutating func write(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "<", ">", "\u{0}"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
