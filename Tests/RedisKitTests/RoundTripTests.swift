import SessionCore
import TestSupport
import Testing

@testable import RedisKit

/// Counts, not times: an operation that takes a round trip more fails here, on any machine.
@Suite("Round trips", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(2)))
struct RoundTripTests {
  @Test("Each operation of the store is one round trip")
  func storeOperations() async throws {
    let server = try await PrivateRedis()
    let client = RedisClient(server.configuration)
    let store = RedisSessionStore(client: client)
    let id = ConversationID.generate()
    let tail = Locked<MessageID?>(nil)
    @Sendable func append(returningWindow: Bool) async throws {
      let message = Message(id: .generate(), role: .user, content: "Bonjour", createdAt: .now())
      _ = try await store.append(
        message, to: id, in: .shared, following: tail.withLock { $0 },
        returningWindow: returningWindow)
      tail.withLock { $0 = message.id }
    }
    let operations: [(String, @Sendable () async throws -> Void)] = [
      ("append", { try await append(returningWindow: false) }),
      ("append with the window", { try await append(returningWindow: true) }),
      ("open", { _ = try await store.open(id, in: .shared) }),
      ("list", { _ = try await store.list(in: .shared) }),
      ("pin", { _ = try await store.setPinned(true, id, in: .shared) }),
      (
        "page in",
        { _ = try await store.pageIn(.generate(), in: .shared, messages: [], messageCount: 0) }
      ),
      ("close", { _ = try await store.close(.generate(), in: .shared) }),
    ]
    // The first call of each may have to send the script itself.
    for (_, operation) in operations { try await operation() }
    for (name, operation) in operations {
      let before = try await readCount(client)
      try await operation()
      // The second reading of the count is a read itself.
      #expect(try await readCount(client) - before == 2, "\(name)")
    }
    await client.close()
    await server.kill()
  }

  @Test("Commands that tasks send at the same time share reads of the server")
  func sharedRoundTrips() async throws {
    let server = try await PrivateRedis()
    let client = RedisClient(server.configuration)
    let before = try await readCount(client)
    let values = try await client.pipeline((0..<100).map { _ in RedisCommand("PING") })
    #expect(values.count == 100)
    #expect(try await readCount(client) - before <= 3)
    await client.close()
    await server.kill()
  }

  /// How often the server has read from a connection: once for each round trip of one that waits
  /// for every answer.
  private func readCount(_ client: RedisClient) async throws -> Int {
    let info = try await client.send(RedisCommand("INFO", "stats")).string ?? ""
    let line = info.split(whereSeparator: \.isNewline)
      .first { $0.hasPrefix("total_reads_processed:") }
    return try #require(line.flatMap { Int($0.split(separator: ":")[1]) })
  }
}
