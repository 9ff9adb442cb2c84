/// What is wrong with a text that is no JSON.
public struct JSONSyntaxError: Error, Sendable, Hashable {
  /// Where, in bytes from the beginning.
  public let offset: Int
  /// What, for a person.
  public let reason: String
}

extension JSONDocument {
  /// Reads one JSON text (RFC 8259, UTF-8, nothing behind it), as strictly as the services do.
  ///
  /// - Complexity: O(n); nesting is refused beyond 100.
  public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

private struct JSONParser {
  private static let depthMax = 100

  let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONSyntaxError) -> JSONDocument {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw failure("Unexpected token.") }
    return value
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func failure(_ reason: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: position, reason: reason)
  }

  private mutating func skipSpace() {
    while let byte = current,
      byte == 0x20
        || (0x09...0x0D).contains(byte) && byte != 0x0B
          && byte != 0x0C
    { position += 1 }
  }

  private mutating func value() throws(JSONSyntaxError) -> JSONDocument {
    skipSpace()
    switch current {
    case nil: throw failure("Unexpected end of string. Expected a value.")
    case UInt8(ascii: "{"):
      return try nested { parser throws(JSONSyntaxError) in try parser.object() }
    case UInt8(ascii: "["):
      return try nested { parser throws(JSONSyntaxError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONSyntaxError) -> JSONDocument
  ) throws(JSONSyntaxError) -> JSONDocument {
    guard depth < Self.depthMax else {
      throw failure("Message too deep. Max recursion depth reached.")
    }
    depth += 1
    defer { depth -= 1 }
    position += 1
    return try body(&self)
  }

  private mutating func word(
    _ word: String, _ value: JSONDocument
  ) throws(JSONSyntaxError) -> JSONDocument {
    guard bytes[position...].starts(with: word.utf8) else { throw failure("Unexpected token.") }
    position += word.utf8.count
    return value
  }

  private mutating func object() throws(JSONSyntaxError) -> JSONDocument {
    var members: [JSONMember] = []
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else {
        throw failure("Expected an object key or }.")
      }
      let name = try string()
      skipSpace()
      guard take(":") else { throw failure("Expected : between key:value pair.") }
      members.append(JSONMember(name, try value()))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw failure("Expected , or } after key:value pair.") }
    }
  }

  private mutating func array() throws(JSONSyntaxError) -> JSONDocument {
    var elements: [JSONDocument] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value())
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw failure("Expected , or ] after array value.") }
    }
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONDocument {
    let start = position
    _ = take("-")
    let firstDigit = current
    guard digits() else {
      position = start
      throw failure("Unexpected token.")
    }
    guard firstDigit != UInt8(ascii: "0") || bytes[start...].prefix(position - start).count <= 2,
      firstDigit != UInt8(ascii: "0") || bytes[position - 1] == UInt8(ascii: "0")
    else { throw failure("Illegal number with a leading zero.") }
    var isWhole = true
    if take(".") {
      isWhole = false
      guard digits() else { throw failure("Expected a digit.") }
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      guard digits() else { throw failure("Expected a digit.") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw failure("Number out of range.") }
    return .number(value)
  }

  private mutating func digits() -> Bool {
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      position += 1
    }
    return position > start
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    position += 1
    var text: [UInt8] = []
    while true {
      let start = position
      while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"),
        byte >= 0x20
      { position += 1 }
      text.append(contentsOf: bytes[start..<position])
      switch current {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("Received non UTF-8 string.")
        }
        return string
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &text)
      case nil: throw failure("Closing quote expected in string.")
      default: throw failure("Invalid control character in string.")
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
    let letter = current
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter ?? 0)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if (0xD800..<0xDC00).contains(code) {
        guard take("\\"), take("u") else { throw failure("Invalid surrogate pair.") }
        let low = try fourDigits()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("Invalid surrogate pair.") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("Invalid surrogate pair.") }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default:
      position -= 1
      throw failure("Invalid escape sequence.")
    }
  }

  private mutating func fourDigits() throws(JSONSyntaxError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, !digits.contains(UInt8(ascii: "+")),
      !digits.contains(UInt8(ascii: "-")),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("Illegal hex string.") }
    position += 4
    return code
  }
}
