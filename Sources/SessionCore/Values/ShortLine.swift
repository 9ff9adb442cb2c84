/// Texts of conversations as descriptions show them.
enum ShortLine {
  /// The beginning of a text, on one line: 60 characters at most, and a mark behind what was cut.
  static func of(_ text: String) -> String {
    // What is looked at is bounded: texts can be long.
    let start = text.prefix(240)
    let line = start.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 60 || start.endIndex < text.endIndex ? line.prefix(60) + "…" : line
  }
}
