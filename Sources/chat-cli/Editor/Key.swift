/// What somebody did at the keyboard.
enum Key: Sendable, Hashable {
  case text(String)
  /// Pasted: line breaks in it are text.
  case paste(String)
  case enter
  case tab
  case backspace
  case delete
  case left
  case right
  case up
  case down
  case home
  case end
  case wordLeft
  case wordRight
  case killToEnd
  case killToStart
  case killWord
  case killWordAhead
  case interrupt
  case endOfInput
  case clearScreen
  case suspend
}

/// Reads keys out of the bytes that a terminal sends, whatever pieces they come in. What it does
/// not know it leaves out, whole.
struct KeyDecoder: Sendable {
  /// Longer is no key of any terminal.
  private static let sequenceByteCountMax = 32

  private var pending: [UInt8] = []
  private var pasted: [UInt8]?

  private enum Step {
    case key(Key?, byteCount: Int)
    case incomplete
  }

  mutating func feed(_ bytes: some Sequence<UInt8>) -> [Key] {
    pending += bytes
    var keys: [Key] = []
    while !pending.isEmpty {
      if pasted != nil {
        guard let key = takePaste() else { break }
        keys.append(key)
        continue
      }
      guard case .key(let key, let count) = Self.step(pending[...]) else { break }
      pending.removeFirst(count)
      if let key { keys.append(key) }
      if key == .paste("") {
        keys.removeLast()
        pasted = []
      }
    }
    return Self.joined(keys)
  }

  /// The end of what was pasted, once it is there.
  private mutating func takePaste() -> Key? {
    let end = Array("\u{1B}[201~".utf8)
    let all = (pasted ?? []) + pending
    pending = []
    let starts = all.indices.dropLast(end.count - 1)
    guard let start = starts.first(where: { all[$0...].starts(with: end) }) else {
      pasted = all
      return nil
    }
    pasted = nil
    pending = Array(all[(start + end.count)...])
    return .paste(Self.harmless(String(decoding: all[..<start], as: UTF8.self)))
  }

  /// Pasted text with line feeds between its lines, and without what would control a terminal.
  private static func harmless(_ text: String) -> String {
    let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    var scalars = String.UnicodeScalarView()
    for scalar in lines.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      if !isControl || scalar == "\n" || scalar == "\t" { scalars.append(scalar) }
    }
    return String(scalars)
  }

  private static func step(_ bytes: ArraySlice<UInt8>) -> Step {
    guard let first = bytes.first else { return .incomplete }
    switch first {
    case 0x1B: return escape(bytes)
    case ..<0x20, 0x7F: return .key(control(first), byteCount: 1)
    default: return character(bytes)
    }
  }

  private static func control(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x01: .home
    case 0x02: .left
    case 0x03: .interrupt
    case 0x04: .endOfInput
    case 0x05: .end
    case 0x06: .right
    case 0x08, 0x7F: .backspace
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x0B: .killToEnd
    case 0x0C: .clearScreen
    case 0x0E: .down
    case 0x10: .up
    case 0x15: .killToStart
    case 0x17: .killWord
    case 0x1A: .suspend
    default: nil
    }
  }

  private static func escape(_ bytes: ArraySlice<UInt8>) -> Step {
    guard let second = bytes.dropFirst().first else { return .incomplete }
    switch second {
    case UInt8(ascii: "["): return sequence(bytes)
    case UInt8(ascii: "O"):
      guard let last = bytes.dropFirst(2).first else { return .incomplete }
      return .key(named(last, parameters: ""), byteCount: 3)
    case UInt8(ascii: "b"): return .key(.wordLeft, byteCount: 2)
    case UInt8(ascii: "f"): return .key(.wordRight, byteCount: 2)
    case UInt8(ascii: "d"): return .key(.killWordAhead, byteCount: 2)
    case 0x7F: return .key(.killWord, byteCount: 2)
    case 0x0D: return .key(.paste("\n"), byteCount: 2)
    // The escape key alone, and then something of its own.
    default: return .key(nil, byteCount: 1)
    }
  }

  private static func sequence(_ bytes: ArraySlice<UInt8>) -> Step {
    let body = bytes.dropFirst(2)
    guard let end = body.firstIndex(where: { !(0x20...0x3F).contains($0) }) else {
      return bytes.count > sequenceByteCountMax
        ? .key(nil, byteCount: bytes.count) : .incomplete
    }
    let count = end - bytes.startIndex + 1
    let parameters = String(decoding: body[..<end], as: UTF8.self)
    return .key(named(bytes[end], parameters: parameters), byteCount: count)
  }

  private static func named(_ last: UInt8, parameters: String) -> Key? {
    let isWord = parameters.hasSuffix(";5") || parameters.hasSuffix(";3")
    switch last {
    case UInt8(ascii: "A"): return .up
    case UInt8(ascii: "B"): return .down
    case UInt8(ascii: "C"): return isWord ? .wordRight : .right
    case UInt8(ascii: "D"): return isWord ? .wordLeft : .left
    case UInt8(ascii: "H"): return .home
    case UInt8(ascii: "F"): return .end
    case UInt8(ascii: "~"):
      switch parameters {
      case "1", "7": return .home
      case "4", "8": return .end
      case "3": return .delete
      case "200": return .paste("")
      default: return nil
      }
    default: return nil
    }
  }

  private static func character(_ bytes: ArraySlice<UInt8>) -> Step {
    let count =
      switch bytes.first ?? 0 {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 1
      }
    let found = bytes.dropFirst().prefix(count - 1).prefix { (0x80...0xBF).contains($0) }
    if found.count < count - 1, bytes.count == found.count + 1 { return .incomplete }
    let text = String(validating: bytes.prefix(count), as: UTF8.self)
    return text.map { .key(.text($0), byteCount: count) } ?? .key(nil, byteCount: 1)
  }

  /// Neighbouring pieces of text as one.
  private static func joined(_ keys: [Key]) -> [Key] {
    var joined: [Key] = []
    for key in keys {
      if case .text(let text) = key, case .text(let before) = joined.last {
        joined[joined.count - 1] = .text(before + text)
      } else {
        joined.append(key)
      }
    }
    return joined
  }
}
