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
  /// What follows is pasted; never given out.
  case pasteStart
  /// What follows is a control string; never given out.
  case controlString
}

/// Reads keys out of the bytes that a terminal sends, whatever pieces they come in. What it does
/// not know it leaves out, whole.
struct KeyDecoder: Sendable {
  /// Longer is no key of any terminal.
  private static let sequenceByteCountMax = 32

  private var pending: [UInt8] = []
  private var pasted: [UInt8]?
  /// Inside a control string: what a terminal answers to questions that nobody here asked.
  private var isInString = false

  private enum Step {
    case key(Key?, byteCount: Int)
    case incomplete
  }

  mutating func feed(_ bytes: some Sequence<UInt8>) -> [Key] {
    pending += bytes
    var keys: [Key] = []
    while !pending.isEmpty {
      if isInString {
        guard skipString() else { break }
        continue
      }
      if pasted != nil {
        guard let key = takePaste() else { break }
        keys.append(key)
        continue
      }
      guard case .key(let key, let count) = Self.step(pending[...]) else { break }
      pending.removeFirst(count)
      switch key {
      case .controlString?: isInString = true
      case .pasteStart?: pasted = []
      case let key?: keys.append(key)
      case nil: break
      }
    }
    return Self.joined(keys)
  }

  /// Drops what there is of a control string, which ends with `ESC \` or a bell. Another control
  /// character breaks it off, and is read for itself: without that, a key such as Alt-] would make
  /// the prompt deaf.
  ///
  /// - Returns: False when more bytes are needed to know.
  private mutating func skipString() -> Bool {
    guard let end = pending.firstIndex(where: { $0 < 0x20 }) else {
      pending = []
      return false
    }
    pending.removeFirst(end)
    if pending[0] == 0x1B {
      guard pending.count > 1 else { return false }
      if pending[1] == UInt8(ascii: "\\") { pending.removeFirst(2) }
    } else if pending[0] == 0x07 {
      pending.removeFirst()
    }
    isInString = false
    return true
  }

  /// The end of what was pasted, once it is there.
  private mutating func takePaste() -> Key? {
    let end = Array("\u{1B}[201~".utf8)
    var all = pasted ?? []
    // Only what is new is searched, with the bytes before it that may begin the end.
    let first = max(0, all.count - end.count + 1)
    pasted = nil
    all += pending
    pending = []
    let starts = all.indices.dropLast(end.count - 1).dropFirst(first)
    guard let start = starts.first(where: { all[$0...].starts(with: end) }) else {
      pasted = all
      return nil
    }
    pending = Array(all[(start + end.count)...])
    return .paste(Self.harmless(String(decoding: all[..<start], as: UTF8.self)))
  }

  /// Pasted text with line feeds between its lines, and without what would control a terminal.
  private static func harmless(_ text: String) -> String {
    let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    var scalars = String.UnicodeScalarView()
    for scalar in lines.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      let isText = !isControl || scalar == "\n" || scalar == "\t"
      // A byte-order mark, as files bring it, is no text either.
      if isText, scalar != "\u{FEFF}" { scalars.append(scalar) }
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
    // OSC, DCS, SOS, PM and APC begin control strings.
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      return .key(.controlString, byteCount: 2)
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
    if bytes[end] == UInt8(ascii: "M"), parameters.isEmpty {
      // A click, in the oldest way of telling it: three more bytes.
      return bytes.count < count + 3 ? .incomplete : .key(nil, byteCount: count + 3)
    }
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
      case "200": return .pasteStart
      default:
        let numbers = parameters.split(separator: ";")
        guard numbers.count == 3, numbers[0] == "27" else { return nil }
        return modified(code: numbers[2], modifiers: numbers[1])
      }
    case UInt8(ascii: "u"):
      let numbers = parameters.split(separator: ";")
      guard let code = numbers.first?.split(separator: ":").first else { return nil }
      return modified(code: code, modifiers: numbers.dropFirst().first ?? "1")
    default: return nil
    }
  }

  /// A key that a terminal tells by its character and the keys held with it: Shift-Enter and others
  /// that have no bytes of their own.
  private static func modified(code: Substring, modifiers: Substring) -> Key? {
    guard let number = UInt32(code), let scalar = Unicode.Scalar(number),
      let held = Int(modifiers.prefix { $0.isNumber }), held > 0
    else { return nil }
    let bits = held - 1
    let (isShift, isAlt, isControl) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)
    switch number {
    case 0x0D: return isShift || isAlt || isControl ? .paste("\n") : .enter
    case 0x7F where isAlt || isControl: return .killWord
    case ..<0x20, 0x7F: return control(UInt8(number))
    case _ where isControl && scalar.isASCII: return control(UInt8(number) & 0x1F)
    case _ where isAlt && scalar.isASCII:
      guard case .key(let key, _) = escape([0x1B, UInt8(number)]) else { return nil }
      return key
    default: return isAlt || isControl ? nil : .text(String(Character(scalar)))
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
    // The control characters beyond ASCII are no text.
    if let scalar = text?.unicodeScalars.first, (0x80...0x9F).contains(scalar.value) {
      return .key(nil, byteCount: count)
    }
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
