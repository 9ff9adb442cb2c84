import SessionCore

/// How somebody names a thread: by its id, the beginning of it, or its number in the list.
enum ThreadReference: Sendable, Hashable, CustomStringConvertible {
  case id(ConversationID)
  /// The beginning of an id, in small letters.
  case prefix(String)
  /// The place in the list of threads, from 1.
  case number(Int)

  /// A beginning that is shorter says too little, and looks like a number.
  static let prefixCharacterCountMin = 4
  static let numberMax = 999

  /// As it was typed, in small letters.
  var description: String {
    switch self {
    case .id(let id): "\(id)"
    case .prefix(let prefix): prefix
    case .number(let number): "\(number)"
    }
  }

  init(_ source: Sourced) throws(UsageError) {
    let text = source.text.lowercased()
    let isHexadecimal = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == 0x2D
    }
    if let id = ConversationID(text) {
      self = .id(id)
    } else if let number = Int(text), (1...Self.numberMax).contains(number), text.utf8.count <= 3 {
      self = .number(number)
    } else if isHexadecimal, (Self.prefixCharacterCountMin...35).contains(text.utf8.count) {
      self = .prefix(text)
    } else {
      let least = Self.prefixCharacterCountMin
      throw UsageError(
        source.text, from: source.origin,
        expected: Phrase(
          "un UUID, ses \(least) premiers caractères au moins, ou un numéro de la liste",
          "a UUID, its first \(least) characters at least, or a number of the list"))
    }
  }
}
