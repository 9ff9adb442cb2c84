import Testing

@testable import chat_cli

@Suite("The .env file")
struct DotEnvTests {
  private func values(_ text: String) -> [String: String] {
    DotEnv(parsing: text, known: ["A", "B"]).entries.compactMapValues(\.value)
  }

  @Test(
    "Values are read as shells and the original's library read them",
    arguments: [
      ("A=1", ["A": "1"]),
      ("A = 1 ", ["A": "1"]),
      ("export A=1", ["A": "1"]),
      ("# comment\n\n  A=1\r\nB=2\r\n", ["A": "1", "B": "2"]),
      ("A=", ["A": ""]),
      ("A=one two # three", ["A": "one two"]),
      ("A=one#two", ["A": "one#two"]),
      ("A='one # two' # three", ["A": "one # two"]),
      ("A=\"one\\ntwo \\\"x\\\" \\$ \\\\ \\q\"", ["A": "one\ntwo \"x\" $ \\ \\q"]),
      ("A='one\\ntwo'", ["A": "one\\ntwo"]),
      ("A=\"one\ntwo\"\nB=3", ["A": "one\ntwo", "B": "3"]),
      ("A=mysql://u:p=w@h/d?x=1", ["A": "mysql://u:p=w@h/d?x=1"]),
      ("A=1\nA=2", ["A": "2"]),
      ("\u{FEFF}A=1", ["A": "1"]),
      ("A=$B", ["A": "$B"]),
      ("", [:]),
    ])
  func reads(text: String, expected: [String: String]) {
    #expect(values(text) == expected)
  }

  @Test("An entry knows its line, also behind a value of several lines")
  func lines() {
    let file = DotEnv(parsing: "# one\nA=\"x\ny\"\n\nB=1", known: ["A", "B"])
    #expect(file.entries["A"]?.line == 2)
    #expect(file.entries["B"]?.line == 5)
  }

  @Test(
    "Lines that set nothing of ours are skipped, and those behind them are read",
    arguments: [
      "FOO", "my-key=1", "FOO: bar", "set -a", "if [ -f x ]; then . x; fi", "=secret", "é=1",
      "FOO='don't", "FOO=\"open", "FOO=\"x\" y", "- A: 1", "[section]", "{\"A\": 1}", "\u{0}\u{1}",
      "export FOO", "FOO=\"several\nB=lines\nA=2\"", "A B=secret", "alias a='b c'", "FOO=\u{FFFD}",
    ])
  func foreign(line: String) {
    #expect(values("\(line)\nA=1") == ["A": "1"])
    #expect(values("A=1\n\(line)")["A"] == "1")
  }

  @Test(
    "A line of ours that cannot be read is known with its number, and hides no other",
    arguments: [
      ("A='secret", 1), ("\nA=\"x\" secret", 2), ("A=\"open\nmore", 1), ("A=caf\u{FFFD}", 1),
    ])
  func unreadable(text: String, line: Int) {
    let file = DotEnv(parsing: text + "\nB=1", known: ["A", "B"])
    #expect(file.entries["A"] == DotEnv.Entry(value: nil, line: line))
    #expect(file.entries["B"]?.value == "1")
  }
}
