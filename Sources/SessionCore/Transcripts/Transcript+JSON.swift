extension Transcript: Codable {
  private enum Key: String, CodingKey {
    case type, version, transcript
  }

  private static let type = "FoundationModels.Transcript"

  private struct Body: Codable {
    let entries: [Entry]
  }

  /// Reads the JSON form. Of the version nothing is asked.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let type = try container.decode(String.self, forKey: .type)
    guard type == Self.type else {
      throw DecodingError.dataCorruptedError(
        forKey: .type, in: container, debugDescription: "not a transcript: \(type)")
    }
    self.init(entries: try container.decode(Body.self, forKey: .transcript).entries)
  }

  /// Writes the JSON form, version 1.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.type, forKey: .type)
    try container.encode(1, forKey: .version)
    try container.encode(Body(entries: entries), forKey: .transcript)
  }
}

extension Transcript.Entry: Codable {
  private enum Key: String, CodingKey {
    case id, role, contents, options, assets, toolCalls, toolName, toolCallID
    case details = "session_memory"
  }

  private enum Role: String, Codable {
    case instructions, user, response, tool
  }

  /// A piece of a content.
  private struct Segment: Codable {
    struct Structure: Codable {
      let content: JSONValue
    }

    let type: String
    let id: String?
    let text: String?
    var structure: Structure?

    var words: String { text ?? structure?.content.jsonText ?? "" }
  }

  private struct Call: Codable {
    let id: String?
    let name: String
    let arguments: JSONValue?
    let signature: String?

    var call: ToolCall {
      let text = arguments.map { $0.text ?? $0.jsonText }
      return ToolCall(id: id ?? "", name: name, arguments: text ?? "{}", signature: signature)
    }
  }

  /// Reads an object whose `role` says what it is.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let id = try container.decodeIfPresent(String.self, forKey: .id) ?? ""
    let details = try container.decodeIfPresent(MessageDetails.self, forKey: .details)
    let segments = try container.decodeIfPresent([Segment].self, forKey: .contents) ?? []
    let words = segments.map(\.words).joined()
    let text = Transcript.Text(id: id, text: words, details: details)
    switch try container.decode(Role.self, forKey: .role) {
    case .instructions: self = .instructions(text)
    case .user: self = .prompt(text)
    case .tool:
      self = .toolOutput(
        Transcript.ToolOutput(
          id: id, callID: try container.decodeIfPresent(String.self, forKey: .toolCallID),
          toolName: try container.decodeIfPresent(String.self, forKey: .toolName) ?? "",
          text: words, details: details))
    case .response:
      if let calls = try container.decodeIfPresent([Call].self, forKey: .toolCalls) {
        self = .toolCalls(
          Transcript.ToolCalls(id: id, calls: calls.map(\.call), details: details))
      } else {
        self = .response(text)
      }
    }
  }

  /// Writes an object whose `role` says what it is.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id, forKey: .id)
    switch self {
    case .instructions(let text):
      try Self.encode(.instructions, text.text, text.details, id, in: &container)
    case .prompt(let text):
      try Self.encode(.user, text.text, text.details, id, in: &container)
      try container.encode([String: JSONValue](), forKey: .options)
    case .response(let text):
      try Self.encode(.response, text.text, text.details, id, in: &container)
      try container.encode([String](), forKey: .assets)
    case .toolCalls(let calls):
      try container.encode(Role.response, forKey: .role)
      try container.encode([String](), forKey: .assets)
      try container.encode(
        calls.calls.map {
          Call(
            id: $0.id, name: $0.name, arguments: .string($0.arguments), signature: $0.signature)
        }, forKey: .toolCalls)
      try container.encodeIfPresent(calls.details, forKey: .details)
    case .toolOutput(let output):
      try Self.encode(.tool, output.text, output.details, id, in: &container)
      try container.encode(output.toolName, forKey: .toolName)
      try container.encodeIfPresent(output.callID, forKey: .toolCallID)
    }
  }

  private static func encode(
    _ role: Role, _ text: String, _ details: MessageDetails?, _ id: String,
    in container: inout KeyedEncodingContainer<Key>
  ) throws {
    try container.encode(role, forKey: .role)
    let segment = Segment(type: "text", id: "\(id)-text", text: text)
    try container.encode([segment], forKey: .contents)
    try container.encodeIfPresent(details, forKey: .details)
  }
}
