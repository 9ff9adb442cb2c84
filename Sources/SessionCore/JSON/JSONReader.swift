/// Reads a JSON document from front to back, and builds only what it is asked for.
///
/// Bounded in depth; more liberal about numbers than the standard. A decoder passes over what it
/// does not know with ``skip()``.
///
/// Not for importers: it is `public` for the other libraries of this package alone, since the
/// compiler puts no `package` function in place in another module. An event of a streamed answer
/// takes a fifth less time with that (`sse.2000.last` of the benchmarks).
@_spi(JSON) public struct JSONReader {
  // Borrowed: the reader lives inside the closure that lends the document. An array here would be
  // retained and released at every value.
  @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
  @usableFromInline var position = 0
  @usableFromInline var depth = 0
  /// Halves of characters while ``readText(_:)`` reads: the one that the text before ended in, and
  /// the one that this ends in.
  private var halves: CharacterHalves?

  @usableFromInline static let depthMax = 128

  /// A reader of `bytes`, which must outlive it.
  public init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  @usableFromInline var failure: JSONError { JSONError(offset: position) }

  /// What comes next, by its first byte; nil at the end.
  @inlinable @inline(__always)
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  @inlinable @inline(__always)
  mutating func takeIf(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Nothing but white space may be left.
  public mutating func end() throws(JSONError) {
    guard peek() == nil else { throw failure }
  }

  /// Reads an object: `field` is called with each name and must read or skip its value. Anything
  /// else than an object is passed over.
  @inlinable
  public mutating func readObject(
    _ field: (JSONName, inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard peek() == UInt8(ascii: "{") else { return try skip() }
    try enter()
    if takeIf("}") { return leave() }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw failure }
      let name = try name()
      guard takeIf(":") else { throw failure }
      try field(name, &self)
    } while takeIf(",")
    guard takeIf("}") else { throw failure }
    leave()
  }

  /// Reads a list: `element` is called at each element and must read or skip it. Anything else than
  /// a list is passed over.
  @inlinable
  public mutating func readArray(
    _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard peek() == UInt8(ascii: "[") else { return try skip() }
    try enter()
    if takeIf("]") { return leave() }
    repeat { try element(&self) } while takeIf(",")
    guard takeIf("]") else { throw failure }
    leave()
  }

  /// Reads a text. Nil for anything else, which is passed over.
  public mutating func readString() throws(JSONError) -> String? {
    if peek() == UInt8(ascii: "\"") { return try string() }
    try skip()
    return nil
  }

  /// Reads a text that goes on from one before, in this document or another: a character beyond
  /// the first 65,536 may be cut into halves between the two.
  ///
  /// - Parameter half: The first half that the text before ended in, and then the one that this
  ///   ends in.
  public mutating func readText(_ half: inout UInt32?) throws(JSONError) -> String? {
    guard peek() == UInt8(ascii: "\"") else { return try readString() }
    halves = CharacterHalves(before: half)
    defer { halves = nil }
    let text = try string()
    return halves?.joined(to: text, &half) ?? text
  }

  /// Reads a whole number, also one in quotes. Nil for anything else, which is passed over.
  @inlinable
  public mutating func readInt() throws(JSONError) -> Int? {
    // The plain case, without a text in between: up to 18 digits cannot overflow.
    _ = peek()
    var end = position
    var number = 0
    while end < bytes.count, end - position < 18, bytes[end] &- 0x30 < 10 {
      number = number &* 10 &+ Int(bytes[end] &- 0x30)
      end += 1
    }
    if end > position, end < bytes.count,
      bytes[end] == UInt8(ascii: ",") || bytes[end] == UInt8(ascii: "}")
    {
      position = end
      return number
    }
    return try value().wholeNumber
  }

  /// Reads a truth value. Nil for anything else, which is passed over.
  public mutating func readBool() throws(JSONError) -> Bool? {
    if case .bool(let value) = try value() { value } else { nil }
  }

