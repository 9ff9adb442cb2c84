import LLMKit
import TestSupport
import Testing

@Suite("Server-sent events")
struct ServerSentEventParserTests {
  typealias Item = ServerSentEventParser.Item

  static func data(_ text: String) -> Item { .data(Array(text.utf8)) }
  static func bare(_ text: String) -> Item { .bareJSON(Array(text.utf8)) }

  /// Streams as servers send them, each with what it carries. Made anew each time: what a stored
  /// one holds looks like a leak to the address sanitizer.
  static var streams: [(name: String, bytes: String, items: [Item])] {
    [
      (
        "CRLF", "data: {\"a\":1}\r\n\r\ndata: {\"b\":2}\r\n\r\n",
        [data("{\"a\":1}"), data("{\"b\":2}")]
      ),
      ("LF", "data: a\n\ndata: b\n\n", [data("a"), data("b")]),
      ("CR", "data: a\r\rdata: b\r\r", [data("a"), data("b")]),
      ("no space", "data:a\n\ndata:  b\n\n", [data("a"), data(" b")]),
      ("several lines", "data: a\r\ndata: b\r\ndata:\r\n\r\n", [data("a\nb\n")]),
      (
        "other fields and comments",
        ": hello\nevent: x\nid: 7\nretry: 5\ndatax: no\ndata: a\n:\n\n",
        [data("a")]
      ),
      ("field without colon", "data\n\n", [data("")]),
      ("no event in empty lines", "\r\n\r\n\n\n", []),
      ("byte order mark", "\u{FEFF}data: a\n\n", [data("a")]),
      ("no last empty line", "data: a\r\n\r\ndata: b", [data("a"), data("b")]),
      ("multi-byte", "data: é🇫🇷 “x”\r\n\r\n", [data("é🇫🇷 “x”")]),
      (
        "bare error",
        "data: a\r\n\r\n{\r\n  \"error\": {\r\n\r\n \"m\": \"}\\\"{\"\r\n  }\r\n}\r\n",
        [data("a"), bare("{\r\n  \"error\": {\r\n\r\n \"m\": \"}\\\"{\"\r\n  }\r\n}")]
      ),
      ("bare error at once", "{\"error\":{}}", [bare("{\"error\":{}}")]),
      ("bare error behind an open event", "data: a\n[{\n}]\n", [data("a"), bare("[{\n}]")]),
      ("bare error that ends early", "data: a\n\n{\"err", [data("a"), bare("{\"err")]),
      ("after a bare document", "{}\ndata: a\n\n", [bare("{}"), data("a")]),
      ("white space before bare", " \t{\"error\":1}", [bare("{\"error\":1}")]),
      ("an error's line", "data: a\nerror: {}\n\n", [data("a"), .error(Array("{}".utf8))]),
      ("an error's event", "event: error\ndata: a\n\ndata: b\n\n", [.error([0x61]), data("b")]),
      ("[DONE]", "data: a\n\ndata: [DONE]\n\n", [data("a"), data("[DONE]")]),
      ("a page for people", "<html>\n<b>Bad Gateway: {x}</b>\n</html>\n", []),
    ]
  }

  private func parse(_ pieces: [ArraySlice<UInt8>]) throws -> [Item] {
    var parser = ServerSentEventParser()
    var items: [Item] = []
    for piece in pieces { try parser.feed(piece) { items.append($0) } }
    try parser.finish { items.append($0) }
    return items
  }

  @Test("Every cut of every stream gives the same items")
  func everyCut() throws {
    for (name, text, items) in Self.streams {
      let bytes = Array(text.utf8)
      for cut in 0...bytes.count {
        #expect(try parse([bytes[..<cut], bytes[cut...]]) == items, "\(name), cut \(cut)")
      }
      for first in 0...bytes.count {
        for second in first...bytes.count {
          let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
          guard try parse(pieces) == items else {
            Issue.record("\(name), cuts \(first) and \(second)")
            return
          }
        }
      }
      #expect(try parse(bytes.indices.map { bytes[$0...$0] }) == items, "\(name), byte by byte")
    }
  }

  @Test("Random streams in random cuts give what they carry")
  func randomCuts() throws {
    for seed in 0..<300 as Range<UInt64> {
      var random = RepeatableRandom(seed: seed)
      var text = ""
      var items: [Item] = []
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let stream = Self.streams[0..<7].randomElement(using: &random) ?? Self.streams[0]
        text += stream.bytes
        items += stream.items
      }
      let bytes = Array(text.utf8)
      var pieces: [ArraySlice<UInt8>] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...12, using: &random))
        pieces.append(bytes[start..<end])
        start = end
      }
      #expect(try parse(pieces) == items, "seed \(seed)")
    }
  }

  @Test(
    "An item longer than the limit ends the stream, and memory stays within it",
    arguments: ["data: ", "x", "{\""])
  func bounded(beginning: String) {
    var parser = ServerSentEventParser(itemByteCountMax: 1000)
    var fed = 0
    #expect(throws: ServerSentEventParser.ItemTooLong.self) {
      try parser.feed(ArraySlice(beginning.utf8)) { _ in }
      while fed < 10_000 {
        try parser.feed(ArraySlice(repeating: UInt8(ascii: "y"), count: 100)) { _ in }
        fed += 100
      }
    }
    #expect(fed < 1100)
  }

  @Test("Data over many lines counts together against the limit")
  func boundedLines() {
    var parser = ServerSentEventParser(itemByteCountMax: 1000)
    #expect(throws: ServerSentEventParser.ItemTooLong.self) {
      for _ in 0..<200 { try parser.feed(ArraySlice("data: 0123456789\n".utf8)) { _ in } }
    }
  }
}
