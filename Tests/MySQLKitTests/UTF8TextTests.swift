import Testing

@testable import MySQLKit

@Suite("The text of bytes")
struct UTF8TextTests {
  /// Whether every way to stand in a text gives what the standard library gives.
  private func isSame(_ bytes: [UInt8], before: Int = 0, after: Int = 0) -> Bool {
    let padding = UInt8(ascii: "a")
    let all =
      Array(repeating: padding, count: before) + bytes + Array(repeating: padding, count: after)
    let text = all.withUnsafeBufferPointer { String(utf8: $0) }
    return text.utf8.elementsEqual(String(decoding: all, as: UTF8.self).utf8)
  }

  @Test("is what the standard library makes of them, for every two bytes, at every offset")
  func pairs() {
    var wrong: [[UInt8]] = []
    for first in 0...255 as ClosedRange<UInt8> {
      for second in 0...255 as ClosedRange<UInt8> {
        let offset = Int(first ^ second) % 9
        let bytes = [first, second]
        if !isSame(bytes, before: offset, after: 8 - offset) { wrong.append(bytes) }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("is that at the ends of every range of longer sequences, and when they are cut")
  func sequences() {
    let firsts: [UInt8] = [0xC1, 0xC2, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4]
    let tails: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
    var wrong: [[UInt8]] = []
    for first in firsts + [0xF5] {
      for second in tails {
        for third in tails {
          for fourth in tails {
            for count in 1...4 {
              let bytes = Array([first, second, third, fourth].prefix(count))
              if !isSame(bytes) || !isSame(bytes, before: 5, after: 5) { wrong.append(bytes) }
            }
          }
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("is empty for none, and holds NUL and long texts")
  func others() {
    let texts = ["", "\0", "Été à Noël 🇫🇷\0", String(repeating: "déjà vu 👩‍👩‍👧 ", count: 1000)]
    for text in texts { #expect(isSame(Array(text.utf8))) }
  }
}
