extension JSONDocument {
  /// The document without any space.
  public var compact: String {
    var writer = JSONWriter(indentWidth: 0)
    writer.write(self, depth: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The document with two spaces a level, as Google's services write what is no event.
  public var pretty: String {
    var writer = JSONWriter(indentWidth: 2)
    writer.write(self, depth: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

private struct JSONWriter {
  let indentWidth: Int
  var bytes: [UInt8] = []

  mutating func write(_ document: JSONDocument, depth: Int) {
    switch document {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .number(let value): bytes += "\(value)".utf8
    case .string(let value): write(value)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        startElement(index, depth: depth + 1)
        write(element, depth: depth + 1)
      }
      if !elements.isEmpty { startLine(depth: depth) }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        startElement(index, depth: depth + 1)
        write(member.name)
        bytes += (indentWidth == 0 ? ":" : ": ").utf8
        write(member.value, depth: depth + 1)
      }
      if !members.isEmpty { startLine(depth: depth) }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private mutating func startElement(_ index: Int, depth: Int) {
    if index > 0 { bytes.append(UInt8(ascii: ",")) }
    startLine(depth: depth)
  }

  private mutating func startLine(depth: Int) {
    guard indentWidth > 0 else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: indentWidth * depth)
  }

  /// Google's services escape the angle brackets too, against browsers that guess at types.
  private mutating func write(_ string: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case UInt8(ascii: "\n"): bytes += "\\n".utf8
      case UInt8(ascii: "\r"): bytes += "\\r".utf8
      case UInt8(ascii: "\t"): bytes += "\\t".utf8
      case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), 0x7F:
        bytes += (byte < 0x10 ? "\\u000" : "\\u00").utf8
        bytes += String(byte, radix: 16).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
