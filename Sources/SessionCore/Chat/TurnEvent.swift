/// What happens while a turn runs.
@nonexhaustive
public enum TurnEvent: Sendable, Hashable, Codable {
  /// The next piece of the answer.
  case text(String)
  /// The model calls a tool. The call is stored.
  case toolCall(ToolCall)
  /// A tool returned. The result is stored.
  case toolResult(ToolResult)
  /// The responder that was to answer could not, and another one is asked.
  case fallback(FallbackNotice)
  /// The conversation was not warm, or its warm copy was out of date, and came back from the
  /// archive.
  case pagedIn(messageCount: Int)
  /// A session left the fast tier, or was found expired.
  case removed(Removal)
  /// The fast tier failed. The turn goes on with what the archive holds.
  case sessionStoreFailed(SessionStoreError)
  /// The turn is done: the question and the answer are durable. The last event.
  case finished(Turn)
}

/// A turn that is done: all its messages are durable.
public struct Turn: Sendable, Hashable, Codable, CustomStringConvertible {
  /// What the user said.
  public let question: Message
  /// The tool rounds between question and answer, in order: answers that call tools, and the
  /// results. Empty for a turn that was replayed.
  public let rounds: [Message]
  /// The answer, with its state in ``Message/answer``.
  public let answer: Message
  /// Why the answer is not complete, if it was cut or failed.
  public let failure: ResponderError?
  /// Whether the turn had been done before, and this is the answer stored then.
  public let isReplay: Bool

  /// Creates a turn.
  public init(
    question: Message, rounds: [Message] = [], answer: Message, failure: ResponderError? = nil,
    isReplay: Bool = false
  ) {
    self.question = question
    self.rounds = rounds
    self.answer = answer
    self.failure = failure
    self.isReplay = isReplay
  }

  /// The question and the answer, shortened, on one line.
  public var description: String { "\(question) → \(answer)" }
}

/// What differs from turn to turn.
public struct TurnOptions: Sendable {
  /// Names the question. A turn that is run again under the same name changes nothing, and gives
  /// the answer that is stored. Nil: a new name.
  public var questionID: MessageID?
  /// Stands above the conversation, in place of the service's own instruction.
  public var instruction: String?
  /// The model to ask; see ``Prompt/model``.
  public var model: String?
  /// The tools that may be called, in place of those that the responder was made with.
  public var tools: [Tool]?
  /// Tokens of the window at most, in place of the service's own ``PromptWindow/tokenCountMax``.
  public var tokenBudget: Int?
  /// The form of the answer.
  public var format: ResponseFormat
  /// Stored with the question, in ``Message/metadata``.
  public var metadata: [String: JSONValue]

  /// Creates options; what is left out is as the service has it.
  public init(
    questionID: MessageID? = nil, instruction: String? = nil, model: String? = nil,
    tools: [Tool]? = nil, tokenBudget: Int? = nil, format: ResponseFormat = .text,
    metadata: [String: JSONValue] = [:]
  ) {
    self.questionID = questionID
    self.instruction = instruction
    self.model = model
    self.tools = tools
    self.tokenBudget = tokenBudget
    self.format = format
    self.metadata = metadata
  }
}

/// A message that cannot be one.
public struct EmptyMessage: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What is wrong with it.
  public var description: String { "an empty message cannot be sent" }
  /// The error.
  public init() {}
}
