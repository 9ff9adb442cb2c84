import SessionCore

/// A conversation in which the model has two tools run.
enum ToolTalk {
  static func messages(at time: Timestamp) -> [Message] {
    let calls = [
      ToolCall(id: "a1", name: "météo", arguments: "{\"ville\":\"Dakar\",\"n\":[1,2]}"),
      ToolCall(id: "a2", name: "heure", arguments: "{}"),
    ]
    func message(
      _ role: Role, _ content: String, calls: [ToolCall] = [], answering id: String? = nil
    ) -> Message {
      Message(
        id: .generate(at: time), role: role, content: content, createdAt: time, toolCalls: calls,
        toolCallID: id)
    }
    return [
      message(.user, "Quel temps ?"), message(.assistant, "", calls: calls),
      message(.tool, "{\"t\":30}", answering: "a1"), message(.tool, "", answering: "a2"),
    ]
  }
}
