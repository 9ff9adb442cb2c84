import Testing

@testable import chat_cli

@Suite("The .env file")
struct DotEnvTests {
  private func values(_ text: String) throws -> [String: String] {
    try DotEnv(parsing: text).entries.mapValues(\.value)
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
  func reads(text: String, expected: [String: String]) throws {
    #expect(try values(text) == expected)
  }

  @Test("An entry knows its line, also behind a value of several lines")
  func lines() throws {
    let file = try DotEnv(parsing: "# one\nA=\"x\ny\"\n\nB=1")
    #expect(file.entries["A"]?.line == 2)
    #expect(file.entries["B"]?.line == 5)
  }

  @Test(
    "A line that cannot be read is an error with its number, and shows nothing of the line",
    arguments: [
      ("A=1\nsecret", 2), ("=secret", 1), ("A='secret", 1), ("A=\"x\" secret", 1),
      ("A B=secret", 1), ("é=secret", 1),
    ])
  func malformed(text: String, line: Int) {
    let error = #expect(throws: UsageError.self) { try DotEnv(parsing: text) }
    #expect(
      error?.message
        == Phrase(
          ".env, ligne \(line) : illisible ; attendu : NOM=valeur",
          ".env, line \(line): cannot be read; expected: NAME=value"))
  }
}
