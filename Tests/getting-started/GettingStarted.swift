import SessionCore

struct Echo: Responder {
  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    try await answer.write("You said “\(prompt.question)”.")
    return .complete
  }
}

@main
struct GettingStarted {
  static func main() async throws {
    let service = ChatService(
      sessions: InMemorySessionStore(limits: SessionLimits(sessionCountMax: 3)),
      archive: InMemoryArchive(), responder: Echo())
    let (user, conversation) = (try UserID("Awa"), ConversationID.generate())
    for text in ["Hello", "How are you?"] {
      for try await event in service.stream(text, in: conversation, as: user) {
        if case .text(let piece) = event { print(piece) }
      }
    }
    for session in try await service.warmSessions(as: user).value {
      print("\(session.messageCount) messages are warm.")
    }
  }
}
