/// Answers a conversation: a model, a chain of models, or a rule of thumb.
///
/// A responder writes the answer piece by piece, and returns when it is whole. It throws
/// ``ResponderError`` when the answer failed or was cut, after however much text, and
/// `CancellationError` when the task was cancelled; by then nothing of the call is left running.
/// Any number of tasks may call it at once.
public protocol Responder: Sendable {
  /// Answers `prompt`.
  ///
  /// - Parameters:
  ///   - prompt: What is asked.
  ///   - answer: Takes the answer. A write returns when the reader can take more, so a slow reader
  ///     slows the model's transfer down and nothing piles up. An error that a write throws ends
  ///     the call and is thrown on.
  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary
}

/// Takes an answer, part by part and in order.
///
/// Who wants to see or change what another responder writes wraps the writer in one of its own and
/// hands that on.
public protocol AnswerWriter: Sendable {
  /// Writes the next part. Tool calls and results are durable when this returns.
  mutating func write(_ part: AnswerPart) async throws
}

extension AnswerWriter {
  /// Writes the next piece of the answer's text.
  public mutating func write(_ text: String) async throws { try await write(.text(text)) }
}

/// A part of an answer.
@nonexhaustive
public enum AnswerPart: Sendable, Hashable {
  /// The next piece of the text, to be shown behind the ones before.
  case text(String)
  /// The model calls tools: one round. Their results follow, each as ``toolResult(_:)``.
  case toolCalls([ToolCall])
  /// What a tool of the latest round returned.
  case toolResult(ToolResult)
  /// The responder that was to answer could not, and another one is asked. No text has come yet.
  case fallback(FallbackNotice)
  /// What is known of an answer that is not finished: the model, the tokens so far. The latest
  /// counts. It is what is stored if the answer fails or is stopped.
  case progress(ResponseSummary)
}

/// What a responder is asked.
public struct Prompt: Sendable {
  /// The conversation; for logs and traces.
  public var conversation: ConversationID
  /// Who asks; nil outside a turn of ``ChatService``.
  public var user: UserID?
  /// An instruction that stands above the conversation.
  public var instruction: String?
  /// The window, oldest first. It begins with a user's message and ends with the question, or with
  /// the tool rounds of a turn that was interrupted after it.
  public var messages: [Message]
  /// The model to ask, by the name that the chain or the service knows it by; nil leaves the choice
  /// to the responder.
  public var model: String?
  /// The tools that may be called; nil leaves those that the responder was made with.
  public var tools: [Tool]?
  /// The form of the answer.
  public var format: ResponseFormat

  /// The text of the last message of the user; empty when there is none.
  public var question: String { lastQuestion?.content ?? "" }

  /// The last message of the user.
  package var lastQuestion: Message? { messages.last { $0.role == .user } }

  /// Creates a prompt.
  public init(
    conversation: ConversationID, user: UserID? = nil, instruction: String? = nil,
    messages: [Message], model: String? = nil, tools: [Tool]? = nil, format: ResponseFormat = .text
  ) {
    self.conversation = conversation
    self.user = user
    self.instruction = instruction
    self.messages = messages
    self.model = model
    self.tools = tools
    self.format = format
  }
}

/// The form that an answer is to have.
@nonexhaustive
public enum ResponseFormat: Sendable, Hashable, Codable {
  /// Free text.
  case text
  /// One JSON document.
  case json
  /// One JSON document that fits a JSON Schema. `name` is for services that want one: letters,
  /// digits, underscores and dashes.
  case jsonSchema(JSONValue, name: String = "answer")
}

/// Why another responder was asked.
public struct FallbackNotice: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Who could not answer: the name of a model.
  public let from: String
  /// What it said.
  public let error: ResponderError

  /// Creates a notice.
  public init(from: String, error: ResponderError) {
    self.from = from
    self.error = error
  }

  /// The name and the reason.
  public var description: String { "\(from): \(error.reason)" }
}

/// How an answer ended. The text itself went to the ``AnswerWriter``.
public struct ResponseSummary: Sendable, Hashable, Codable {
  /// How it ended: ``AnswerState/complete``, ``AnswerState/partial`` or ``AnswerState/fallback``.
  public var state: AnswerState
  /// The model that really answered.
  public var model: String?
  /// Tokens used.
  public var usage: TokenUsage?
  /// Why the model stopped, in its own word.
  public var finishReason: String?
  /// The service's own name for the answer.
  public var responseID: String?

  /// A complete answer of which nothing else is known.
  public static let complete = ResponseSummary(state: .complete)

  /// Creates a summary.
  public init(
    state: AnswerState, model: String? = nil, usage: TokenUsage? = nil,
    finishReason: String? = nil, responseID: String? = nil
  ) {
    self.state = state
    self.model = model
    self.usage = usage
    self.finishReason = finishReason
    self.responseID = responseID
  }
}
