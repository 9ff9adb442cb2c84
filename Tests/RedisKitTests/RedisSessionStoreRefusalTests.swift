import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite(
  "What the session store refuses", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisSessionStoreRefusalTests {
  private func message(_ text: String = "Bonjour", at time: Int64 = 1000) -> Message {
    Message(
      id: .generate(), role: .user, content: text, createdAt: Timestamp(milliseconds: time))
  }

  @Test("A message that is too large is refused, and the session stays as it was")
  func tooLarge() async throws {
    try await RedisBench.run { bench in
      let store = RedisSessionStore(client: bench.client, keyPrefix: bench.prefix)
      let large = message(String(repeating: "x", count: RedisSessionStore.messageByteCountMax))
      let error = await #expect(throws: SessionStoreError.self) {
        try await store.append(
          large, to: .generate(), in: .shared, following: nil, returningWindow: false)
      }
      #expect(error?.code == .tooLarge)
      let sessions = try await store.list(in: .shared).value
      #expect(sessions.isEmpty)
    }
  }

  @Test("A store whose server is away says so")
  func unavailable() async throws {
    let address = RedisConfiguration.Address.tcp(host: "127.0.0.1", port: 1)
    let client = RedisClient(RedisConfiguration(address: address))
    let store = RedisSessionStore(client: client)
    let error = await #expect(throws: SessionStoreError.self) { try await store.list(in: .shared) }
    #expect(error?.code == .unavailable)
    #expect(error?.mayHaveActed == false)
    await client.close()
  }
}
