/// The marks inside a line: bold, italics, code and links. Holds back a word at most, or a link.
struct InlineMarkdown: Sendable {
  /// A longer one is no link.
  private static let linkCharacterCountMax = 500

  private var text = ""
  private var columns = 0
  private var run = ""
  private var link: String?
  private var isEscaped = false
  private var isBold = false
  private var isItalic = false
  private var isCode = false
  private var last: Character?

  /// Whether a link has begun, in which spaces do not end a word.
  var isInLink: Bool { link != nil }

  mutating func take(_ character: Character) {
    if let open = link {
      takeLink(open + String(character), character)
    } else if isEscaped {
      isEscaped = false
      if !character.isPunctuation, !character.isSymbol { put("\\") }
      put(character)
    } else if run.isEmpty || run.first == character {
      takeMark(character)
    } else {
      endRun(next: character)
      takeMark(character)
    }
  }

  /// What was taken, as it is shown, and its columns. A mark at its end stands at the end of a
  /// word.
  mutating func flush() -> (text: String, columns: Int) {
    endRun(next: nil)
    defer {
      text = ""
      columns = 0
      last = nil
    }
    return (text, columns)
  }

  /// Ends what a line left open.
  mutating func end() -> String {
    var end = ""
    if let open = link {
      link = nil
      end += open
    }
    if isEscaped { end += "\\" }
    if isBold { end += MarkdownStyle.notBold }
    if isItalic { end += MarkdownStyle.notItalic }
    if isCode { end += MarkdownStyle.notColored }
    self = InlineMarkdown()
    return end
  }

  private mutating func takeMark(_ character: Character) {
    switch character {
    case "`": run.append(character)
    case "*" where !isCode, "_" where !isCode: run.append(character)
    case "[" where !isCode: link = "["
    case "\\" where !isCode: isEscaped = true
    default: put(character)
    }
  }

  /// Decides on a run of equal marks, now that it is known what stands behind it.
  private mutating func endRun(next: Character?) {
    guard let mark = run.first else { return }
    let count = run.count
    let marks = run
    run = ""
    // A mark that something follows may begin; one that was begun may end anywhere.
    let mayOpen = next != nil
    switch mark {
    case "`":
      isCode.toggle()
      text += isCode ? MarkdownStyle.code : MarkdownStyle.notColored
    case "_" where last?.isLetter == true && next?.isLetter == true:
      for _ in 0..<count { put(mark) }
    default:
      let wasBold = isBold
      let wasItalic = isItalic
      if count >= 2, isBold || mayOpen {
        isBold.toggle()
        text += isBold ? MarkdownStyle.bold : MarkdownStyle.notBold
      }
      if count % 2 == 1, isItalic || mayOpen {
        isItalic.toggle()
        text += isItalic ? MarkdownStyle.italic : MarkdownStyle.notItalic
      }
      if wasBold == isBold, wasItalic == isItalic { for each in marks { put(each) } }
    }
  }

  /// A link is `[text](address)`; what turns out to be none is text.
  private mutating func takeLink(_ open: String, _ character: Character) {
    link = open
    let parts = open.split(separator: "](", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, character == ")" {
      link = nil
      let name = parts[0].dropFirst()
      let address = parts[1].dropLast()
      text += MarkdownStyle.underline + name + MarkdownStyle.notUnderline
      columns += DisplayWidth.of(name)
      if address != name {
        text += " (\(address))"
        columns += DisplayWidth.of(address) + 3
      }
      last = ")"
    } else if open.count > Self.linkCharacterCountMax
      || (parts.count == 1 && open.dropLast().last == "]" && character != "(")
    {
      link = nil
      let (held, next) = (open.dropLast(), character)
      for each in held { put(each) }
      take(next)
    }
  }

  private mutating func put(_ character: Character) {
    text.append(character)
    columns += DisplayWidth.of(character)
    last = character
  }
}
