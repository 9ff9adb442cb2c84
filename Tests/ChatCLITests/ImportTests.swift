import Glibc
import SessionCore
import TestSupport
import Testing

@testable import chat_cli

@Suite(
  "Imports", .enabled(if: Servers.hasRedis && Servers.hasDatabase), .timeLimit(.minutes(5)))
struct ImportTests {
  private static let id = "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0"

  /// A conversation of ChatGPT's with messages of these texts.
  private func conversation(_ number: Int, _ texts: [String]) -> String {
    let nodes = texts.indices.map { index in
      """
      "n\(index)":{"parent":"n\(index - 1)","message":{"id":"m\(index)",\
      "author":{"role":"\(index % 2 == 0 ? "user" : "assistant")"},"create_time":1767000000.5,\
      "content":{"content_type":"text","parts":["\(texts[index])"]}}}
      """
    }
    return """
      {"title":"Fil \(number)","create_time":1767000000,"conversation_id":"\(Self.id)\(number)",\
      "current_node":"n\(texts.count - 1)","mapping":{\(nodes.joined(separator: ","))}}
      """
  }

  private let shell =
    #"{"title":"Coquille","create_time":1767000000,"conversation_id":"x","mapping":null}"#

  @Test("A8 A record that is none costs itself: the rest is taken in, with a line and in JSON")
  func oneBadRecord() async throws {
    try await ServerFixture.use { servers, program in
      let file = "[\(conversation(1, ["Oui", "Non"])),\(shell),\(conversation(2, ["Oui"]))]"
      try program.write("\u{FEFF}" + file, to: "conversations.json")
      let result = try await program.run("import", "conversations.json", "--user", "awa")
      #expect(result.code == 0)
      #expect(
        result.errors
          == "⚠️ n° 2 (« Coquille ») : aucun message\n"
          + "✅ 2 discussions et 3 messages repris, 0 éléments étaient déjà là.\n")
      let shown = try await program.run("show", "\(Self.id)1", "--user", "awa")
      #expect(shown.output.hasPrefix("Fil 1 · 2 messages · "))
      let again = try await program.run(
        "import", "conversations.json", "--json", "--lang", "en", "--user", "awa")
      #expect(
        again.output == "{\"elements\":0,\"known\":5,\"messages\":0,\"skipped\":[{\"id\":\"x\","
          + "\"line\":1,\"number\":2,\"reason\":\"no messages\",\"title\":\"Coquille\"}],"
          + "\"threads\":0,\"user\":\"awa\"}\n")
    }
  }

  @Test("A8 Several files are one import; what is no export is told by its file, in a few lines")
  func severalFiles() async throws {
    try await ServerFixture.use { servers, program in
      try program.write("[\(conversation(1, ["Oui"]))]", to: "conversations-000.json")
      try program.write("[\(conversation(2, ["Oui"]))]", to: "conversations-001.json")
      try program.write("{\"id\":\"u\",\"email\":\"nobody\"}", to: "user.json")
      try program.write(Array(repeating: "foo", count: 30).joined(separator: "\n"), to: "noise")
      let result = try await program.run(
        "import", "conversations-000.json", "conversations-001.json", "user.json", "noise",
        "--lang", "en")
      #expect(result.code == 0)
      let lines = result.errors.split(separator: "\n")
      #expect(lines.count == 12)
      #expect(
        lines.first
          == "⚠️ user.json, line 1 ('u'): this is neither a conversation nor a message")
      #expect(lines[10] == "⚠️ … and 21 more (see --json)")
      #expect(lines[11].hasPrefix("✅ 2 threads and 2 messages taken in"))
      #expect(try await servers.sql("SELECT COUNT(*) FROM Thread") == ["2"])
    }
  }

  @Test("A file of another kind is one clear line, and nothing is done")
  func otherKinds() async throws {
    try await ServerFixture.use { servers, program in
      try program.write("[\(conversation(1, ["Oui"]))]", to: "good.json")
      try program.write("PK\u{3}\u{4}…", to: "export.zip")
      try program.write("[\u{0}{\u{0}", to: "wide.json")
      try program.write("<html>", to: "chat.html")
      for (name, word) in [
        ("export.zip", "unpack it"), ("wide.json", "UTF-8"), ("chat.html", "web page"),
        ("missing", "No such file"), ("/", "directory"),
      ] {
        let result = try await program.run("import", "good.json", name, "--lang", "en")
        #expect(result.code == 2)
        #expect(result.errors.hasPrefix("chat-cli: \(name): "))
        #expect(result.errors.contains(word) && result.errors.count { $0 == "\n" } == 1)
      }
      for text in ["[1, 2]", "foo", "{\"type\":\"user\",\"user\":\"awa\",\"version\":1}\nfoo\n"] {
        try program.write(text, to: "bad")
        let bad = try await program.run("import", "bad", "--lang", "en")
        #expect(bad.code == 2)
        #expect(bad.errors.contains("chat-cli: nothing could be taken in; expected: "))
      }
      #expect(try await servers.sql("SHOW TABLES LIKE 'Thread'").isEmpty == false)
      #expect(try await servers.sql("SELECT COUNT(*) FROM Thread") == ["0"])
    }
  }

  @Test("A8 Three processes that take in one file at once all end well, with one copy")
  func threeProcesses() async throws {
    try await ServerFixture.use { servers, program in
      let texts = (0..<4000).map { "message \($0)" }
      try program.write("[\(conversation(1, texts)),\(conversation(2, texts))]", to: "file")
      let script = """
        for n in 1 2 3; do "$0" import file --user awa & all="$all $!"; done
        for pid in $all; do wait $pid || exit 1; done
        """
      let result = try await program.shell(script)
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        try await servers.sql("SELECT COUNT(*), COUNT(DISTINCT id) FROM Step") == ["8000\t8000"])
      let order = try await servers.sql(
        "SELECT output FROM Step WHERE threadId = '\(Self.id)2' ORDER BY position")
      #expect(order == texts)
    }
  }

  @Test("A8 A message that is larger than the server takes is named and left out")
  func largeMessage() async throws {
    try await ServerFixture.use { servers, program in
      let large = String(repeating: "x", count: 17 << 20)
      try program.write(
        "[\(conversation(1, ["Oui", large, "Encore"])),\(conversation(2, ["Oui"]))]", to: "file")
      let result = try await program.run("import", "file", "--lang", "en")
      #expect(result.code == 0)
      #expect(result.errors.contains("⚠️ line 1 ('xxx"))
      #expect(result.errors.contains("text too long"))
      #expect(
        try await servers.sql("SELECT output FROM Step ORDER BY position")
          == ["Oui", "Encore", "Oui"])
    }
  }

  @Test("A named pipe is read as it fills, and one signal ends the wait for it")
  func pipes() async throws {
    try await ServerFixture.use { servers, program in
      try program.write("[\(conversation(1, ["Oui"]))]", to: "file")
      let read = try await program.shell("mkfifo pipe; cat file >pipe & exec \"$0\" import pipe")
      #expect(read.code == 0)
      #expect(try await servers.sql("SELECT COUNT(*) FROM Step") == ["1"])
    }
    let program = try ChatProgram()
    defer { program.cleanUp() }
    _ = try await program.shell("mkfifo pipe")
    for arguments in [["import", "pipe"], ["export", "pipe"], ["import"]] {
      let running = try program.start(arguments)
      // It waits, or is about to.
      #expect(await running.waits(for: "⚠️", on: .errors))
      running.signal(SIGTERM)
      #expect(await running.end(keepingInput: true).code == 130, "\(arguments)")
    }
  }
}
