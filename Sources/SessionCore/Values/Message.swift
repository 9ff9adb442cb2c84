/// One thing said in a conversation.
public struct Message: Sendable, Hashable, Identifiable {
  /// Its name. Storing it again under the same name changes nothing.
  public let id: MessageID
  /// Who said it.
  public let role: Role
  /// The text.
  public var content: String
  /// When it was said. Says nothing about order: the archive numbers the messages of a thread.
  public var createdAt: Timestamp
  /// How it came about, when it is an answer.
  public var answer: AnswerDetails?
  /// The tools that the model calls, when it is an answer that asks for them. The results are in
  /// the messages of role ``Role/tool`` that follow.
  public var toolCalls: [ToolCall]
  /// The call that this message is the result of; nil unless the role is ``Role/tool``.
  public var resultOf: ToolCall?
  /// What the program stored with the message ("source", "customer" …). No model is sent it.
  public var metadata: [String: JSONValue]

  /// Creates a message.
  public init(
    id: MessageID, role: Role, content: String, createdAt: Timestamp, answer: AnswerDetails? = nil,
    toolCalls: [ToolCall] = [], resultOf: ToolCall? = nil, metadata: [String: JSONValue] = [:]
  ) {
    self.id = id
    self.role = role
    self.content = content
    self.createdAt = createdAt
    self.answer = answer
    self.toolCalls = toolCalls
    self.resultOf = resultOf
    self.metadata = metadata
  }

  /// The same message as it stands in the conversation `copy` when this one is forked.
  public func copied(into copy: ConversationID) -> Message {
    Message(
      id: id.copied(into: copy), role: role, content: content, createdAt: createdAt,
      answer: answer, toolCalls: toolCalls, resultOf: resultOf, metadata: metadata)
  }
}

extension Message: Codable {
  private enum Key: String, CodingKey {
    case id, role, content, createdAt, answer, toolCalls, resultOf, metadata
  }

  /// Reads an object with the names of the properties; what may be absent is left out.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    id = try container.decode(MessageID.self, forKey: .id)
    role = try container.decode(Role.self, forKey: .role)
    content = try container.decode(String.self, forKey: .content)
    createdAt = try container.decode(Timestamp.self, forKey: .createdAt)
    answer = try container.decodeIfPresent(AnswerDetails.self, forKey: .answer)
    toolCalls = try container.decodeIfPresent([ToolCall].self, forKey: .toolCalls) ?? []
    resultOf = try container.decodeIfPresent(ToolCall.self, forKey: .resultOf)
    metadata = try container.decodeIfPresent([String: JSONValue].self, forKey: .metadata) ?? [:]
  }

  /// Writes an object with the names of the properties; what is absent is left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id, forKey: .id)
    try container.encode(role, forKey: .role)
    try container.encode(content, forKey: .content)
    try container.encode(createdAt, forKey: .createdAt)
    try container.encodeIfPresent(answer, forKey: .answer)
    if !toolCalls.isEmpty { try container.encode(toolCalls, forKey: .toolCalls) }
    try container.encodeIfPresent(resultOf, forKey: .resultOf)
    if !metadata.isEmpty { try container.encode(metadata, forKey: .metadata) }
  }
}

extension Message: CustomStringConvertible {
  /// The role and the beginning of the text, on one line.
  public var description: String {
    let calls = toolCalls.map { " → \($0.name)" }.joined()
    return "\(role.rawValue): \(ShortLine.of(content))\(calls)"
  }
}

/// A call of a tool by a model.
public struct ToolCall: Sendable, Hashable, Codable, Identifiable, CustomStringConvertible {
  /// Tells the call from the others of the same answer. Empty when the service gave none.
  public let id: String
  /// The name of the tool.
  public let name: String
  /// The arguments: the text of a JSON object, as the model wrote it.
  public let arguments: String
  /// What the service wants back with the call, unread (Gemini's `thoughtSignature`).
  public let signature: String?

  /// Creates a call.
  public init(id: String, name: String, arguments: String, signature: String? = nil) {
    self.id = id
    self.name = name
    self.arguments = arguments
    self.signature = signature
  }

  /// `name(arguments)`.
  public var description: String { "\(name)(\(arguments))" }
}

/// What a tool returned.
public struct ToolResult: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The call that it answers.
  public let call: ToolCall
  /// What came: JSON text, or plain text. A tool that failed gives an object with `error`.
  public let content: String

  /// Creates a result.
  public init(call: ToolCall, content: String) {
    self.call = call
    self.content = content
  }

  /// `name → content`.
  public var description: String { "\(call.name) → \(content)" }
}

/// Who said a message.
@nonexhaustive
public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
  /// The person.
  case user
  /// The model, or the local answer in its place.
  case assistant
  /// An instruction of the program.
  case system
  /// The result of a tool that the model called.
  case tool
}

/// How an answer came about.
public struct AnswerDetails: Sendable, Hashable, Codable {
  /// How it ended.
  public var state: AnswerState
  /// The model that really answered, as it names itself.
  public var model: String?
  /// Tokens used, as far as the model told.
  public var usage: TokenUsage?
  /// Why the model stopped, in its own word (`STOP`, `MAX_TOKENS` …).
  public var finishReason: String?
  /// The service's own name for the answer, to ask it about.
  public var responseID: String?
  /// When the question was sent.
  public var startedAt: Timestamp?

  /// Details with every part given.
  public init(
    state: AnswerState, model: String? = nil, usage: TokenUsage? = nil,
    finishReason: String? = nil, responseID: String? = nil, startedAt: Timestamp? = nil
  ) {
    self.state = state
    self.model = model
    self.usage = usage
    self.finishReason = finishReason
    self.responseID = responseID
    self.startedAt = startedAt
  }
}

/// How an answer ended.
@nonexhaustive
public enum AnswerState: String, Sendable, Hashable, Codable, CaseIterable {
  /// The model said all it had to say.
  case complete
  /// It was stopped by the user, or cut; the text is what was shown.
  case partial
  /// No model answered; the text is the local answer.
  case fallback
  /// There is no answer; the text says why.
  case error
}

/// Tokens that a turn used. A count that the model did not tell is 0.
public struct TokenUsage: Sendable, Hashable, Codable {
  /// Tokens of the prompt, cached ones included.
  public var promptTokenCount: Int
  /// Tokens of the answer, thoughts not included.
  public var answerTokenCount: Int
  /// Tokens the model spent thinking.
  public var thoughtTokenCount: Int
  /// All of them, as the model counts.
  public var totalTokenCount: Int
  /// Tokens of the prompt that the model had read before, if it told.
  public var cachedTokenCount: Int?

  /// Usage with every count given.
  public init(
    promptTokenCount: Int = 0, answerTokenCount: Int = 0, thoughtTokenCount: Int = 0,
    totalTokenCount: Int = 0, cachedTokenCount: Int? = nil
  ) {
    self.promptTokenCount = promptTokenCount
    self.answerTokenCount = answerTokenCount
    self.thoughtTokenCount = thoughtTokenCount
    self.totalTokenCount = totalTokenCount
    self.cachedTokenCount = cachedTokenCount
  }
}
