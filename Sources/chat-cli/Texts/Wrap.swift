/// Breaks text into lines.
enum Wrap {
  /// The words of `text` on lines of at most `width` characters; a longer word has its own line. No
  /// line is broken inside French quotation marks' spaces, or before a mark that a space precedes.
  static func lines(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in words(text) {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? word : " " + word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    for word in text.split(separator: " ") {
      if let last = words.last,
        last.hasSuffix("«") || ["»", ":", ";", "!", "?", "→"].contains(word)
      {
        words[words.count - 1] += " " + word
      } else {
        words.append(String(word))
      }
    }
    return words
  }
}
