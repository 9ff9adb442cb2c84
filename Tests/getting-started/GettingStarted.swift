import SessionCore

struct Echo: Responder {
  func respond(
    to prompt: Prompt,
    emit: nonisolated(nonsending) @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    try await emit(.text("You said “\(prompt.messages.last?.content ?? "")”."))
    return ResponseSummary(state: .complete)
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
      _ = try await service.ask(text, in: conversation, as: user) { event in
        if case .text(let piece) = event { print(piece) }
      }
    }
    for session in try await service.warmSessions(as: user).value {
      print("\(session.messageCount) messages are warm.")
    }
  }
}
