/// Turns Markdown that comes in pieces into lines for a terminal: bold, italics, headings, lists,
/// quotes, links and code, broken at words to the width of the screen. What is not finished is held
/// back, a word at most, or the beginning of a line.
///
/// The text must hold no control characters but line feeds and tabs.
package struct MarkdownStream: Sendable {
  /// The columns of the screen, from the next word on: it may change while an answer comes.
  package var width: Int

  private var lineStart = ""
  private var line: MarkdownLine?
  private var isInCode: Character?
  private var inline = InlineMarkdown()
  private var column = 0
  private var indent = 0
  private var hasSpace = false
  private var isAtStart = true
  private var output = ""

  package init(width: Int) { self.width = width }

  /// Takes the next piece, and returns what can be shown now.
  package mutating func feed(_ text: String) -> String {
    output = ""
    for character in text { take(character) }
    return output
  }

  /// Takes the end of the text, and returns the rest of it.
  package mutating func finish() -> String {
    output = ""
    endLine()
    if isInCode != nil { output += MarkdownStyle.reset }
    isInCode = nil
    return output
  }

  private mutating func take(_ character: Character) {
    if character == "\n" {
      endLine()
      // The lines of the fences themselves are not shown.
      if case .fence = line {} else { output += "\n" }
      line = nil
      column = 0
    } else if line == nil {
      lineStart.append(character)
      decide(isWhole: false)
    } else {
      takeText(character)
    }
  }

  private mutating func decide(isWhole: Bool) {
    if let fence = isInCode {
      // Only a fence ends the code; everything else is shown as it is.
      let isFence = lineStart.drop { $0 == " " }.allSatisfy { $0 == fence }
      guard !isFence || isWhole else { return }
      let text = lineStart
      lineStart = ""
      if isFence, text.count(where: { $0 == fence }) >= 3 {
        isInCode = nil
        line = .fence(fence)
        output += MarkdownStyle.notColored
      } else {
        line = .text
        output += "  " + text
      }
      return
    }
    guard let (kind, text) = MarkdownLine.decide(lineStart, isWhole: isWhole) else { return }
    lineStart = ""
    line = kind
    begin(kind)
    for character in text { takeText(character) }
  }

  private mutating func begin(_ kind: MarkdownLine) {
    indent = 0
    hasSpace = false
    isAtStart = true
    switch kind {
    case .heading: output += MarkdownStyle.bold
    case .item(let spaces, let mark):
      let start = String(repeating: " ", count: spaces) + mark + " "
      output += start
      indent = DisplayWidth.of(start)
    case .quote:
      output += MarkdownStyle.quote + "│ "
      indent = 2
    case .fence(let fence):
      isInCode = fence
      output += MarkdownStyle.code
    case .rule: output += String(repeating: "─", count: max(1, min(40, width - 1)))
    case .table, .text: break
    }
    column = indent
  }

  private mutating func takeText(_ character: Character) {
    if isInCode != nil {
      output.append(character)
      return
    }
    if character == " ", line != .table, !inline.isInLink {
      flushInline()
      if isAtStart {
        // The indentation of a line stays.
        output += " "
        column += 1
      } else {
        hasSpace = true
      }
      return
    }
    inline.take(character)
  }

  /// Shows the word that is complete now, on the next row if it does not fit.
  private mutating func flushInline() {
    guard isInCode == nil else { return }
    let (text, columns) = inline.flush()
    guard !text.isEmpty else { return }
    isAtStart = false
    if hasSpace {
      if line != .table, column + 1 + columns > width - 1, columns > 0 {
        output += "\n" + (line == .quote ? "│ " : String(repeating: " ", count: indent))
        column = indent
      } else {
        output += " "
        column += 1
      }
    }
    hasSpace = false
    output += text
    column += columns
  }

  private mutating func endLine() {
    if line == nil, !lineStart.isEmpty { decide(isWhole: true) }
    flushInline()
    if isInCode == nil { output += inline.end() }
    switch line {
    case .heading: output += MarkdownStyle.notBold
    case .quote: output += MarkdownStyle.notColored
    default: break
    }
  }
}
