import Testing

@testable import TerminalKit

@Suite("Lines of the standard input")
struct LineSplitterTests {
  private func lines(_ pieces: ArraySlice<UInt8>..., limit: Int = 100) -> [InputLine] {
    var splitter = LineSplitter(byteCountMax: limit)
    var lines = pieces.flatMap { splitter.feed($0) }
    if let last = splitter.finish() { lines.append(last) }
    return lines
  }

  @Test("Lines are the same in whatever pieces they come")
  func everySplit() {
    let bytes = Array("é\r\n\nune ligne\nlast 👍".utf8)
    let expected: [InputLine] = [.text("é"), .text(""), .text("une ligne"), .text("last 👍")]
    for first in 0...bytes.count {
      for second in first...bytes.count {
        #expect(
          lines(bytes[..<first], bytes[first..<second], bytes[second...]) == expected,
          "\(first), \(second)")
      }
    }
  }

  @Test("A line that is no text, or too long, is told from its neighbours")
  func bad() {
    let bytes: [UInt8] = [0x61, 0x0A, 0xFF, 0x0A, 0x62, 0x62, 0x62, 0x0A, 0x63]
    #expect(lines(bytes[...], limit: 2) == [.text("a"), .notUTF8, .tooLong, .text("c")])
  }

  @Test("A byte-order mark before a line is no text, in whatever pieces it comes")
  func byteOrderMark() {
    let bytes = Array("\u{FEFF}historique\n\u{FEFF}\u{FEFF}é".utf8)
    let expected: [InputLine] = [.text("historique"), .text("\u{FEFF}é")]
    for cut in 0...bytes.count { #expect(lines(bytes[..<cut], bytes[cut...]) == expected) }
  }

  @Test("Nothing is no line")
  func nothing() {
    #expect(lines([]) == [])
    #expect(lines([0x0A]) == [.text("")])
  }
}
