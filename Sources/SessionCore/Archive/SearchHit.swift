/// A thread that a search found.
public struct SearchHit: Sendable, Hashable {
  /// The thread.
  public let thread: ThreadSummary
  /// The message that holds the words; nil when the thread's name does.
  public let message: MessageID?
  /// A piece of the text around the words.
  public let snippet: SearchSnippet

  /// A hit with every part given.
  public init(thread: ThreadSummary, message: MessageID?, snippet: SearchSnippet) {
    self.thread = thread
    self.message = message
    self.snippet = snippet
  }
}

/// A piece of a text on one line, in which the words that were searched for are marked.
public struct SearchSnippet: Sendable, Hashable {
  /// A run of text.
  public struct Part: Sendable, Hashable {
    /// The text.
    public let text: String
    /// Whether it is a word that was searched for.
    public let isMatch: Bool

    /// A part with both given.
    public init(text: String, isMatch: Bool) {
      self.text = text
      self.isMatch = isMatch
    }
  }

  /// The runs, in order; `…` stands where text was left out.
  public let parts: [Part]

  /// The whole text of the snippet.
  public var text: String { parts.map(\.text).joined() }

  /// A snippet with its parts given.
  public init(parts: [Part]) { self.parts = parts }
}

extension SearchSnippet {
  /// Characters shown before the first match.
  private static let leadingCount = 40
  /// Characters shown in all, about.
  private static let characterCount = 160

  /// The piece of `text` that begins a little before the first match; its start when there is none.
  package init(of text: String, matching query: SearchWords) {
    var matches: [Range<String.Index>] = []
    var end = text.endIndex
    query.forEachMatch(in: text) { range in
      if range.lowerBound >= end { return false }
      if matches.isEmpty {
        end =
          text.index(range.lowerBound, offsetBy: Self.characterCount, limitedBy: text.endIndex)
          ?? text.endIndex
      }
      matches.append(range)
      return true
    }
    let first = matches.first?.lowerBound ?? text.startIndex
    if matches.isEmpty {
      end =
        text.index(first, offsetBy: Self.characterCount, limitedBy: text.endIndex)
        ?? text.endIndex
    }
    let start =
      text.index(first, offsetBy: -Self.leadingCount, limitedBy: text.startIndex)
      ?? text.startIndex
    var parts: [Part] = []
    func add(_ range: Range<String.Index>, isMatch: Bool) {
      let piece = Self.oneLine(text[range])
      if !piece.isEmpty { parts.append(Part(text: piece, isMatch: isMatch)) }
    }
    if start > text.startIndex { parts.append(Part(text: "…", isMatch: false)) }
    var position = start
    for match in matches {
      add(position..<match.lowerBound, isMatch: false)
      add(match, isMatch: true)
      position = match.upperBound
    }
    if position < end { add(position..<end, isMatch: false) }
    if max(position, end) < text.endIndex { parts.append(Part(text: "…", isMatch: false)) }
    self.init(parts: parts)
  }

  /// Line breaks, and other white space in a row, as one space; control characters as nothing.
  private static func oneLine(_ text: Substring) -> String {
    var line = ""
    for character in text {
      if character.isWhitespace {
        if line.last != " " { line.append(" ") }
      } else if character.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) {
        line.append(character)
      }
    }
    return line
  }
}
