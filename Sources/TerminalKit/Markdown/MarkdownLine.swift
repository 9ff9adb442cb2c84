/// What a line of Markdown is, by its beginning.
enum MarkdownLine: Sendable, Hashable {
  case heading(level: Int)
  /// A bullet or a number, as it is shown, behind `indent` spaces.
  case item(indent: Int, mark: String)
  case quote
  /// The start or the end of a block of code.
  case fence(Character)
  case rule
  case table
  case text

  /// Decides on a line of which `start` is the beginning. The rest of `start` behind the mark is
  /// the line's text.
  ///
  /// - Parameter isWhole: Whether the line has no more characters.
  /// - Returns: Nil when more characters are needed.
  static func decide(_ start: String, isWhole: Bool) -> (line: MarkdownLine, text: Substring)? {
    let indent = start.prefix { $0 == " " }.count
    let rest = start.dropFirst(indent)
    guard let first = rest.first else { return isWhole ? (.text, start[...]) : nil }
    let plain = (MarkdownLine.text, start[...])
    switch first {
    case "#": return heading(rest, isWhole) ?? (isWhole || rest.count > 6 ? plain : nil)
    case ">":
      if rest.count == 1, !isWhole { return nil }
      return (.quote, rest.dropFirst(rest.dropFirst().first == " " ? 2 : 1))
    case "|": return (.table, rest)
    case "`", "~":
      let count = rest.prefix { $0 == first }.count
      if count < 3 { return isWhole || rest.count > count ? plain : nil }
      return isWhole ? (.fence(first), "") : nil
    case "-", "*", "_", "+":
      let isRule = first != "+" && rest.allSatisfy { $0 == first || $0 == " " }
      if isRule, rest.count(where: { $0 == first }) >= 3 { return isWhole ? (.rule, "") : nil }
      if rest.count == 1, !isWhole { return nil }
      if isRule, !isWhole, first != "*" || rest.contains(" "), rest.count < 6 { return nil }
      guard first != "_", rest.dropFirst().first == " " else { return plain }
      return (.item(indent: indent, mark: "•"), rest.dropFirst(2))
    case "0"..."9":
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      let mark = rest.dropFirst(digits.count)
      guard digits.count <= 3 else { return plain }
      guard let dot = mark.first else { return isWhole ? plain : nil }
      guard dot == "." || dot == ")" else { return plain }
      guard let space = mark.dropFirst().first else { return isWhole ? plain : nil }
      guard space == " " else { return plain }
      return (.item(indent: indent, mark: digits + String(dot)), mark.dropFirst(2))
    default: return plain
    }
  }

  private static func heading(
    _ rest: Substring, _ isWhole: Bool
  ) -> (line: MarkdownLine, text: Substring)? {
    let level = rest.prefix { $0 == "#" }.count
    guard level <= 6 else { return (.text, rest) }
    let text = rest.dropFirst(level)
    guard let space = text.first else { return nil }
    return space == " " ? (.heading(level: level), text.dropFirst()) : (.text, rest)
  }
}
