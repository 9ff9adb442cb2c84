/// The words of a text, as a search compares them: letters and digits, in small letters, without
/// accents. `École` and `ecole` are one word; `l'école` is two.
package struct SearchWords: Sendable, Equatable {
  /// The words to look for, folded, each once.
  package let words: [String]
  /// The same words as they were typed, in small letters.
  package let spellings: [String]

  /// Takes the words of what a person typed.
  package init(_ query: String) {
    var seen: Set<String> = []
    var words: [String] = []
    var spellings: [String] = []
    Self.forEachWord(in: query) { range, folded in
      if seen.insert(folded).inserted {
        words.append(folded)
        spellings.append(query[range].lowercased())
      }
      return true
    }
    self.words = words
    self.spellings = spellings
  }

  /// Whether every word begins some word of `text`; and how often they do together.
  package func matchCount(in text: String) -> Int? {
    var isFound = Array(repeating: false, count: words.count)
    var count = 0
    Self.forEachWord(in: text) { _, folded in
      var isMatch = false
      // Folded words have one spelling each: their bytes can be compared.
      for index in words.indices where folded.utf8.starts(with: words[index].utf8) {
        isFound[index] = true
        isMatch = true
      }
      if isMatch { count += 1 }
      return true
    }
    return !words.isEmpty && isFound.allSatisfy(\.self) ? count : nil
  }

  /// Whether a folded word of a text is looked for.
  package func isMatch(_ folded: String) -> Bool {
    words.contains { folded.utf8.starts(with: $0.utf8) }
  }

  /// Calls `body` with every word of `text` and its folded form, until it returns false.
  package static func forEachWord(
    in text: String, _ body: (Range<String.Index>, String) -> Bool
  ) {
    let scalars = text.unicodeScalars
    var start: String.Index?
    var folded = ""
    var index = scalars.startIndex
    while index < scalars.endIndex {
      let scalar = scalars[index]
      if isWordScalar(scalar) {
        if start == nil { start = index }
        append(scalar, to: &folded)
      } else if let first = start {
        guard body(first..<index, folded) else { return }
        start = nil
        folded = ""
      }
      scalars.formIndex(after: &index)
    }
    if let start { _ = body(start..<scalars.endIndex, folded) }
  }

  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": true
      default: false
      }
    }
    let properties = scalar.properties
    return properties.isAlphabetic || properties.numericType != nil || isMark(properties)
  }

  private static func isMark(_ properties: Unicode.Scalar.Properties) -> Bool {
    properties.generalCategory == .nonspacingMark
  }

  private static func append(_ scalar: Unicode.Scalar, to folded: inout String) {
    if scalar.isASCII {
      let isCapital = ("A"..."Z").contains(scalar)
      folded.unicodeScalars.append(
        isCapital ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
    } else if !isMark(scalar.properties) {
      let small = scalar.properties.lowercaseMapping
      folded += small.unicodeScalars.count == 1 ? plainLetters[small] ?? small : small
    }
  }

  /// Letters that are others with a mark, in small letters: Latin (Vietnamese included), Greek and
  /// Cyrillic ones.
  private static let plainLetters: [String: String] = {
    let groups = [
      ("a", "àáâãäåāăąǎ"), ("c", "çćĉċč"), ("d", "ďđð"), ("e", "èéêëēĕėęěẽ"), ("g", "ĝğġģ"),
      ("h", "ĥħ"), ("i", "ìíîïĩīĭįıǐ"), ("j", "ĵ"), ("k", "ķ"), ("l", "ĺļľŀł"), ("n", "ñńņňŉŋ"),
      ("o", "òóôõöøōŏőǒ"), ("r", "ŕŗř"), ("s", "śŝşšș"), ("t", "ţťŧț"), ("u", "ùúûüũūŭůűųǔ"),
      ("w", "ŵ"), ("y", "ýÿŷỳ"), ("z", "źżž"), ("oe", "œ"), ("ae", "æ"), ("ss", "ß"),
      ("a", "ạảấầẩẫậắằẳẵặ"), ("e", "ẹẻếềểễệ"), ("i", "ỉị"), ("o", "ọỏốồổỗộơớờởỡợ"),
      ("u", "ụủưứừửữự"), ("y", "ỳỵỷỹ"), ("α", "ά"), ("ε", "έ"), ("η", "ή"), ("ι", "ίϊΐ"),
      ("ο", "ό"), ("υ", "ύϋΰ"), ("ω", "ώ"), ("σ", "ς"), ("е", "ёѐ"), ("и", "йѝ"), ("і", "ї"),
      ("у", "ў"), ("г", "ѓ"), ("к", "ќ"),
    ]
    var letters: [String: String] = [:]
    for (plain, marked) in groups {
      for scalar in marked.unicodeScalars { letters[String(scalar)] = plain }
    }
    return letters
  }()
}
