public import SessionCore
import SessionCoreTesting

extension Responder {
  /// Answers `prompt`, and runs `onPart` for each part of the answer.
  public func respond(
    to prompt: Prompt, onPart: @escaping @Sendable (AnswerPart) async throws -> Void
  ) async throws -> ResponseSummary {
    var writer = CollectingWriter(onPart)
    return try await respond(to: prompt, into: &writer)
  }
}

extension ChatService {
  /// Runs a turn through its sequence, and runs `onEvent` for each event but the last.
  public func ask(
    _ text: String, in conversation: ConversationID, as user: UserID, questionID: MessageID? = nil,
    onEvent: (TurnEvent) async throws -> Void
  ) async throws -> Turn {
    var options = TurnOptions()
    options.questionID = questionID
    var last: Turn?
    for try await event in stream(text, in: conversation, as: user, options: options) {
      if case .finished(let turn) = event { last = turn } else { try await onEvent(event) }
    }
    guard let last else { throw CancellationError() }
    return last
  }
}
