/// The words of a text, as a search compares them: letters and digits, in small letters, without
/// accents. `École` and `ecole` are one word; `l'école` is two.
///
/// A word of a script with spaces is found at the beginning of a word. Scripts without spaces
/// (Chinese, Japanese, Korean, Thai …) and emoji make runs, and what is looked for is found
/// anywhere in one. Marks, characters without a width and the several forms of a letter do not
/// matter.
package struct SearchWords: Sendable, Equatable {
  /// One word to look for.
  package struct Word: Sendable, Equatable {
    /// Folded.
    package let text: String
    /// As it was typed, in small letters.
    package let spelling: String
    /// Whether it begins a word; otherwise it is found anywhere in a run of its kind.
    package var beginsWord: Bool { kind == .word }
    let kind: SearchFolding.Kind
    fileprivate let bytes: [UInt8]
  }

  /// The words to look for, each once.
  package let entries: [Word]
  /// The same words, folded.
  package var words: [String] { entries.map(\.text) }

  /// Takes the words of what a person typed.
  package init(_ query: String) {
    var words: [Word] = []
    Self.scan(query) { token in
      if !words.contains(where: { $0.kind == token.kind && $0.bytes == token.bytes }) {
        words.append(
          Word(
            text: String(decoding: token.bytes, as: UTF8.self),
            spelling: Self.part(token.start..<token.end, of: query).lowercased(),
            kind: token.kind, bytes: token.bytes))
      }
      return true
    }
    entries = words
  }

  /// One of the words of a query.
  package init(_ word: Word) { entries = [word] }

  /// How often the words are in `text`, all together; nil when one of them is not.
  package func matchCount(in text: String) -> Int? {
    var isFound = Array(repeating: false, count: entries.count)
    var count = 0
    Self.scan(text) { token in
      var isMatch = false
      for (index, word) in entries.enumerated() where word.kind == token.kind {
        if token.kind == .word {
          guard token.bytes.starts(with: word.bytes) else { continue }
          isFound[index] = true
          isMatch = true
        } else {
          let found = token.places(of: word.bytes).count
          if found > 0 { isFound[index] = true }
          count += found
        }
      }
      if isMatch { count += 1 }
      return true
    }
    return !entries.isEmpty && isFound.allSatisfy(\.self) ? count : nil
  }

  /// Calls `body` with every place of `text` where one of the words is, in order and none in
  /// another one, until it returns false: the whole of a word that begins with one, and the part of
  /// a run.
  package func forEachMatch(in text: String, _ body: (Range<String.Index>) -> Bool) {
    Self.scan(text) { token in
      var places: [Range<Int>] = []
      for word in entries where word.kind == token.kind {
        if token.kind != .word {
          places += token.places(of: word.bytes)
        } else if token.bytes.starts(with: word.bytes) {
          places = [token.start..<token.end]
        }
      }
      places.sort { ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound) }
      var end = 0
      for place in places where place.lowerBound >= end {
        end = place.upperBound
        let start = text.utf8.index(text.startIndex, offsetBy: place.lowerBound)
        let stop = text.utf8.index(text.startIndex, offsetBy: place.upperBound)
        if !body(start..<stop) { return false }
      }
      return true
    }
  }

  private static func part(_ bytes: Range<Int>, of text: String) -> Substring {
    let start = text.utf8.index(text.startIndex, offsetBy: bytes.lowerBound)
    return text[start..<text.utf8.index(text.startIndex, offsetBy: bytes.upperBound)]
  }
}

extension SearchWords {
  /// A word or a run of a text. Places are counted in bytes of UTF-8.
  private struct Token {
    var kind = SearchFolding.Kind.none
    var start = 0
    var end = 0
    /// Folded, in UTF-8.
    var bytes: [UInt8] = []
    /// Of a run: where the letter stands that a folded byte comes from, and where it ends.
    var origins: [Range<Int>] = []
    private var last: UInt32 = 0
    private var lastStart = 0

    mutating func begin(_ kind: SearchFolding.Kind, at start: Int) {
      self.kind = kind
      self.start = start
      bytes.removeAll(keepingCapacity: true)
      origins.removeAll(keepingCapacity: true)
      last = 0
    }

    mutating func append(_ value: UInt32, from place: Range<Int>) {
      end = place.upperBound
      var place = place
      var value = value
      if last != 0, let joined = SearchFolding.joined(last, value) {
        if kind != .word, lastStart < origins.count {
          place = origins[lastStart].lowerBound..<place.upperBound
        }
        bytes.removeSubrange(lastStart...)
        if kind != .word { origins.removeSubrange(lastStart...) }
        value = joined
      }
      last = value
      lastStart = bytes.count
      if value < 0x80 {
        bytes.append(UInt8(value))
      } else if let encoded = Unicode.Scalar(value).flatMap(UTF8.encode) {
        bytes += encoded
      }
      if kind != .word {
        while origins.count < bytes.count { origins.append(place) }
      }
    }

    /// Takes what stands behind the last letter, and counts for nothing, for a part of it.
    mutating func extend(to place: Int) {
      end = place
      for index in lastStart..<max(lastStart, origins.count) {
        origins[index] = origins[index].lowerBound..<place
      }
    }

    /// Where a run holds a word, one place behind the other.
    func places(of word: [UInt8]) -> [Range<Int>] {
      var places: [Range<Int>] = []
      var index = 0
      while index + word.count <= bytes.count {
        if bytes[index] == word[0], bytes[index..<(index + word.count)].elementsEqual(word) {
          let end = origins[index + word.count - 1].upperBound
          places.append(origins[index].lowerBound..<end)
          index += word.count
        } else {
          index += 1
        }
      }
      return places
    }
  }

  /// Calls `body` with every word and run of `text`, until it returns false.
  private static func scan(_ text: String, _ body: (Token) -> Bool) {
    var text = text
    text.withUTF8 { bytes in
      var token = Token()
      var index = 0
      while index < bytes.count {
        let start = index
        let byte = bytes[index]
        if byte < 0x80 {
          index += 1
          let folded = asciiWord[Int(byte)]
          if folded != 0 {
            if token.kind != .word {
              if token.kind != .none, !body(token) { return }
              token.begin(.word, at: start)
            }
            token.append(UInt32(folded), from: start..<index)
          } else if token.kind != .none {
            if !body(token) { return }
            token.kind = .none
          }
          continue
        }
        let scalar = decode(bytes, &index)
        let folded = SearchFolding.folded(scalar)
        switch folded.kind {
        case .ignored: if token.kind != .none { token.extend(to: index) }
        case .none:
          if token.kind != .none, !body(token) { return }
          token.kind = .none
        case .word, .run, .emoji:
          if token.kind != folded.kind {
            if token.kind != .none, !body(token) { return }
            token.begin(folded.kind, at: start)
          }
          token.append(folded.first, from: start..<index)
          for scalar in folded.rest { token.append(scalar.value, from: start..<index) }
        }
      }
      if token.kind != .none { _ = body(token) }
    }
  }

  /// The small letter, digit or `_` of an ASCII character; 0 for others.
  private static let asciiWord: [UInt8] = (0..<128).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt8(byte) | 0x20
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      UInt8(byte)
    default: 0
    }
  }

  /// The character at `index`, which is moved behind it. Strings are valid UTF-8.
  private static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int
  ) -> Unicode.Scalar {
    let first = UInt32(bytes[index])
    let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = first & (count == 2 ? 0x1F : count == 3 ? 0x0F : 0x07)
    for byte in bytes[(index + 1)..<min(index + count, bytes.count)] {
      value = value << 6 | UInt32(byte & 0x3F)
    }
    index += count
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }
}
