import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite(
  "A server that crashes", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"),
  .timeLimit(.minutes(5)))
struct ServerCrashTests {
  private static let writerCount = 64
  private static let messageCount = 30

  @Test("T1 under 64 writers holds every acknowledged message once, and none by half")
  func midLoad() async throws {
    let server = try await PrivateMariaDB()
    let client = MySQLClient(server.configuration)
    let archive = MySQLArchive(client: client)
    try await archive.prepare()
    let user = try UserID("Awa")
    let threads = (0..<Self.writerCount).map { _ in ConversationID.generate() }
    let tried = Locked<[ConversationID: [Message]]>([:])
    let (acknowledgements, acknowledged) = AsyncStream.makeStream(of: Void.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for thread in threads {
        group.addTask {
          for number in 0..<Self.messageCount {
            let message = Message(
              id: .generate(), role: number % 2 == 0 ? .user : .assistant,
              content: String(repeating: "\(number) ", count: 200), createdAt: .now())
            tried.withLock { $0[thread, default: []].append(message) }
            // Until it is acknowledged, as a journal does.
            while true {
              do {
                _ = try await archive.append(message, to: thread, of: user)
                break
              } catch let error as ArchiveError where error.code == .unavailable {
                await server.waitUntilUp()
              }
            }
            acknowledged.yield()
          }
        }
      }
      // Three times, when a part of the messages is there and the rest is under way.
      for _ in 1...3 {
        for await _ in acknowledgements.prefix(Self.writerCount * Self.messageCount / 4) {}
        await server.kill()
        try await server.restart()
      }
      try await group.waitForAll()
    }
    for thread in threads {
      let read = try await archive.newestMessages(in: thread, of: user, limit: 1000)
      #expect(read == tried.withLock { $0[thread] })
    }
    let count = try await client.query("SELECT COUNT(*) FROM Step")[0].integer(0)
    #expect(count == Int64(Self.writerCount * Self.messageCount))
    await client.close()
    await server.kill()
  }
}
