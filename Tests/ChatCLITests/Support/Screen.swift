@testable import TerminalKit

/// What a terminal shows after it was sent some bytes: as much of one as the program uses. What it
/// does not know is a fault, shown as `⁇`.
struct Screen {
  private let columns: Int
  private let rows: Int
  /// All lines since the start, those that scrolled away included.
  private var lines: [[String]] = [[]]
  private var row = 0
  private var column = 0

  init(columns: Int = 80, rows: Int = 24, _ bytes: [UInt8]) {
    self.columns = columns
    self.rows = rows
    var rest = String(decoding: bytes, as: UTF8.self)[...]
    while let character = rest.popFirst() {
      switch character {
      case "\u{1B}": escape(&rest)
      case "\r\n":
        column = 0
        down()
      case "\n": down()
      case "\r": column = 0
      default: put(character)
      }
    }
  }

  /// The lines without the blanks at their ends.
  var text: String {
    lines.map { line in
      var text = line.joined()
      while text.last == " " { text.removeLast() }
      return text
    }.joined(separator: "\n")
  }

  private mutating func down() {
    row += 1
    if row == lines.count { lines.append([]) }
  }

  private mutating func put(_ character: Character) {
    let width = DisplayWidth.of(character)
    if column + width > columns {
      column = 0
      down()
    }
    while lines[row].count < column + width { lines[row].append(" ") }
    lines[row][column] = String(character)
    for extra in 1..<max(width, 1) { lines[row][column + extra] = "" }
    column += width
  }

  private mutating func escape(_ rest: inout Substring) {
    guard rest.popFirst() == "[" else { return put("⁇") }
    let parameters = rest.prefix { $0.isNumber || $0 == ";" || $0 == "?" }
    rest = rest[parameters.endIndex...]
    let count = Int(parameters) ?? 1
    switch rest.popFirst() {
    case "A": row = max(0, row - count)
    case "C": column = min(columns - 1, column + count)
    case "H":
      row = max(0, lines.count - rows)
      column = 0
    case "J":
      if parameters == "2" {
        lines += [[]]
        row = lines.count - 1
      } else {
        lines[row] = Array(lines[row].prefix(column))
        lines.removeSubrange((row + 1)...)
      }
    case "K": lines[row] = Array(lines[row].prefix(column))
    case "m", "h", "l": break
    default: put("⁇")
    }
  }
}