  /// Reads any value.
  public mutating func value() throws(JSONError) -> JSONValue {
    switch peek() {
    case UInt8(ascii: "{"):
      var fields: [String: JSONValue] = [:]
      try readObject { name, reader throws(JSONError) in fields[name.text] = try reader.value() }
      return .object(fields)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try readArray { reader throws(JSONError) in elements.append(try reader.value()) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    // Python writes what is no number so.
    case UInt8(ascii: "N"): return try literal("NaN", .null)
    case UInt8(ascii: "I"): return try literal("Infinity", .null)
    default: return try number()
    }
  }

  /// Passes over one value.
  public mutating func skip() throws(JSONError) {
    switch peek() {
    case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
    case UInt8(ascii: "\""): try skipString()
    case let byte? where byte &- 0x30 < 10 || byte == UInt8(ascii: "-"): skipNumber()
    default: _ = try value()
    }
  }

  /// Passes over an object or a list: nothing in it counts but strings and brackets.
  private mutating func skipContainer() throws(JSONError) {
    let outside = depth
    repeat {
      guard position < bytes.count else { throw failure }
      switch bytes[position] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): try enter()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        position += 1
        leave()
      case UInt8(ascii: "\""): try skipString()
      default: position += 1
      }
    } while depth > outside
  }

  private mutating func skipNumber() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        position += 1
      default: return
      }
    }
  }

  @inlinable
  mutating func enter() throws(JSONError) {
    position += 1
    depth += 1
    guard depth <= Self.depthMax else { throw failure }
  }

  @inlinable
  mutating func leave() { depth -= 1 }

  private mutating func literal(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    let end = position + text.utf8CodeUnitCount
    let matches =
      end <= bytes.count
      && text.withUTF8Buffer { $0.elementsEqual(bytes[position..<end]) }
    guard matches else { throw failure }
    position = end
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isWhole = true
    scan: while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        isWhole = false
      default: break scan
      }
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text) else {
      position = start
      throw failure
    }
    return .number(value)
  }

  /// Moves to the next byte in a string that is more than itself: its closing quote, a backslash,
  /// or a control character, which no string holds. Returns it.
  @inline(__always)
  private mutating func plainEnd() throws(JSONError) -> UInt8 {
    position = bytes.firstInString(from: position)
    guard position < bytes.count, bytes[position] >= 0x20 else { throw failure }
    return bytes[position]
  }

  /// Finds the end of a string. Afterwards `position` is behind its closing quote. True: it has
  /// escapes.
  @inline(__always)
  @discardableResult
  private mutating func skipString() throws(JSONError) -> Bool {
    position += 1
    var hasEscapes = false
    while try plainEnd() != UInt8(ascii: "\"") {
      hasEscapes = true
      position += 2
    }
    position += 1
    return hasEscapes
  }

  @usableFromInline
  mutating func name() throws(JSONError) -> JSONName {
    let start = position
    let hasEscapes = try skipString()
    if hasEscapes {
      // Says whether they are any.
      position = start
      _ = try string()
    }
    return JSONName(
      quoted: UnsafeBufferPointer(rebasing: bytes[start..<position]), hasEscapes: hasEscapes)
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    let end = try plainEnd()
    let beginning = UnsafeBufferPointer(rebasing: bytes[start..<position])
    if end != UInt8(ascii: "\"") { return try escapedString(beginning) }
    position += 1
    return String(decoding: beginning, as: UTF8.self)
  }

  /// Reads on from the first escape of a string.
  private mutating func escapedString(
    _ beginning: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(beginning.count + 64)
    text.append(contentsOf: beginning)
    repeat {
      try escape(into: &text)
      let start = position
      _ = try plainEnd()
      text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
    } while bytes[position] != UInt8(ascii: "\"")
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard position + 1 < bytes.count else { throw failure }
    defer { position += 2 }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[position + 1])
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      guard var unit = bytes.hexadecimal(at: position + 2) else { throw failure }
      position += 4
      let isLast = position + 2 < bytes.count && bytes[position + 2] == UInt8(ascii: "\"")
      if let joined = halves?.take(unit, isFirst: text.isEmpty, isLast: isLast) {
        text.append(contentsOf: joined.utf8)
        return
      }
      // The two halves of a character beyond the first 65,536; a half alone is no character.
      if unit & 0xFC00 == 0xD800, position + 3 < bytes.count,
        bytes[position + 2] == UInt8(ascii: "\\"), bytes[position + 3] == UInt8(ascii: "u")
      {
        guard let low = bytes.hexadecimal(at: position + 4) else { throw failure }
        if low & 0xFC00 == 0xDC00 {
          unit = 0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF)
          position += 6
        }
      }
      text.append(contentsOf: String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
    default: throw failure
    }
  }
}
