import SessionCore

/// Answers a question in the body of an HTTP response, as server-sent events.
struct ChatHandler: Sendable {
  let service: ChatService

  /// The closure of a route. While the client reads nothing, `write` waits, and the model's
  /// transfer waits with it; when `write` throws because the client is gone, the turn is stopped
  /// and what it had said is stored.
  func answer(
    _ question: String, in conversation: ConversationID, as user: UserID,
    into body: inout some BodyWriter
  ) async throws {
    let options = TurnOptions(instruction: "Be brief.")
    for try await event in service.stream(question, in: conversation, as: user, options: options) {
      switch event {
      case .text(let piece): try await body.write(event: "text", piece)
      case .toolCall(let call): try await body.write(event: "tool", call.name)
      case .finished(let turn): try await body.write(event: "done", turn.answer.content)
      default: break
      }
    }
  }
}

/// What a web framework gives a handler to write a response's body with: passed `inout`, and not
/// `Sendable`.
protocol BodyWriter {
  mutating func write(_ text: String) async throws
}

extension BodyWriter {
  /// Writes one server-sent event; each line of `data` has a field of its own.
  mutating func write(event: String, _ data: String) async throws {
    let lines = data.split(separator: "\n", omittingEmptySubsequences: false)
    try await write("event: \(event)\n" + lines.map { "data: \($0)\n" }.joined() + "\n")
  }
}

/// A body that is the standard output.
struct PrintedBody: BodyWriter {
  /// Not `Sendable`, as a framework's buffer would be.
  final class Buffer { var byteCount = 0 }
  let buffer = Buffer()

  mutating func write(_ text: String) async throws {
    buffer.byteCount += text.utf8.count
    print(text, terminator: "")
  }
}
