import SessionCore
import TestSupport
import Testing

@Suite("Records in a stream of JSON")
struct JSONRecordSplitterTests {
  private func pieces(_ text: String, piece size: Int = .max, limit: Int = 1000) -> [String] {
    var splitter = JSONRecordSplitter(byteCountMax: limit)
    let bytes = Array(text.utf8)
    var pieces: [JSONRecordSplitter.Piece] = []
    for start in stride(from: 0, to: bytes.count, by: min(size, max(bytes.count, 1))) {
      pieces += splitter.feed(
        Array(bytes[start..<min(bytes.count, start &+ min(size, bytes.count))]))
    }
    pieces += splitter.finish()
    return pieces.map {
      "\($0.line).\($0.number) \($0.kind) \(String(decoding: $0.bytes, as: UTF8.self))"
    }
  }

  @Test(
    "A8 are found whatever holds them, and whatever pieces they come in",
    arguments: [
      ("", []),
      ("\u{FEFF}[]", ["1.0 endOfList "]),
      (" \n\n[{}]", ["3.1 whole {}", "3.1 endOfList "]),
      (
        "[{\"a\":[1,{}]},2,\"b,]\"]",
        [
          "1.1 whole {\"a\":[1,{}]}", "1.2 bare 2", "1.3 bare \"b,]\"", "1.3 endOfList ",
        ]
      ),
      ("{\"a\":\"}\\\"\"}\r\n{}\n", ["1.1 whole {\"a\":\"}\\\"\"}", "2.2 whole {}"]),
      (
        "{\n \"a\": {\n }\n}\n{}{}",
        ["1.1 whole {\n \"a\": {\n }\n}", "5.2 whole {}", "5.3 whole {}"]
      ),
      ("[[1],[2]]", ["1.1 whole [1]", "1.2 whole [2]", "1.2 endOfList "]),
      ("x\n{}\ny", ["1.1 bare x", "2.2 whole {}", "3.3 bare y"]),
    ])
  func cutting(text: String, expected: [String]) {
    for size in 1...max(1, text.utf8.count) {
      #expect(pieces(text, piece: size) == expected, "pieces of \(size)")
    }
  }

  @Test(
    "A8 that are cut or broken cost themselves, and not those after them",
    arguments: [
      (
        "{\"a\":1}\n{\"b\":[\n{\"c\":2}",
        ["1.1 whole {\"a\":1}", "2.2 cut {\"b\":[\n", "3.3 whole {\"c\":2}"]
      ),
      ("{\"a\":\"\n{\"b\":2}\n", ["1.1 cut {\"a\":\"\n", "2.2 whole {\"b\":2}"]),
      (
        "{\"a\":[1,\n{\"b\":2}\n{\"c\":3}\n",
        [
          "1.1 cut {\"a\":[1,\n", "2.2 whole {\"b\":2}", "3.3 whole {\"c\":3}",
        ]
      ),
      (
        "[\n{\"a\":1},\n{\"b\":\"x},\n{\"c\":3}\n]",
        [
          "2.1 whole {\"a\":1}", "3.2 cut {\"b\":\"x},\n", "4.3 whole {\"c\":3}", "5.3 endOfList ",
        ]
      ),
      ("[{\"a\":1},{\"b\":", ["1.1 whole {\"a\":1}", "1.2 cut {\"b\":"]),
      (
        "{\"messages\":[\n{\"r\":1},\n{\"r\":2}\n]}",
        ["1.1 whole {\"messages\":[\n{\"r\":1},\n{\"r\":2}\n]}"]
      ),
      ("{}}\n{}", ["1.1 whole {}", "1.2 bare }", "2.3 whole {}"]),
    ])
  func damage(text: String, expected: [String]) {
    #expect(pieces(text) == expected)
  }

  @Test("A8 that are too long are left out without being held")
  func limit() {
    let long = "{\"a\":\"" + String(repeating: "x", count: 2000) + "\"}"
    for size in [1, 7, 5000] {
      #expect(
        pieces("[\(long),{}]", piece: size)
          == ["1.1 tooLong ", "1.2 whole {}", "1.2 endOfList "])
    }
  }
}
