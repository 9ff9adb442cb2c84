/// What came in as one line.
package enum InputLine: Sendable, Hashable {
  case text(String)
  /// The bytes are no text.
  case notUTF8
  /// Longer than ``LineSplitter/byteCountMax``; it was skipped.
  case tooLong
}

/// Cuts bytes into lines, whatever pieces they come in. A line ends with a line feed, which a
/// carriage return may precede, or with the input. A byte-order mark before a line is no part of
/// it.
package struct LineSplitter: Sendable {
  /// The longest line: the archive takes no longer message.
  package static let byteCountMax = 16 * 1024 * 1024 - 1

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private let byteCountMax: Int
  private var rest: [UInt8] = []
  private var isSkipping = false

  package init(byteCountMax: Int = Self.byteCountMax) { self.byteCountMax = byteCountMax }

  /// Takes the next bytes, and returns the lines that are whole now.
  package mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputLine] {
    var lines: [InputLine] = []
    for byte in bytes {
      if byte == 0x0A {
        lines.append(finishLine())
      } else if !isSkipping {
        rest.append(byte)
        if rest.count > byteCountMax {
          isSkipping = true
          rest = []
        }
      }
    }
    return lines
  }

  /// Takes the end of the input, and returns what stood before it without a line feed.
  package mutating func finish() -> InputLine? {
    rest.isEmpty && !isSkipping ? nil : finishLine()
  }

  private mutating func finishLine() -> InputLine {
    defer {
      rest.removeAll(keepingCapacity: rest.count <= 4096)
      isSkipping = false
    }
    if isSkipping { return .tooLong }
    if rest.last == 0x0D { rest.removeLast() }
    let text = rest.starts(with: Self.byteOrderMark) ? rest.dropFirst(3) : rest[...]
    return String(validating: text, as: UTF8.self).map(InputLine.text) ?? .notUTF8
  }
}
