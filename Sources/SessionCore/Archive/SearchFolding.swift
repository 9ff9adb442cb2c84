/// What a search makes of one character of a text.
enum SearchFolding {
  /// What a character is a part of.
  enum Kind: UInt8 {
    /// Nothing: it ends a word.
    case none
    /// Nothing, and it ends no word either: a mark, a joiner, a character without a width.
    case ignored
    /// A word that spaces or signs end.
    case word
    /// A run of a script that puts no spaces between words.
    case run
    /// A run of emoji.
    case emoji
  }

  /// A character: its kind, and the letters that it is compared as.
  struct Folded {
    var kind: Kind
    var first: UInt32 = 0
    /// The letters behind the first, of which there are hardly ever any.
    var rest: [Unicode.Scalar] = []
  }

  static func folded(_ scalar: Unicode.Scalar) -> Folded {
    let value = scalar.value
    // Very many, and all of one kind.
    if (0x4E00...0x9FFF).contains(value) || (0xAC00...0xD7A3).contains(value) {
      return Folded(kind: .run, first: value)
    }
    return value < UInt32(known.count) ? known[Int(value)] : computed(scalar)
  }

  /// Characters of most alphabets are looked up.
  private static let known: [Folded] = (0..<0x3000).map { value in
    Unicode.Scalar(UInt32(value)).map(computed) ?? Folded(kind: .none)
  }

  private static func computed(_ scalar: Unicode.Scalar) -> Folded {
    if isIgnored(scalar) { return Folded(kind: .ignored) }
    let letters = letters(scalar)
    guard let first = letters.first else { return Folded(kind: .none) }
    return Folded(kind: kind(first), first: first.value, rest: Array(letters.dropFirst()))
  }

  private static func letters(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    if let plain = plainLetter(scalar.value) { return [plain] }
    let properties = scalar.properties
    if properties.numericType == .decimal || properties.numericType == .digit,
      let number = properties.numericValue, let digit = Unicode.Scalar(48 + UInt32(number))
    {
      return [digit]
    }
    let small = properties.lowercaseMapping.unicodeScalars
    let letters = small.flatMap { LetterForms.all[$0.value] ?? [$0] }
    return letters.filter { !isIgnored($0) }
  }

  /// The ASCII letter, in small letters, that a character is a wide, circled or styled form of; an
  /// ASCII character itself.
  private static func plainLetter(_ value: UInt32) -> Unicode.Scalar? {
    var value = value
    switch value {
    case 0xFF01...0xFF5E: value -= 0xFEE0
    case 0x249C...0x24B5: value -= 0x249C - 0x61
    case 0x24B6...0x24CF: value -= 0x24B6 - 0x41
    case 0x24D0...0x24E9: value -= 0x24D0 - 0x61
    case 0x1D400...0x1D6A3:
      let letter = (value - 0x1D400) % 52
      value = letter < 26 ? 0x61 + letter : 0x61 + letter - 26
    case 0..<0x80: break
    default: return nil
    }
    return Unicode.Scalar((0x41...0x5A).contains(value) ? value | 0x20 : value)
  }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    if scalar.isASCII {
      return switch scalar {
      case "a"..."z", "0"..."9", "_": .word
      default: .none
      }
    }
    if isWithoutSpaces(scalar.value) { return .run }
    let properties = scalar.properties
    if properties.isAlphabetic || properties.numericType != nil { return .word }
    return switch properties.generalCategory {
    case .nonspacingMark, .spacingMark: .word
    case .otherSymbol: .emoji
    default: properties.isEmoji ? .emoji : .none
    }
  }

  /// Marks that change nothing of a letter, and characters that nobody sees. The vowels of Indian
  /// and South-East Asian scripts are marks too, and count.
  private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x300...0x36F, 0x483...0x489, 0x591...0x5BD, 0x5BF, 0x5C1...0x5C2, 0x5C4...0x5C5, 0x5C7,
      0x610...0x61A, 0x640, 0x64B...0x65F, 0x670, 0x6D6...0x6DC, 0x6DF...0x6E4, 0x6E7...0x6E8,
      0x6EA...0x6ED, 0x8CA...0x8FF, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF,
      0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xE0100...0xE01EF, 0x1F3FB...0x1F3FF:
      true
    default: scalar.properties.generalCategory == .format
    }
  }

  /// Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese, Tibetan and their like.
  private static func isWithoutSpaces(_ value: UInt32) -> Bool {
    switch value {
    case 0x0E01...0x0E4E, 0x0E81...0x0ECD, 0x0EDC...0x0EDF, 0x0F40...0x0FBC, 0x1000...0x103F,
      0x1050...0x109F, 0x1100...0x11FF, 0x1780...0x17D3, 0x17D7...0x17DD, 0x1950...0x19DF,
      0x1A20...0x1A7C, 0x2E80...0x2FD5, 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x3035,
      0x303B...0x303C, 0x3041...0x309A, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF,
      0x3105...0x312F, 0x3131...0x318E, 0x31A0...0x31BF, 0x31F0...0x31FF, 0x3400...0x4DBF,
      0x4E00...0x9FFF, 0xA000...0xA48C, 0xA960...0xA97C, 0xA980...0xA9CF, 0xA9E0...0xA9EF,
      0xAA60...0xAAC2, 0xAC00...0xD7FB, 0xF900...0xFAD9, 0xFFA0...0xFFDC, 0x16FF0...0x18CFF,
      0x1AFF0...0x1B2FB, 0x20000...0x3FFFF:
      true
    default: false
    }
  }

  /// The letter that a second one makes of the one before it: a kana with its mark, a syllable of
  /// Korean letters. Nil when the two stay two.
  static func joined(_ last: UInt32, _ next: UInt32) -> UInt32? {
    switch next {
    case 0x3099 where last == 0x30A6: return 0x30F4
    case 0x3099 where last == 0x3046: return 0x3094
    case 0x3099, 0x309A:
      // Hiragana and katakana stand in the same order, 0x60 apart.
      let kana = last >= 0x30A1 ? last - 0x60 : last
      let isH = (0x306F...0x307B).contains(kana) && (kana - 0x306F) % 3 == 0
      if next == 0x309A { return isH ? last + 2 : nil }
      let isKToT = (0x304B...0x3061).contains(kana) && kana % 2 == 1
      let isTsToTo = [0x3064, 0x3066, 0x3068].contains(kana)
      return isH || isKToT || isTsToTo ? last + 1 : nil
    case 0x1161...0x1175 where (0x1100...0x1112).contains(last):
      return 0xAC00 + ((last - 0x1100) * 21 + next - 0x1161) * 28
    case 0x11A8...0x11C2 where (0xAC00...0xD7A3).contains(last) && (last - 0xAC00) % 28 == 0:
      return last + next - 0x11A7
    default: return nil
    }
  }
}
