import SessionCore

/// A conversation in which the model has two tools run.
enum ToolTalk {
  static func messages(at time: Timestamp) -> [Message] {
    let calls = [
      ToolCall(id: "a1", name: "météo", arguments: "{\"ville\":\"Dakar\",\"n\":[1,2]}"),
      ToolCall(id: "a2", name: "heure", arguments: "{}", signature: "c2ln"),
    ]
    func message(
      _ role: Role, _ content: String, calls: [ToolCall] = [], answering call: ToolCall? = nil
    ) -> Message {
      Message(
        id: .generate(at: time), role: role, content: content, createdAt: time, toolCalls: calls,
        resultOf: call)
    }
    var question = message(.user, "Quel temps ?")
    question.metadata = ["source": "web", "page": 3, "tags": ["a", nil], "deep": ["x": 0.5]]
    return [
      question, message(.assistant, "", calls: calls),
      message(.tool, "{\"t\":30}", answering: calls[0]), message(.tool, "", answering: calls[1]),
    ]
  }
}
