import TestSupport
import Testing

@testable import SessionCore

@Suite("A journal that was damaged")
struct JournalDamageTests {
  private let bench: JournalBench
  private let entries: [JournalEntry]
  private let lines: [[UInt8]]

  /// Ten lines: nine messages of three conversations, and a mark that two of them are sent.
  init() throws {
    let bench = try JournalBench()
    let threads = (0..<3).map { _ in ConversationID.generate() }
    let entries = (0..<9).map { bench.entry("\($0) ^>é*J", to: threads[$0 % 3]) }
    var lines = try entries.map { try JournalLine.bytes(of: $0) }
    lines.insert(try JournalLine.bytes(done: entries[..<2].map(\.message.id)), at: 5)
    (self.bench, self.entries, self.lines) = (bench, entries, lines)
  }

  /// What is sent when line `number` is lost.
  private func expected(without number: Int) -> [JournalEntry] {
    // Without the mark, what it says is sent again, which changes nothing.
    if number == 5 { return entries }
    let lost = entries[number < 5 ? number : number - 1]
    return entries[2...].filter { $0 != lost }
  }

  private func forEachBit(
    of bytes: [UInt8], in lines: Range<Int>,
    _ body: (_ number: Int, _ altered: [UInt8]) throws -> Void
  ) rethrows {
    var start = 0
    for (number, line) in self.lines.enumerated() {
      defer { start += line.count }
      guard lines.contains(number) else { continue }
      for bit in (start * 8)..<((start + line.count) * 8) {
        var altered = bytes
        altered[bit / 8] ^= 1 << UInt8(bit % 8)
        try body(number, altered)
      }
    }
  }

  @Test("T6 A bit that flips costs its own line at most, whichever it is, and nothing in silence")
  func everyBit() {
    forEachBit(of: Array(lines.joined()), in: lines.indices) { number, altered in
      var contents = JournalContents()
      contents.add(JournalLine.lines(of: altered), of: altered)
      let waiting = contents.lines.compactMap { $0.isWaiting ? $0.entry : nil }
      let isRight = waiting == expected(without: number)
      #expect(isRight, "line \(number)")
      let unread =
        contents.lines.filter { $0.entry == nil }.flatMap { altered[$0.range] }
        + altered[contents.byteCount...]
      let start = lines[..<number].joined().count
      let isKept = unread == Array(altered[start..<(start + lines[number].count)])
      #expect(isKept, "line \(number)")
    }
  }

  @Test("T6 With any byte altered, every other line is flushed and the damaged one put aside")
  func everyByte() async throws {
    let bytes = Array(lines.joined())
    var random = RepeatableRandom(seed: 11)
    var start = 0
    for (number, line) in lines.enumerated() {
      // The ends of a line, its control fields, and some of the rest.
      let places =
        [0, 1, 12, 20, line.count - 2, line.count - 1]
        + (0..<6).map { _ in Int.random(in: line.indices, using: &random) }
      for place in places {
        var altered = bytes
        altered[start + place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        try bench.directory.write(altered, to: "journal")
        let (sent, flush) = try await bench.drained()
        let order = expected(without: number)
        for thread in Set(order.map(\.thread)) {
          #expect(sent.filter { $0.thread == thread } == order.filter { $0.thread == thread })
        }
        #expect(sent.count == order.count, "line \(number), byte \(place)")
        #expect(!flush.rejections.isEmpty)
        #expect(flush.rejections.allSatisfy { $0.message == nil && $0.reason.contains("damaged") })
        let damaged = Array(altered[start..<(start + line.count)])
        #expect(try bench.unreadable() == damaged, "line \(number), byte \(place)")
        #expect(bench.directory.bytes(of: "journal") == [])
        try bench.directory.remove("journal.rejected")
      }
      start += line.count
    }
  }

  @Test("T6 Cut at any byte, it keeps every whole line, puts the torn one aside, and goes on")
  func everyCut() async throws {
    let bytes = Array(lines[..<3].joined())
    let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    for cut in 0...bytes.count where cut % 3 == 0 || ends.contains(where: { abs($0 - cut) < 3 }) {
      try bench.directory.write(bytes[..<cut], to: "journal")
      let whole = ends.count { $0 <= cut }
      let torn = Array(bytes[(whole == 0 ? 0 : ends[whole - 1])..<cut])
      let listener = bench.events.events()
      let journal = try bench.journal()
      #expect(try await journal.countWaiting() == whole, "cut \(cut)")
      let next = bench.entry("suite")
      #expect(try await journal.append(next), "cut \(cut)")
      let (sent, flush) = try await bench.drained()
      #expect(Set(sent) == Set(entries[..<whole] + [next]), "cut \(cut)")
      #expect(sent.count == whole + 1)
      #expect(flush.rejections.count == (torn.isEmpty ? 0 : 1))
      var iterator = listener.makeAsyncIterator()
      let event = await iterator.next()
      #expect(
        event
          == (torn.isEmpty
            ? .messageJournaled(next.thread, next.message.id)
            : .journalRepaired(droppedByteCount: torn.count)),
        "cut \(cut)")
      #expect(try bench.unreadable() == torn)
      try? bench.directory.remove("journal.rejected")
    }
  }

  @Test("T6 A line that is not ours is put aside, whatever it is")
  func foreignLines() async throws {
    let junk = ["", "{}", "bonjour", String(repeating: "x", count: 300)].map {
      Array(($0 + "\n").utf8)
    }
    try bench.directory.write(junk.joined() + lines[0] + junk.joined(), to: "journal")
    #expect(try await bench.drained().sent == [entries[0]])
    #expect(try bench.unreadable() == Array((junk + junk).joined()))
  }
}
