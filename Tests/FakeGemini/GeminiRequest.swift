/// A request for an answer, as the service understood it: what tests build answers from.
public struct GeminiRequest: Sendable, Hashable {
  /// One turn of the conversation.
  public struct Turn: Sendable, Hashable {
    /// `user` or `model`.
    public let role: String
    /// Its texts, one behind the other.
    public let text: String
  }

  /// The model that was asked.
  public let model: String
  /// The body with every field in camel case.
  public let json: JSONDocument
  /// The conversation, oldest turn first.
  public let turns: [Turn]
  /// The system instruction; empty when there is none.
  public let instruction: String

  init(model: String, json: JSONDocument) {
    self.model = model
    self.json = json
    turns = (json["contents"]?.elements ?? []).map { content in
      Turn(role: content["role"]?.text ?? "user", text: Self.text(of: content))
    }
    instruction = json["systemInstruction"].map(Self.text) ?? ""
  }

  /// The last text that a user said.
  public var lastUserText: String {
    turns.last { $0.role == "user" && !$0.text.isEmpty }?.text ?? ""
  }

  /// What the fake says unless it is told otherwise: how many turns it was shown, and the last text
  /// of the user, in a few pieces.
  public var echo: [String] {
    let text = Array(lastUserText)
    let size = max(1, (text.count + 2) / 3)
    let pieces = stride(from: 0, to: text.count, by: size).map { start in
      String(text[start..<min(start + size, text.count)])
    }
    return ["Écho \(turns.count) : "] + pieces
  }

  private static func text(of content: JSONDocument) -> String {
    (content["parts"]?.elements ?? [])
      .compactMap { $0["thought"]?.truth == true ? nil : $0["text"]?.text }.joined()
  }
}
