/// A text with a cursor in it. All moves are by whole characters, as a person sees them.
struct LineBuffer: Sendable, Hashable {
  /// What stands before the cursor.
  private(set) var before = ""
  /// What stands behind it.
  private(set) var after = ""

  init(_ text: String = "") { before = text }

  var text: String { before + after }
  var isEmpty: Bool { before.isEmpty && after.isEmpty }

  mutating func insert(_ text: String) { before += text }

  mutating func left() {
    if let character = before.popLast() { after.insert(character, at: after.startIndex) }
  }

  mutating func right() {
    if !after.isEmpty { before.append(after.removeFirst()) }
  }

  mutating func backspace() { _ = before.popLast() }

  mutating func delete() { if !after.isEmpty { after.removeFirst() } }

  /// To the start of the line of the cursor; of a text with several lines, that line alone.
  mutating func home() { while let last = before.last, last != "\n" { left() } }

  mutating func end() { while let first = after.first, first != "\n" { right() } }

  mutating func wordLeft() {
    while let last = before.last, !last.isWordPart { left() }
    while let last = before.last, last.isWordPart { left() }
  }

  mutating func wordRight() {
    while let first = after.first, !first.isWordPart { right() }
    while let first = after.first, first.isWordPart { right() }
  }

  mutating func killToStart() { while let last = before.last, last != "\n" { backspace() } }

  mutating func killToEnd() { while let first = after.first, first != "\n" { delete() } }

  /// As shells do: back to the last white space.
  mutating func killWord() {
    while let last = before.last, last.isWhitespace { backspace() }
    while let last = before.last, !last.isWhitespace { backspace() }
  }

  mutating func killWordAhead() {
    while let first = after.first, !first.isWordPart { delete() }
    while let first = after.first, first.isWordPart { delete() }
  }

  /// To the line above, near the same column. False when there is none.
  mutating func lineUp() -> Bool {
    guard before.contains("\n") else { return false }
    let column = before.reversed().prefix { $0 != "\n" }.count
    home()
    left()
    let length = before.reversed().prefix { $0 != "\n" }.count
    for _ in 0..<max(0, length - column) { left() }
    return true
  }

  /// To the line below, near the same column. False when there is none.
  mutating func lineDown() -> Bool {
    guard after.contains("\n") else { return false }
    let column = before.reversed().prefix { $0 != "\n" }.count
    end()
    right()
    for _ in 0..<column where after.first.map({ $0 != "\n" }) ?? false { right() }
    return true
  }
}

extension Character {
  fileprivate var isWordPart: Bool { isLetter || isNumber }
}
