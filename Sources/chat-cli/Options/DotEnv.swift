/// A `.env` file: `NAME=value` lines, as shells and the original application's library read them.
///
/// Blank lines and comments (`#`, also behind a value after white space) are skipped, `export ` is
/// allowed, a value may stand in single or double quotes and then run over several lines; in double
/// quotes `\n`, `\t`, `\"`, `\\` and `\$` are what they are in C. Nothing is substituted.
struct DotEnv: Sendable, Hashable {
  struct Entry: Sendable, Hashable {
    let value: String
    let line: Int
  }

  /// Of a name that is set twice, the last counts.
  let entries: [String: Entry]

  static let empty = DotEnv(entries: [:])

  private init(entries: [String: Entry]) { self.entries = entries }

  init(parsing text: String) throws(UsageError) {
    var entries: [String: Entry] = [:]
    var reader = Reader(text)
    while let (name, entry) = try reader.next() { entries[name] = entry }
    self.entries = entries
  }
}

private struct Reader {
  private var rest: Substring
  private var line = 1

  init(_ text: String) {
    // A byte order mark, as some editors write it, is no part of the first name.
    rest = text.first == "\u{FEFF}" ? text.dropFirst() : text[...]
  }

  mutating func next() throws(UsageError) -> (String, DotEnv.Entry)? {
    while true {
      skip { $0.isWhitespace }
      guard let first = rest.first else { return nil }
      if first != "#" { break }
      skip { !$0.isNewline }
    }
    let start = line
    if rest.hasPrefix("export "), let space = rest.firstIndex(of: " ") {
      rest = rest[space...]
      skip(\.isBlank)
    }
    let name = take { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    skip(\.isBlank)
    guard !name.isEmpty, rest.first == "=" else { throw malformed(start) }
    rest.removeFirst()
    skip(\.isBlank)
    let value = try value(start)
    return (name, DotEnv.Entry(value: value, line: start))
  }

  private mutating func value(_ start: Int) throws(UsageError) -> String {
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return plainValue() }
    rest.removeFirst()
    var value = ""
    while let character = rest.popFirst() {
      if character.isNewline { line += 1 }
      if character == quote {
        skip(\.isBlank)
        if rest.first == "#" { skip { !$0.isNewline } }
        guard rest.first.map(\.isNewline) ?? true else { throw malformed(start) }
        return value
      }
      if character == "\\", quote == "\"", let escaped = rest.first.flatMap(Self.escape) {
        rest.removeFirst()
        value.append(escaped)
      } else {
        value.append(character)
      }
    }
    throw malformed(start)
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

  private mutating func take(_ isTaken: (Character) -> Bool) -> String {
    let taken = rest.prefix(while: isTaken)
    rest = rest[taken.endIndex...]
    return String(taken)
  }

  private func malformed(_ line: Int) -> UsageError {
    UsageError(
      ".env, ligne \(line) : illisible ; attendu : NOM=valeur",
      ".env, line \(line): cannot be read; expected: NAME=value")
  }
}

extension Character {
  fileprivate var isBlank: Bool { self == " " || self == "\t" }
}
