import Foundation
import MySQLKit
import RedisKit
import SessionCore
import TestSupport
import Testing

@Suite(
  "Random conversations on the real servers",
  .enabled(if: Servers.hasRedis && Servers.hasDatabase), .timeLimit(.minutes(5)))
struct TranscriptServerTests {
  @Test("T9 They come back equal through MySQL, a page-in to Redis, an export and both forms")
  func throughServers() async throws {
    try await ServerFixture.use { fixture, _ in
      let user = try UserID("Awa")
      let redis = RedisClient(try RedisConfiguration(url: fixture.redisURL))
      let mysql = MySQLClient(try MySQLConfiguration(url: fixture.databaseURL))
      let archive = MySQLArchive(client: mysql)
      let store = RedisSessionStore(client: redis)
      let conversations = (UInt64(0)..<200).map { seed in
        var random = RepeatableRandom(seed: seed)
        return (id: random.conversationID(), messages: RandomConversation.turns(&random))
      }
      // The order within a conversation is kept; conversations are written side by side.
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (id, messages) in conversations {
          group.addTask {
            for message in messages { _ = try await archive.append(message, to: id, of: user) }
          }
        }
        try await group.waitForAll()
      }
      for (id, messages) in conversations {
        let newest = try await archive.newestMessages(in: id, of: user, limit: 200)
        #expect(newest == messages, "\(id)")
        _ = try await store.pageIn(id, in: .shared, messages: newest, messageCount: newest.count)
        let warm = try await store.open(id, in: .shared).value?.messages ?? []
        #expect(warm == messages, "\(id)")
        let openAI = try JSONEncoder().encode(warm.map { OpenAIMessage($0) })
        let read = try JSONDecoder().decode([OpenAIMessage].self, from: openAI)
        #expect(try Message.messages(read) == messages, "\(id)")
        let transcript = try JSONEncoder().encode(Transcript(warm))
        let entries = try JSONDecoder().decode(Transcript.self, from: transcript)
        #expect(entries.messages() == messages, "\(id)")
      }
      let lines = Locked<[Data]>([])
      try await archive.export(of: user) { record in
        let line = try record.line()
        lines.withLock { $0.append(line) }
      }
      let copy: any CompleteArchive = InMemoryArchive()
      var intake = ArchiveImport(into: copy, of: user)
      for line in lines.withLock({ $0 }) {
        try await intake.add(Array(line) + [UInt8(ascii: "\n")])
      }
      _ = try await intake.finish()
      for (id, messages) in conversations {
        #expect(
          try await copy.newestMessages(in: id, of: user, limit: 200) == messages, "\(id)")
      }
      await redis.close()
      await mysql.close()
    }
  }
}
