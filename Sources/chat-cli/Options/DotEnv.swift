/// A `.env` file: `NAME=value` lines, as shells and the original application's library read them.
///
/// The file may be another program's: only the variables that this one knows are kept, and lines
/// that are no such line are skipped. Blank lines and comments (`#`, also behind a value after
/// white space) are skipped, `export ` is allowed, a value may stand in single or double quotes and
/// then run over several lines; in double quotes `\n`, `\t`, `\"`, `\\` and `\$` are what they are
/// in C. Nothing is substituted.
struct DotEnv: Sendable, Hashable {
  struct Entry: Sendable, Hashable {
    /// Nil: the line sets a variable of ours to what cannot be read.
    let value: String?
    let line: Int
  }

  /// Of a name that is set twice, the last counts.
  let entries: [String: Entry]
  /// The path that somebody gave; nil for the file of the working directory.
  let path: String?

  static let empty = DotEnv(parsing: "", known: [])

  /// - Parameters:
  ///   - known: The variables that are kept.
  ///   - path: The path that somebody gave.
  init(
    parsing text: String, known: Set<String> = OptionTable.knownVariables, path: String? = nil
  ) {
    var entries: [String: Entry] = [:]
    var reader = Reader(text)
    while let (name, entry) = reader.next() {
      if known.contains(name) { entries[name] = entry }
    }
    self.entries = entries
    self.path = path
  }
}

private struct Reader {
  private var rest: Substring
  private var line = 1

  init(_ text: String) {
    // A byte-order mark, as some editors write it, is no part of the first name.
    rest = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
  }

  /// The next line that sets something; nil at the end.
  mutating func next() -> (String, DotEnv.Entry)? {
    while true {
      skip(\.isWhitespace)
      guard !rest.isEmpty else { return nil }
      let start = line
      if let name = name() {
        skip(\.isBlank)
        let atValue = (rest, line)
        let value = value()
        // What cannot be read costs its own line, and not those that a quote would run over.
        if value == nil { (rest, line) = atValue }
        if value == nil { skip { !$0.isNewline } }
        return (name, DotEnv.Entry(value: value, line: start))
      }
      skip { !$0.isNewline }
    }
  }

  /// The name before an equals sign, which is taken too; nil when the line has no such beginning.
  private mutating func name() -> String? {
    if rest.hasPrefix("export "), let space = rest.firstIndex(of: " ") {
      rest = rest[space...]
      skip(\.isBlank)
    }
    let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    rest = rest[name.endIndex...]
    skip(\.isBlank)
    guard !name.isEmpty, rest.first == "=" else { return nil }
    rest.removeFirst()
    return String(name)
  }

  /// A value; nil for one that cannot be read.
  private mutating func value() -> String? {
    let value: String?
    if let quote = rest.first, quote == "\"" || quote == "'" {
      rest.removeFirst()
      value = quotedValue(quote)
    } else {
      value = plainValue()
    }
    // What was no text in the file's encoding.
    return value?.contains("\u{FFFD}") == true ? nil : value
  }

  private mutating func quotedValue(_ quote: Character) -> String? {
    var value = ""
    while let character = rest.popFirst() {
      if character.isNewline { line += 1 }
      if character == quote {
        skip(\.isBlank)
        if rest.first == "#" { skip { !$0.isNewline } }
        return rest.first.map(\.isNewline) ?? true ? value : nil
      }
      if character == "\\", quote == "\"", let escaped = rest.first.flatMap(Self.escape) {
        rest.removeFirst()
        value.append(escaped)
      } else {
        value.append(character)
      }
    }
    return nil
  }

  private mutating func plainValue() -> String {
    var value = ""
    while let character = rest.first, !character.isNewline {
      if character == "#", value.isEmpty || value.last?.isBlank == true { break }
      value.append(character)
      rest.removeFirst()
    }
    skip { !$0.isNewline }
    while value.last?.isWhitespace == true { value.removeLast() }
    return value
  }

  private static func escape(_ character: Character) -> Character? {
    switch character {
    case "n": "\n"
    case "t": "\t"
    case "\"", "\\", "$": character
    default: nil
    }
  }

  private mutating func skip(_ isSkipped: (Character) -> Bool) {
    while let character = rest.first, isSkipped(character) {
      if character.isNewline { line += 1 }
      rest.removeFirst()
    }
  }
}

extension Character {
  fileprivate var isBlank: Bool { self == " " || self == "\t" }
}
