import SessionCore
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("A conversations.json of ChatGPT")
struct ChatGPTExportTests {
  private static let file = """
    [{"title": "Baobabs", "create_time": 1700000000.25, "update_time": 1700000100,
      "conversation_id": "8e1f7616-1b2c-4d5e-8f90-0123456789ab", "current_node": "d",
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
      }},
     {"title": null, "mapping": {}, "current_node": null}]
    """

  @Test("becomes threads with the branch that was shown last")
  func conversion() async throws {
    let records = try ChatGPTExport.records(of: Data(Self.file.utf8))
    let archive = InMemoryArchive()
    let user = try UserID("Awa")
    for _ in 1...2 {
      var reading = ArchiveImport(into: archive, of: user)
      for record in try ChatGPTExport.records(of: Data(Self.file.utf8)) {
        try await reading.add(record)
      }
      _ = try await reading.finish()
    }
    #expect(records.count == 3)
    let thread = try #require(ConversationID("8e1f7616-1b2c-4d5e-8f90-0123456789ab"))
    let threads = try await archive.threads(of: user, page: .init()).elements
    #expect(
      threads == [
        ThreadSummary(
          id: thread, name: "Baobabs", createdAt: Timestamp(milliseconds: 1_700_000_000_250),
          lastActivity: Timestamp(milliseconds: 1_700_000_003_000), messageCount: 2)
      ])
    let messages = await archive.newestMessages(in: thread, of: user, limit: 9)
    #expect(messages.map(\.content) == ["Où pousse\nle baobab ?", "En Afrique.\nOui."])
    #expect(messages.map(\.role) == [.user, .assistant])
    #expect(messages[1].answer?.model == "gpt-4o")
    #expect(messages[0].createdAt == Timestamp(milliseconds: 1_700_000_001_500))
  }

  @Test("that is something else is refused", arguments: ["", "{}", "[1]", "[{}]", "x"])
  func invalid(text: String) {
    #expect(throws: ChatGPTExport.Invalid.self) {
      try ChatGPTExport.records(of: Data(text.utf8))
    }
  }
}
