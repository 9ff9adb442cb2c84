/// Answers a conversation: a model, a chain of models, or a rule of thumb.
///
/// `respond` hands out text as it comes and returns when the answer is whole. It throws
/// ``ResponderError`` when the answer failed or was cut, after however much text, and
/// `CancellationError` when the task was cancelled; by then nothing of the call is left running.
/// It may be called by any number of tasks at once.
///
/// `emit` runs where the responder runs. Its type is written out, so that a module with other
/// language settings than this one's can write the same.
public protocol Responder: Sendable {
  /// Answers `prompt`.
  ///
  /// - Parameters:
  ///   - prompt: What is asked.
  ///   - emit: Takes each piece of the answer in order; the responder waits for it, so a slow
  ///     reader slows the model's transfer down and nothing piles up.
  func respond(
    to prompt: Prompt,
    emit: nonisolated(nonsending) @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary
}

/// What a responder is asked.
public struct Prompt: Sendable, Hashable {
  /// The conversation; for logs and traces.
  public var conversation: ConversationID
  /// An instruction that stands above the conversation.
  public var instruction: String?
  /// The window: oldest first, begins and ends with a user's message.
  public var messages: [Message]

  /// A prompt with every part given.
  public init(conversation: ConversationID, instruction: String? = nil, messages: [Message]) {
    self.conversation = conversation
    self.instruction = instruction
    self.messages = messages
  }
}

/// What happens while an answer comes.
public enum ResponseEvent: Sendable, Hashable {
  /// The next piece of the answer, to be shown behind the ones before.
  case text(String)
  /// The one who was to answer could not, and another one is asked. No text has come yet.
  case fallback(FallbackNotice)
  /// What is known of an answer that does not come to a good end: the model, the tokens so far. It
  /// is told, by those who know anything, right before ``Responder/respond(to:emit:)`` throws, or
  /// before another try, whose answer this says nothing about.
  case broken(ResponseSummary)
}

/// Why another responder was asked.
public struct FallbackNotice: Sendable, Hashable {
  /// Who could not answer: the name of a model.
  public let from: String
  /// What it said.
  public let error: ResponderError

  /// A notice with every part given.
  public init(from: String, error: ResponderError) {
    self.from = from
    self.error = error
  }
}

/// How an answer ended. The text itself went to `emit`.
public struct ResponseSummary: Sendable, Hashable {
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

  /// A summary with every part given.
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
