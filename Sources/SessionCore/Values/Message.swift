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
  /// The tools that the model wants run, when it is an answer that asks for them. The messages
  /// right after it, of role ``Role/tool``, hold what they gave.
  public var toolCalls: [ToolCall]
  /// The ``ToolCall/id`` of the call that it answers, when it is what a tool gave.
  public var toolCallID: String?

  /// A message with every part given.
  public init(
    id: MessageID, role: Role, content: String, createdAt: Timestamp, answer: AnswerDetails? = nil,
    toolCalls: [ToolCall] = [], toolCallID: String? = nil
  ) {
    self.id = id
    self.role = role
    self.content = content
    self.createdAt = createdAt
    self.answer = answer
    self.toolCalls = toolCalls
    self.toolCallID = toolCallID
  }

  /// The same message as it stands in the conversation `copy` when this one is forked.
  public func copied(into copy: ConversationID) -> Message {
    Message(
      id: id.copied(into: copy), role: role, content: content, createdAt: createdAt,
      answer: answer, toolCalls: toolCalls, toolCallID: toolCallID)
  }
}

extension Message: Codable {
  private enum Key: String, CodingKey {
    case id, role, content, createdAt, answer, toolCalls, toolCallID
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
    toolCallID = try container.decodeIfPresent(String.self, forKey: .toolCallID)
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
    try container.encodeIfPresent(toolCallID, forKey: .toolCallID)
  }
}

/// A tool that the model wants run.
public struct ToolCall: Sendable, Hashable, Codable, Identifiable {
  /// Tells it from the other calls of the same answer.
  public let id: String
  /// The tool.
  public let name: String
  /// What it is given: the text of a JSON object, as the model wrote it.
  public let arguments: String

  /// A call with every part given.
  public init(id: String, name: String, arguments: String) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// Who said a message.
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
