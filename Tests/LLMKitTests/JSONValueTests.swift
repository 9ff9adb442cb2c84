import LLMKit
import SessionCore
import Testing

@Suite("JSON")
struct JSONValueTests {
  @Test(
    "A document is read as it is meant",
    arguments: [
      ("null", nil), (" true ", true), ("-12", -12), ("1.5e2", 150.0), ("\"\"", ""),
      ("9223372036854775808", 9_223_372_036_854_775_808.0),
      ("\"a\\n\\t\\\"\\\\\\/\\u00e9\\ud83c\\uddeb\"", "a\n\t\"\\/é🇫"),
      ("\"\\ud83c x\"", "\u{FFFD} x"), ("\"é🇫🇷\"", "é🇫🇷"),
      ("[]", []), ("[1,[2,{}]]", [1, [2, [:]]]),
      ("{\"a\":{\"b\":[null]},\"a\":2}", ["a": 2]),
    ] as [(String, JSONValue)])
  func reads(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: Array(text.utf8)) == value)
  }

  @Test(
    "What is not JSON is an error, wherever it breaks off",
    arguments: [
      "", " ", "{", "[", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[1 2]", "{a:1}", "\"",
      "\"\\",
      "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\n\"", "tru", "nul", "-", "1 2", "{}x", "'a'",
      "\"\\ud83c\\u\"",
    ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
  }

  @Test("Nesting is bounded, for reading and for passing over")
  func depth() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array(deep.utf8)) }
  }

  @Test("Every beginning of a document is an error, and none crashes")
  func everyBeginning() throws {
    let bytes = Array(#"{"a":[1,2.5,"é\u00e9\n",{"b":null}],"c":true,"d":false}"#.utf8)
    #expect(throws: Never.self) { try JSONValue(parsing: bytes) }
    for end in 0..<bytes.count {
      #expect(throws: JSONError.self, "\(end)") { try JSONValue(parsing: Array(bytes[..<end])) }
    }
  }

  @Test("A text is read alike whatever its length, and wherever in it something stands")
  func everyPlace() throws {
    for length in 0...40 {
      for filler in ["x", " ", "!", "[", "\u{7F}", "é", "🇫"] {
        let text = String(repeating: filler, count: length)
        #expect(try JSONValue(parsing: Array("\"\(text)\"".utf8)) == .string(text))
        #expect(try JSONValue(parsing: Array("{\"\(text)\":1}".utf8)) == [text: 1])
        for place in 0...length {
          let (before, after) = (text.prefix(place), text.dropFirst(place))
          let escaped = Array("[\"\(before)\\\"\(after)\",2]".utf8)
          #expect(try JSONValue(parsing: escaped) == [.string("\(before)\"\(after)"), 2])
          let controlled = Array("\"\(before)\u{1F}\(after)\"".utf8)
          #expect(throws: JSONError.self) { try JSONValue(parsing: controlled) }
        }
      }
    }
  }

  @Test("A name may be written with escapes, which have to be some")
  func escapedName() throws {
    let name = #"{"\u0061\n":1}"#
    #expect(try JSONValue(parsing: Array(name.utf8)) == ["a\n": 1])
    for text in [#"{"\x":1}"#, #"{"\u00":1}"#] {
      #expect(throws: JSONError.self, "\(text)") { try JSONValue(parsing: Array(text.utf8)) }
    }
  }

  @Test("What is written is read back the same, and in one order")
  func writes() throws {
    let value: JSONValue = [
      "z": ["\u{0}\u{1F}\"\\\n\r\t/é🇫🇷\u{2028}", 0, -5, 0.1, true, nil, [:], []], "a": ["b": "c"],
    ]
    #expect(try JSONValue(parsing: value.jsonBytes) == value)
    #expect(value.jsonText.hasPrefix(#"{"a":{"b":"c"},"z":["\u0000\u001f\"\\\n\r\t/é"#))
    #expect(JSONValue.number(.infinity).jsonText == "null")
  }
}
