import SessionCore

/// A model of one's own: it says what it heard, and counts the letters of a question that asks
/// about its length.
struct Echo: Responder {
  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    if prompt.question.hasPrefix("How long") {
      // Calls and results are messages of the conversation: each is stored when `write` returns.
      let call = ToolCall(id: "1", name: "count_letters", arguments: "{}")
      try await answer.write(.toolCalls([call]))
      let count = prompt.question.count(where: \.isLetter)
      try await answer.write(.toolResult(ToolResult(call: call, content: String(count))))
      try await answer.write("It has \(count) letters. ")
    }
    try await answer.write("You said “\(prompt.question)”.")
    return .complete
  }
}
