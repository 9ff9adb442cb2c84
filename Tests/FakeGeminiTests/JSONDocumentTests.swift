import FakeHTTP
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("JSON of the fakes")
struct JSONDocumentTests {
  private func parse(_ text: String) throws -> JSONDocument {
    try JSONDocument(parsing: Array(text.utf8))
  }

  @Test("What is written is read back, compact and pretty, for any document")
  func roundTrip() throws {
    for seed in 0..<200 as Range<UInt64> {
      var random = RepeatableRandom(seed: seed)
      let value = Self.document(&random, depth: 4)
      #expect(try parse(value.compact) == value, "seed \(seed)")
      #expect(try parse(value.pretty) == value, "seed \(seed)")
      // Another reader finds it right too.
      let data = Data("[\(value.pretty)]".utf8)
      #expect(throws: Never.self, "seed \(seed)") {
        try JSONDecoder().decode([Ignored].self, from: data)
      }
    }
  }

  private struct Ignored: Decodable {}

  private static func document(_ random: inout RepeatableRandom, depth: Int) -> JSONDocument {
    switch Int.random(in: 0...(depth > 0 ? 8 : 5), using: &random) {
    case 0: .null
    case 1: .bool(Bool.random(using: &random))
    case 2: .integer(Int64.random(in: .min ... .max, using: &random))
    case 3: .number(Double.random(in: -1e9...1e9, using: &random) + 0.5)
    case 4: .string("é\"\\/\u{1}\n\u{2028}<😀>")
    case 5: .string(String(Int.random(in: 0...9, using: &random)))
    case 6, 7:
      .object(
        (0..<Int.random(in: 0...3, using: &random)).map {
          JSONMember("n\($0)", document(&random, depth: depth - 1))
        })
    default:
      .array(
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
          document(&random, depth: depth - 1)
        })
    }
  }

  @Test("Members keep their order, and escapes become what they stand for")
  func reading() throws {
    let value = try parse(#" { "b" : 1 , "a" : [ -0.5e1 , "\ud83d\ude00\u00e9\/\b" , null ] } "#)
    #expect(value.members?.map(\.name) == ["b", "a"])
    #expect(value["a"]?[0]?.decimal == -5)
    #expect(value["a"]?[1]?.text == "😀é/\u{8}")
    #expect(value["a"]?[3] == nil)
    #expect(try parse("9223372036854775808").decimal == 9_223_372_036_854_775_808)
  }

  @Test(
    "What is not JSON is refused, with the place",
    arguments: [
      ("", 0), ("{", 1), ("[1,]", 3), ("{\"a\":1,}", 7), ("{a:1}", 1), ("01", 2), ("-", 0),
      ("1.", 2), ("1e", 2), ("\"a", 2), ("\"\u{1}\"", 1), ("\"\\x\"", 2), ("\"\\ud800\"", 7),
      ("\"\\u12\"", 3), ("nul", 0), ("1 2", 2), ("[1 2]", 3), ("{\"a\" 1}", 5), ("1e999", 5),
      (String(repeating: "[", count: 200), 100),
    ])
  func refusal(text: String, offset: Int) {
    let error = #expect(throws: JSONSyntaxError.self) { try parse(text) }
    #expect(error?.offset == offset, "\(error?.reason ?? "")")
  }

  @Test("Bytes that are no UTF-8 are refused")
  func notUTF8() {
    #expect(throws: JSONSyntaxError.self) { try JSONDocument(parsing: [0x22, 0xC3, 0x22]) }
  }
}
