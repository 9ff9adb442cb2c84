import SessionCore
import Testing

@Suite("A conversations.json of ChatGPT")
struct ChatGPTImportTests {
  private typealias F = ImportFixture

  private func good(_ number: Int, _ title: String) -> String {
    F.conversation(
      F.ids[number], "\"\(title)\"",
      [
        F.message("\(title)-a", "user", "[\"Question \(title)\"]"),
        F.message("\(title)-b", "assistant", "[\"Réponse\"]"),
      ])
  }

  @Test("A8 becomes threads with the branch that was shown last")
  func conversion() async throws {
    let file = """
      [{"title": "Baobabs", "create_time": 1700000000.25, "update_time": 1700000100,
        "conversation_id": "8e1f7616-1b2c-4d5e-8f90-0123456789ab", "current_node": "d",
        "default_model_slug": "gpt-5",
        "mapping": {
          "a": {"id": "a", "message": null, "parent": null, "children": ["b_1"]},
          "b_1": {"id": "b_1", "parent": "a", "children": ["c", "x"], "message": {
            "id": "b_1", "author": {"role": "user", "name": null}, "create_time": 1700000001.5,
            "content": {"content_type": "text", "parts": ["Où pousse\\nle baobab ?"]}}},
          "x": {"id": "x", "parent": "b_1", "children": [], "message": {
            "id": "x", "author": {"role": "assistant"}, "create_time": 1700000002,
            "content": {"content_type": "text", "parts": ["ancienne branche"]}}},
          "c": {"id": "c", "parent": "b_1", "children": ["d"], "message": {
            "id": "c", "author": {"role": "system"}, "create_time": null,
            "metadata": {"is_visually_hidden_from_conversation": true},
            "content": {"content_type": "text", "parts": [""]}}},
          "d": {"id": "d", "parent": "c", "children": [], "message": {
            "id": "01234567-89ab-4cde-8f01-23456789abcd", "author": {"role": "assistant"},
            "create_time": 1700000003, "metadata": {"model_slug": "gpt-4o"},
            "content": {"content_type": "multimodal_text",
              "parts": [{"content_type": "image_asset_pointer"}, "En Afrique.", "Oui."]}}}
        }}]
      """
    let fixture = try ImportFixture()
    var reports: [ImportReport] = []
    for _ in 1...2 { reports.append(try await fixture.take(file)) }
    #expect(reports.map(\.counts.steps) == [2, 0])
    #expect(reports[0].leftOut == [.images: 1, .otherBranches: 1])
    let thread = try #require(ConversationID("8e1f7616-1b2c-4d5e-8f90-0123456789ab"))
    #expect(
      try await fixture.threads() == [
        ThreadSummary(
          id: thread, name: "Baobabs", createdAt: Timestamp(milliseconds: 1_700_000_000_250),
          lastActivity: Timestamp(milliseconds: 1_700_000_003_000), messageCount: 2)
      ])
    let messages = try await fixture.messages()[0]
    #expect(messages.map(\.content) == ["Où pousse\nle baobab ?", "En Afrique.\nOui."])
    #expect(messages.map(\.role) == [.user, .assistant])
    #expect(messages[1].answer?.model == "gpt-4o")
    #expect(messages[0].createdAt == Timestamp(milliseconds: 1_700_000_001_500))
    let id = try #require(MessageID("01234567-89ab-4cde-8f01-23456789abcd"))
    #expect(messages[1].id == id.copied(into: thread))
  }

  @Test(
    "A8 is taken in though a record of it is none, and that one is named",
    arguments: [
      (#"{"title":"Shell","create_time":1767000000,"conversation_id":"U"}"#, "Shell"),
      (#"{"title":"Shell","conversation_id":"U","mapping":null,"current_node":null}"#, "Shell"),
      (#"{"title":null,"conversation_id":"U","mapping":{}}"#, nil),
      (#"{"title":"Shell","id":"U","mapping":"none"}"#, "Shell"),
      (#"{"title":"Shell","id":"U","mapping":{"a":{"message":null,"parent":null}}}"#, "Shell"),
      (#"{"title":{"a":1},"id":"U","mapping":{"a":{"message":[],"parent":1}}}"#, nil),
      (
        #"{"title":"Shell","id":"U","mapping":{"a":{"message":{"author":null,"content":7}}}}"#,
        "Shell"
      ),
      (#"null"#, nil), (#"7"#, nil), (#""text""#, nil), (#"{}"#, nil), (#"[]"#, nil),
      (#"{"user_id":"u","email":"nobody"}"#, nil), (#"{"a":nope}"#, nil),
    ] as [(String, String?)])
  func shells(record: String, title: String?) async throws {
    let fixture = try ImportFixture()
    let report = try await fixture.take("[\(good(0, "A")),\(record),\(good(1, "B"))]")
    #expect(report.skipped.count == 1)
    #expect(report.skipped.first?.title == title)
    #expect(report.skipped.first?.place.number == 2)
    #expect(try await fixture.threads().map(\.name) == ["A", "B"])
    #expect(report.counts.steps == 4)
  }

  @Test(
    "A8 is read whatever stands before it, on however many lines, in a list or not",
    arguments: [
      "\u{FEFF}[\n", "\n\n  [", "[", "\u{FEFF}", "[[", "{\"conversations\":[", "[\r\n\r\n",
    ])
  func beginnings(start: String) async throws {
    let fixture = try ImportFixture()
    let ends = start.reversed().compactMap { $0 == "[" ? "]" : $0 == "{" ? "}" : nil }.joined()
    let report = try await fixture.take(start + good(0, "A") + ends)
    #expect(report.skipped.isEmpty)
    #expect(try await fixture.texts() == [["user Question A", "assistant Réponse"]])
  }

  @Test("A8 whose branches share messages becomes a thread for each, twice or for two people")
  func branches() async throws {
    let shared = [F.message("a", "user", "[\"A\"]"), F.message("b", "assistant", "[\"B\"]")]
    let file = """
      [\(F.conversation(F.ids[0], "\"1 Original\"", shared)),
      \(F.conversation(F.ids[1], "\"2 Branch\"", shared + [F.message("c", "user", "[\"C\"]")]))]
      """
    let fixture = try ImportFixture()
    for person in ["Awa", "Bineta"] {
      let first = try await fixture.take(file, as: person)
      #expect(first.skipped.isEmpty && first.counts.steps == 5)
      let again = try await fixture.take(file, as: person)
      #expect(again.counts.steps == 0 && again.counts.known == 7)
      #expect(
        try await fixture.texts(of: person) == [
          ["user A", "assistant B"], ["user A", "assistant B", "user C"],
        ])
    }
  }

  @Test("A8 that does not say which branch was shown has its newest one taken, and says so")
  func newestLeaf() async throws {
    let tree = """
      "mapping":{"r":{"message":null},
      "a":{"parent":"r","message":\(F.message("a", "user", "[\"A\"]", time: "1767000001"))},
      "new":{"parent":"a","message":\(F.message("n", "assistant", "[\"new\"]", time: "1767000009"))},
      "old":{"parent":"a","message":\(F.message("o", "assistant", "[\"old\"]", time: "1767000002"))}}
      """
    for current in [
      "", "\"current_node\":null,", "\"current_node\":\"gone\",", "\"current_node\":\"r\",",
    ] {
      let fixture = try ImportFixture()
      let report = try await fixture.take("[{\"id\":\"x\",\"title\":\"T\",\(current)\(tree)}]")
      #expect(try await fixture.texts() == [["user A", "assistant new"]])
      #expect(report.repaired.map(\.reason) == [.newestBranch], "\(current)")
      #expect(report.repaired.first?.title == "T")
      #expect(report.leftOut == [.otherBranches: 1])
    }
  }

  @Test(
    "A8 with a hole between messages keeps those on both sides, and says so",
    arguments: ["\"children\":[\"hole\"],", ""])
  func hole(children: String) async throws {
    let file = """
      [{"id":"x","title":"T","current_node":"c","mapping":{
      "a":{"parent":null,"message":\(F.message("a", "user", "[\"A\"]", time: "1767000001"))},
      "b":{"parent":"a",\(children)"message":\(F.message("b", "assistant", "[\"B\"]", time: "1767000002"))},
      "c":{"parent":"hole","message":\(F.message("c", "user", "[\"C\"]", time: "1767000004"))}}}]
      """
    let fixture = try ImportFixture()
    let report = try await fixture.take(file)
    #expect(try await fixture.texts() == [["user A", "assistant B", "user C"]])
    #expect(report.repaired.map(\.reason) == [.gap])
  }

  @Test("A8 with a hole before every message takes no longer for it")
  func manyHoles() async throws {
    let nodes = (0..<5_000).map { index in
      let message = ImportFixture.message(
        "m\(index)", "user", "[\"\(index)\"]", time: "\(1_767_000_000 + index)")
      return "\"n\(index)\":{\"parent\":\"hole \(index)\",\"message\":\(message)}"
    }
    let fixture = try ImportFixture()
    let report = try await fixture.take(
      "[{\"id\":\"x\",\"mapping\":{\(nodes.joined(separator: ","))}}]")
    #expect(report.counts.steps == 5_000)
    let said = try await fixture.messages()[0]
    #expect(said.map(\.content) == (4_900..<5_000).map(String.init))
  }

  @Test("A8 with a loop of parents ends")
  func loop() async throws {
    let file = """
      [{"id":"x","current_node":"b","mapping":{
      "a":{"parent":"b","message":\(F.message("a", "user", "[\"A\"]"))},
      "b":{"parent":"a","message":\(F.message("a", "assistant", "[\"B\"]"))}}}]
      """
    let fixture = try ImportFixture()
    _ = try await fixture.take(file)
    #expect(try await fixture.texts() == [["user A", "assistant B"]], "and one id stands for two")
  }

  @Test(
    "A8 has times as numbers, as text or missing",
    arguments: [
      ("1767000000.5", "null", "null", 1_767_000_000_500),
      ("\"1767000000.5\"", "null", "null", 1_767_000_000_500),
      ("1767000000500", "null", "null", 1_767_000_000_500),
      ("\"2025-12-29T10:20:00.5+01:00\"", "null", "null", 1_767_000_000_500),
      ("null", "1767000000", "1", 1_767_000_000_000), ("0", "1767000000", "1", 1_767_000_000_000),
      ("-5e300", "\"2025-12-29 09:20:00\"", "null", 1_767_000_000_000),
      ("{}", "null", "1767000000", 1_767_000_000_000),
      ("null", "null", "null", 1_800_000_000_000), ("true", "\"soon\"", "[]", 1_800_000_000_000),
      ("NaN", "Infinity", "1767000000", 1_767_000_000_000),
    ] as [(String, String, String, Int64)])
  func times(message: String, conversation: String, update: String, expected: Int64) async throws {
    let fixture = try ImportFixture()
    let file = F.conversation(
      F.ids[0], "\"T\"", [F.message("a", "user", "[\"A\"]", time: message)], time: conversation,
      more: ",\"update_time\":\(update)")
    _ = try await fixture.take("[\(file)]")
    let time = Timestamp(milliseconds: expected)
    #expect(try await fixture.messages()[0][0].createdAt == time)
    #expect(try await fixture.threads()[0].lastActivity == time)
    // The moment of a second import is no news.
    _ = try await fixture.take("[\(file)]", at: fixture.now + .seconds(9))
    #expect(try await fixture.threads()[0].lastActivity == time)
    let counts = try await fixture.archive.prune(
      untouchedSince: fixture.now + .seconds(-1), dryRun: true)
    #expect(counts.threads == (time == fixture.now ? 0 : 1))
  }

  @Test("A8 holds control characters as they are, which are kept")
  func controls() async throws {
    let fixture = try ImportFixture()
    let file = F.conversation(
      F.ids[0], "\"T\"", [F.message("a", "user", "[\"tab\tand \\\"line\n{\\n}\u{1}\"]")])
    for text in ["[\(file)]", file + "\n" + good(1, "U")] {
      let report = try await fixture.take(text)
      #expect(report.skipped.isEmpty)
    }
    #expect(try await fixture.texts()[0] == ["user tab\tand \"line\n{\n}\u{1}"])
  }

  @Test("A8 with numbers for ids, or none, is not taken for another conversation")
  func oddIDs() async throws {
    let fixture = try ImportFixture()
    let bare = F.conversation("", "\"T\"", [F.message("", "user", "[\"x\"]")])
    let files = [
      bare, bare.replacing("\"conversation_id\":\"\"", with: "\"conversation_id\":17"),
      bare.replacing("\"conversation_id\":\"\"", with: "\"conversation_id\":null,\"id\":18"),
      bare.replacing("[\"x\"]", with: "[\"y\"]"), bare.replacing("\"T\"", with: "\"U\""),
    ]
    for pass in 1...2 {
      let report = try await fixture.take("[\(files.joined(separator: ","))]")
      #expect(report.counts.threads == (pass == 1 ? 5 : 0))
    }
  }

  @Test("A8 without titles or ids has names of its own, the same each time")
  func bare() async throws {
    let fixture = try ImportFixture()
    func file(_ text: String) -> String {
      "{\"mapping\":{\"a\":{\"message\":\(F.message("m-\(text)", "user", "[\"\(text)\"]"))}}}"
    }
    let whole = "[\(file("un")),\(file("deux"))]"
    for pass in 1...2 {
      let report = try await fixture.take(whole)
      #expect(report.counts.steps == (pass == 1 ? 2 : 0))
    }
    #expect(try await fixture.threads().map(\.name) == ["deux", "un"])
  }

  @Test("A8 is taken in from the parts that it is split into")
  func split() async throws {
    let fixture = try ImportFixture()
    let report = try await fixture.take(
      "[\(good(0, "A"))]", "[\(good(1, "B"))", "\(good(2, "C"))\n\(good(3, "D"))\n{\"title\":\"E")
    #expect(report.counts.threads == 4)
    let cut = try #require(report.skipped.first)
    #expect(report.skippedCount == 1 && cut.reason == .cut)
    #expect(cut.place.file == "3.json" && cut.place.line == 3 && cut.place.number == 3)
  }
}
