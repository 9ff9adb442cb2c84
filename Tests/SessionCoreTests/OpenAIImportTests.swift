import SessionCore
import Testing

@Suite("Chat messages of OpenAI's kind")
struct OpenAIImportTests {
  private static let pair = #"{"role":"user","content":"Q"},{"role":"assistant","content":"A"}"#

  @Test(
    "A8 make a conversation, in a list, in an object, or line by line",
    arguments: [
      "[\(pair)]", "{\"messages\":[\(pair)]}", "[{\"messages\":[\(pair)]}]", "[[\(pair)]]",
      pair.replacing("},{", with: "}\n{"),
      "{\"messages\":[\n\(pair.replacing("},{", with: "},\n{"))\n]}",
      "\u{FEFF}{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Q\"}]},"
        + "{\"role\":\"model\",\"content\":[{\"type\":\"output_text\",\"text\":\"A\"}]}]}",
    ])
  func shapes(file: String) async throws {
    let fixture = try ImportFixture()
    for pass in 1...2 {
      let report = try await fixture.take(file, at: fixture.now + .seconds(pass))
      #expect(report.skipped.isEmpty)
      #expect(report.counts.steps == (pass == 1 ? 2 : 0))
    }
    #expect(try await fixture.texts() == [["user Q", "assistant A"]])
    #expect(try await fixture.threads()[0].name == "Q")
    #expect(try await fixture.threads()[0].lastActivity == fixture.now + .seconds(1))
  }

  @Test("A8 that begin alike are two conversations, and one on each line is one each")
  func lines() async throws {
    let fixture = try ImportFixture()
    let file = """
      {"messages":[{"role":"system","content":"S"},{"role":"user","content":"1"}]}
      {"messages":[{"role":"system","content":"S"},{"role":"user","content":"1"},{"role":"assistant","content":"2"}]}
      {"messages":[]}
      {"messages":[{"role":"developer","content":"S"},{"role":"user","content":"2"},{"role":"user","content":"2"}]}
      """
    let report = try await fixture.take(file)
    #expect(report.skipped.map(\.place.line) == [3])
    #expect(report.counts.threads == 3 && report.counts.steps == 8)
    let texts = try await fixture.texts()
    #expect(Set(texts.map(\.count)) == [2, 3])
    #expect(texts.contains(["system S", "user 2", "user 2"]))
  }

  @Test("A8 of a known id take in what a later export adds")
  func later() async throws {
    let fixture = try ImportFixture()
    let start =
      "{\"id\":\"chat-7\",\"title\":\"T\",\"created_at\":1767000000,\"messages\":[\(Self.pair)"
    _ = try await fixture.take(start + "]}")
    let more = ",{\"role\":\"user\",\"content\":\"Q\",\"timestamp\":\"2026-01-02T00:00:00Z\"}]}"
    let report = try await fixture.take(start + more)
    #expect(report.counts.steps == 1)
    #expect(try await fixture.texts() == [["user Q", "assistant A", "user Q"]])
    #expect(
      try await fixture.threads()[0].lastActivity == Timestamp(milliseconds: 1_767_312_000_000))
  }

  @Test("A8 with tools, pictures and thoughts keep what is text, and the calls with their results")
  func tools() async throws {
    let fixture = try ImportFixture()
    let file = """
      [{"role":"user","content":[{"type":"text","text":"Q"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"file","file":{"filename":"a.pdf"}}]},
      {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"clock","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c1","content":"12:00"},
      {"role":"assistant","content":[{"type":"refusal","refusal":"No."}]}, {"role":"ghost","content":"?"}]
      """
    let report = try await fixture.take(file)
    let messages = try await fixture.messages()[0]
    #expect(
      messages.map(\.content) == [
        "Q\n[image: https://example.org/a.png]\n[file: a.pdf]", "", "12:00", "No.",
      ])
    #expect(messages[1].toolCalls == [ToolCall(id: "c1", name: "clock", arguments: "{}")])
    #expect(messages[2].resultOf?.id == "c1")
    #expect(report.leftOut == [.images: 2, .files: 1, .thoughts: 1, .unknown: 1])
  }

  @Test("A8 A line of an export that somebody changed has its times read, and half characters")
  func ownLines() async throws {
    let fixture = try ImportFixture()
    let id = ImportFixture.ids[0]
    let file = """
      {"type":"user","user":"awa","version":1}
      {"type":"thread","id":"\(id)","name":"N \\ud83d","createdAt":"2026-01-02T00:00:00Z"}
      {"type":"step","thread":"\(id)","id":"\(ImportFixture.ids[1])","message":{"id":"\(ImportFixture.ids[1])","role":"user","content":"x","createdAt":1767312000.5}}
      {"type":"step","thread":"\(id)","id":"\(ImportFixture.ids[2])","message":{"id":"\(ImportFixture.ids[2])","role":"user","content":"y"}}
      {"type":"step","thread":"\(id)","id":"no uuid","message":null}
      """
    let report = try await fixture.take(file)
    #expect(report.skipped.map(\.place.line) == [5])
    let thread = try await fixture.threads()[0]
    #expect(thread.name == "N \u{FFFD}")
    #expect(thread.createdAt == Timestamp(milliseconds: 1_767_312_000_000))
    #expect(thread.lastActivity == thread.createdAt)
    let messages = try await fixture.messages()[0]
    #expect(
      messages.map(\.createdAt) == [Timestamp(milliseconds: 1_767_312_000_500), fixture.now])
  }
}
