extension OpenAIMessage {
  private enum Key: String, CodingKey {
    case role, content, refusal, name
    case toolCalls = "tool_calls"
    case toolCallID = "tool_call_id"
    case details = "session_memory"
  }

  /// Reads an object of the form. The content is a text, a list of parts, or null; of a refusal
  /// without content the words of the refusal are the text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let content = try container.decodeIfPresent(JSONValue.self, forKey: .content)
    let refusal = try container.decodeIfPresent(String.self, forKey: .refusal)
    let parts = content?.elements ?? []
    let texts = parts.compactMap { $0["text"]?.text ?? $0["refusal"]?.text }
    guard content?.text != nil || content?.elements != nil || content == nil || content == .null
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .content, in: container, debugDescription: "neither a text nor a list of parts")
    }
    self.init(
      role: try container.decode(String.self, forKey: .role),
      content: content?.text ?? (texts.isEmpty ? refusal : texts.joined()),
      otherParts: parts.filter { $0["text"]?.text == nil && $0["refusal"]?.text == nil },
      name: try container.decodeIfPresent(String.self, forKey: .name),
      toolCalls: try container.decodeIfPresent([WireCall].self, forKey: .toolCalls)?.map(\.call)
        ?? [],
      toolCallID: try container.decodeIfPresent(String.self, forKey: .toolCallID),
      details: try container.decodeIfPresent(MessageDetails.self, forKey: .details))
  }

  /// Writes an object of the form. What is absent is left out, but for the content of a message
  /// that only calls tools: it is null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(role, forKey: .role)
    if otherParts.isEmpty {
      try container.encode(content, forKey: .content)
    } else {
      let text = content.map { [["type": "text", "text": .string($0)] as JSONValue] } ?? []
      try container.encode(text + otherParts, forKey: .content)
    }
    try container.encodeIfPresent(name, forKey: .name)
    if !toolCalls.isEmpty { try container.encode(toolCalls.map(WireCall.init), forKey: .toolCalls) }
    try container.encodeIfPresent(toolCallID, forKey: .toolCallID)
    try container.encodeIfPresent(details, forKey: .details)
  }

  /// A call as it stands in `tool_calls`.
  private struct WireCall: Codable {
    struct Function: Codable {
      let name: String
      let arguments: String
    }

    private enum CodingKeys: String, CodingKey {
      case id, type, function
      case extra = "extra_content"
    }

    private static let signature = "thought_signature"

    let id: String?
    let type: String?
    let function: Function
    let extra: JSONValue?

    init(_ call: ToolCall) {
      id = call.id
      type = "function"
      function = Function(name: call.name, arguments: call.arguments)
      extra = call.signature.map { ["google": [Self.signature: .string($0)]] }
    }

    var call: ToolCall {
      ToolCall(
        id: id ?? "", name: function.name, arguments: function.arguments,
        signature: extra?["google"]?[Self.signature]?.text)
    }
  }
}
