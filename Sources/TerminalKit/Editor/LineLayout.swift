/// Where the characters of a text stand on a screen, and the cursor among them.
struct LineLayout: Sendable, Hashable {
  let rows: [String]
  let cursorRow: Int
  let cursorColumn: Int

  /// Stands before the lines of a message behind its first.
  static let continuation = "… "

  /// - Parameters:
  ///   - width: Columns of the screen. The last one stays free, because terminals differ in what
  ///     they do behind it.
  ///   - height: Rows of the screen; of a longer text, those around the cursor are shown.
  init(prompt: String, _ buffer: LineBuffer, width: Int, height: Int) {
    var rows = [prompt]
    var column = DisplayWidth.of(prompt)
    let limit = max(width - 1, 4)
    func place(_ text: String) {
      for character in text {
        if character == "\n" {
          rows.append(Self.continuation)
          column = DisplayWidth.of(Self.continuation)
          continue
        }
        let shown = Self.shown(character)
        let columns = DisplayWidth.of(shown)
        if column + columns > limit {
          rows.append("")
          column = 0
        }
        rows[rows.count - 1] += shown
        column += columns
      }
    }
    place(buffer.before)
    let cursor = (row: rows.count - 1, column: column)
    place(buffer.after)
    let count = max(1, height - 1)
    let first = max(0, min(cursor.row - count / 2, rows.count - count))
    self.rows = Array(rows[first..<min(rows.count, first + count)])
    cursorRow = cursor.row - first
    cursorColumn = cursor.column
  }

  private static func shown(_ character: Character) -> String {
    if character == "\t" { return "    " }
    return StandardStreams.harmless(String(character))
  }

  /// The text that draws it, from the start of its first row, and puts the cursor in its place.
  var drawing: String {
    var text = "\r\u{1B}[J" + rows.joined(separator: "\n")
    let up = rows.count - 1 - cursorRow
    if up > 0 { text += "\u{1B}[\(up)A" }
    text += "\r"
    if cursorColumn > 0 { text += "\u{1B}[\(cursorColumn)C" }
    return text
  }

  /// Rows from the first to the cursor after the screen became `width` columns wide and broke the
  /// rows anew.
  func cursorRow(atWidth width: Int) -> Int {
    let above = rows[..<cursorRow].reduce(0) { sum, row in
      sum + max(1, (DisplayWidth.of(row) + width - 1) / max(1, width))
    }
    return above + cursorColumn / max(1, width)
  }
}
