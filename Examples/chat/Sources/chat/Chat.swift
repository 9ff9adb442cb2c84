import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Two turns of one conversation on the tiers of `REDIS_URL` and `DATABASE_URL`.
@main
struct Chat {
  static func main() async throws {
    let environment = ProcessInfo.processInfo.environment
    guard let redisURL = environment["REDIS_URL"], let databaseURL = environment["DATABASE_URL"]
    else { throw Usage() }
    let journal = FileManager.default.temporaryDirectory.appending(
      path: "session-memory-chat.journal")
    let server = try Server(
      redisURL: redisURL, databaseURL: databaseURL, journal: journal.path(percentEncoded: false))
    do {
      try await talk(with: server)
    } catch {
      await server.close()
      throw error
    }
    await server.close()
  }

  static func talk(with server: Server) async throws {
    let handler = ChatHandler(service: server.service)
    let (awa, conversation) = (try UserID("Awa"), ConversationID.generate())
    var body = PrintedBody()
    for question in ["Hello.", "How long is this question?"] {
      try await handler.answer(question, in: conversation, as: awa, into: &body)
    }
    print("\(body.buffer.byteCount) bytes were sent.")

    let warm = try await server.service.warmSessions(as: awa).value
    for session in warm where session.id == conversation {
      print("\(session.messageCount) messages are warm.")
    }
    let kept = try await server.service.archive.newestMessages(
      in: conversation, of: awa, limit: 10)
    print("\(kept.count) messages are kept:")
    for message in kept { print("- \(message)") }
  }

  struct Usage: Error, CustomStringConvertible {
    let description = "REDIS_URL and DATABASE_URL name the two servers"
  }
}
