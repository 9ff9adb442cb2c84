/// Reads one JSON text from front to back, without building it first. Not well-formed: an error, at
/// the first place where it shows.
struct JSONScanner {
  struct Malformed: Error {}

  /// Deeper nesting than this is refused: skipping is recursive.
  private static let depthMax = 64

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads an object; `member` gets each name and must consume its value.
  mutating func object(
    _ member: (String, inout JSONScanner) throws(Malformed) -> Void
  ) throws(Malformed) {
    try expect(UInt8(ascii: "{"))
    if accept(UInt8(ascii: "}")) { return }
    repeat {
      skipSpace()
      let name = try string()
      try expect(UInt8(ascii: ":"))
      try member(name, &self)
    } while accept(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
  }

  /// Reads an array; `element` must consume one value.
  mutating func array(
    _ element: (inout JSONScanner) throws(Malformed) -> Void
  ) throws(Malformed) {
    try expect(UInt8(ascii: "["))
    if accept(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while accept(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
  }

  /// Nothing but white space may follow.
  mutating func end() throws(Malformed) {
    skipSpace()
    if position != bytes.count { throw Malformed() }
  }

  /// A whole number without fraction or exponent.
  mutating func integer() throws(Malformed) -> Int64 {
    skipSpace()
    let start = position
    _ = acceptHere(UInt8(ascii: "-"))
    while let byte = peek, (48...57).contains(byte) { position += 1 }
    if let byte = peek, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
      throw Malformed()
    }
    guard let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw Malformed()
    }
    return value
  }

  /// A string, or nil for `null`.
  mutating func optionalString() throws(Malformed) -> String? {
    skipSpace()
    if peek == UInt8(ascii: "n") {
      try word("null")
      return nil
    }
    return try string()
  }

  mutating func string() throws(Malformed) -> String {
    try expect(UInt8(ascii: "\""))
    let start = position
    // Most strings have nothing to resolve and are taken as they stand.
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
      bytes[position] != UInt8(ascii: "\\"), bytes[position] >= 0x20
    {
      position += 1
    }
    if acceptHere(UInt8(ascii: "\"")) {
      return try text(bytes[start..<(position - 1)])
    }
    var decoded = Array(bytes[start..<position])
    while true {
      guard let byte = peek, byte >= 0x20 else { throw Malformed() }
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try text(decoded[...])
      case UInt8(ascii: "\\"): try escape(into: &decoded)
      default: decoded.append(byte)
      }
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
    return text
  }

  private mutating func escape(into decoded: inout [UInt8]) throws(Malformed) {
    guard let byte = peek else { throw Malformed() }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
    case UInt8(ascii: "b"): decoded.append(0x08)
    case UInt8(ascii: "f"): decoded.append(0x0C)
    case UInt8(ascii: "n"): decoded.append(0x0A)
    case UInt8(ascii: "r"): decoded.append(0x0D)
    case UInt8(ascii: "t"): decoded.append(0x09)
    case UInt8(ascii: "u"):
      var code = try codeUnit()
      if (0xD800..<0xDC00).contains(code) {
        guard acceptHere(UInt8(ascii: "\\")), acceptHere(UInt8(ascii: "u")) else {
          throw Malformed()
        }
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low) else { throw Malformed() }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw Malformed() }
      decoded += Array(String(Character(scalar)).utf8)
    default: throw Malformed()
    }
  }

  private mutating func codeUnit() throws(Malformed) -> UInt32 {
    guard position + 4 <= bytes.count else { throw Malformed() }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = byte.hexDigit else { throw Malformed() }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }

  /// Passes over any value.
  mutating func skip(depth: Int = 0) throws(Malformed) {
    if depth > Self.depthMax { throw Malformed() }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"):
      try object { (_, scanner) throws(Malformed) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try array { (scanner) throws(Malformed) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: try skipNumber()
    }
  }

  /// Passes over one value, and returns its bytes.
  mutating func rawValue() throws(Malformed) -> ArraySlice<UInt8> {
    skipSpace()
    let start = position
    try skip()
    return bytes[start..<position]
  }

  private mutating func skipNumber() throws(Malformed) {
    let start = position
    let signs: [UInt8] = Array("+-.eE".utf8)
    while let byte = peek, (48...57).contains(byte) || signs.contains(byte) { position += 1 }
    guard Double(String(decoding: bytes[start..<position], as: UTF8.self)) != nil else {
      throw Malformed()
    }
  }

  private mutating func word(_ word: String) throws(Malformed) {
    for byte in word.utf8 where !acceptHere(byte) { throw Malformed() }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func acceptHere(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    skipSpace()
    return acceptHere(byte)
  }

  private mutating func expect(_ byte: UInt8) throws(Malformed) {
    guard accept(byte) else { throw Malformed() }
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }
}
