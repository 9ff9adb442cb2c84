/// The members of a JSON object: texts, whole numbers and, unread, nested values. Reads the small
/// documents beside a message, of which only a few members matter.
struct JSONFields {
  private(set) var texts: [String: String] = [:]
  private(set) var numbers: [String: Int64] = [:]
  /// The members that are `true`.
  private(set) var flags: Set<String> = []
  /// Objects and arrays, as they are written.
  private(set) var nested: [String: String] = [:]

  /// Nothing is known.
  init() {}

  /// Reads `json`; what cannot be read, and all behind it, is left out.
  init(reading json: String) {
    var json = json
    self = json.withUTF8 { JSONFields(reading: $0) }
  }

  /// As the one above, of UTF-8.
  init(reading json: UnsafeBufferPointer<UInt8>) {
    // "{}", which most rows hold; nothing else as short tells anything.
    if json.count <= 2 { return }
    var reader = Reader(bytes: json)
    reader.readObject(into: &self)
  }

  /// Whether nothing was read.
  var isEmpty: Bool { texts.isEmpty && numbers.isEmpty && flags.isEmpty && nested.isEmpty }

  /// Reads the objects of a JSON array; what cannot be read, and all behind it, is left out.
  static func objects(inArray json: String) -> [JSONFields] {
    var json = json
    return json.withUTF8 { bytes in
      var reader = Reader(bytes: bytes)
      return reader.readObjects()
    }
  }

  /// Reads the texts of a JSON array; what cannot be read, and all behind it, is left out.
  static func texts(inArray json: String) -> [String] {
    var json = json
    return json.withUTF8 { bytes in
      var reader = Reader(bytes: bytes)
      return reader.readTexts()
    }
  }

  private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    mutating func readObject(into fields: inout JSONFields) {
      guard next() == UInt8(ascii: "{") else { return }
      while next() == UInt8(ascii: "\""), let name = readText(), next() == UInt8(ascii: ":") {
        guard let first = next() else { return }
        switch first {
        case UInt8(ascii: "\""):
          guard let text = readText() else { return }
          fields.texts[name] = text
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          let start = position - 1
          skipNested()
          fields.nested[name] = String(decoding: bytes[start..<position], as: UTF8.self)
        default:
          let start = position - 1
          while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
          let word = String(decoding: bytes[start..<position], as: UTF8.self)
          fields.numbers[name] = Int64(word)
          if word == "true" { fields.flags.insert(name) }
        }
        guard next() == UInt8(ascii: ",") else { return }
      }
    }

    mutating func readObjects() -> [JSONFields] {
      var objects: [JSONFields] = []
      guard next() == UInt8(ascii: "[") else { return objects }
      while next() == UInt8(ascii: "{") {
        let start = position - 1
        skipNested()
        objects.append(
          JSONFields(reading: UnsafeBufferPointer(rebasing: bytes[start..<position])))
        guard next() == UInt8(ascii: ",") else { break }
      }
      return objects
    }

    mutating func readTexts() -> [String] {
      var texts: [String] = []
      guard next() == UInt8(ascii: "[") else { return texts }
      while next() == UInt8(ascii: "\""), let text = readText() {
        texts.append(text)
        guard next() == UInt8(ascii: ",") else { break }
      }
      return texts
    }

    /// The next byte that is not white space, taken.
    private mutating func next() -> UInt8? {
      while position < bytes.count {
        position += 1
        if !isSpace(bytes[position - 1]) { return bytes[position - 1] }
      }
      return nil
    }

    /// The rest of a text whose opening quote is taken.
    private mutating func readText() -> String? {
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
        if bytes[position] == UInt8(ascii: "\\") { return readEscapedText(from: start) }
        position += 1
      }
      guard position < bytes.count else { return nil }
      position += 1
      return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }

    private mutating func readEscapedText(from start: Int) -> String? {
      var text = Array(bytes[start..<position])
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
        guard byte == UInt8(ascii: "\\") else {
          text.append(byte)
          continue
        }
        guard position < bytes.count else { return nil }
        position += 1
        switch bytes[position - 1] {
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "u"):
          guard let scalar = readScalar() else { return nil }
          text += Array(String(Character(scalar)).utf8)
        case let other: text.append(other)
        }
      }
      return nil
    }

    /// What stands behind `\u`, with the second half of a pair.
    private mutating func readScalar() -> Unicode.Scalar? {
      guard let first = readHex() else { return nil }
      guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      else { return "\u{FFFD}" }
      position += 2
      guard let second = readHex() else { return nil }
      guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func readHex() -> UInt32? {
      guard position + 4 <= bytes.count else { return nil }
      let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
      position += 4
      return UInt32(digits, radix: 16)
    }

    private mutating func skipNested() {
      var depth = 1
      while depth > 0, let byte = next() {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: "\""): if readText() == nil { return }
        default: break
        }
      }
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private func isEnd(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || isSpace(byte)
    }
  }
}
