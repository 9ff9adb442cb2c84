/// A request for an answer: what tests build answers from.
public struct OpenAIRequest: Sendable, Hashable {
  /// One message.
  public struct Turn: Sendable, Hashable {
    /// `system`, `user`, `assistant` or `tool`.
    public let role: String
    /// Its text.
    public let text: String
  }

  /// The model that was asked.
  public let model: String
  /// The body.
  public let json: JSONDocument
  /// The messages, oldest first, the instruction included.
  public let turns: [Turn]

  init(_ json: JSONDocument) {
    self.json = json
    model = json["model"]?.text ?? ""
    turns = (json["messages"]?.elements ?? []).map { message in
      let parts = message["content"]?.elements ?? []
      let text = message["content"]?.text ?? parts.compactMap { $0["text"]?.text }.joined()
      return Turn(role: message["role"]?.text ?? "", text: text)
    }
  }

  /// The last text that a user said.
  public var lastUserText: String { turns.last { $0.role == "user" }?.text ?? "" }

  /// What the fake says unless it is told otherwise: how many messages it was shown beside the
  /// instruction, and the last text of the user, in a few pieces.
  public var echo: [String] {
    let text = Array(lastUserText)
    let size = max(1, (text.count + 2) / 3)
    let pieces = stride(from: 0, to: text.count, by: size).map { start in
      String(text[start..<min(start + size, text.count)])
    }
    let count = turns.count { $0.role != "system" && $0.role != "developer" }
    return ["Écho \(count) : "] + pieces
  }
}
