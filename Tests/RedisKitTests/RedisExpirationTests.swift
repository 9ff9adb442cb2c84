import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite(
  "Sessions that expire while nobody looks", .enabled(if: Servers.hasRedis),
  .timeLimit(.minutes(5)))
struct RedisExpirationTests {
  private typealias Found = (removal: Removal, scope: Scope)

  /// Begins a session, and returns what that call found expired, which nobody else will be told.
  private func begin(
    _ id: ConversationID, _ store: RedisSessionStore, _ scope: Scope
  ) async throws -> [Found] {
    let message = Message(
      id: .generate(), role: .user, content: "x", createdAt: Timestamp(milliseconds: 1))
    let reply = try await store.append(
      message, to: id, in: scope, following: nil, returningWindow: false)
    return reply.removals.map { ($0, scope) }
  }

  /// Watches with so many watchers until `count` ends were reported, and then a little longer.
  private func watch(
    _ stores: [RedisSessionStore], _ scopes: [Scope], until count: Int
  ) async -> [Found] {
    let found = Locked<[Found]>([])
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    await withThrowingTaskGroup(of: Void.self) { group in
      for store in stores {
        group.addTask {
          try await store.watchExpirations(in: scopes, checkingEvery: .milliseconds(20)) {
            removal, scope in
            found.withLock { $0.append((removal, scope)) }
            continuation.yield()
          }
        }
      }
      var seen = 0
      for await _ in stream {
        seen += 1
        if seen == count { break }
      }
      group.cancelAll()
      while let result = await group.nextResult() {
        #expect(throws: CancellationError.self) { try result.get() }
      }
    }
    return found.withLock { $0 }
  }

  @Test("P5 Each is reported to one of all watchers, once, when it is due")
  func namedScopes() async throws {
    try await RedisBench.run { bench in
      let user = Scope.user(try UserID("Awa"))
      let stores = (0..<3).map { _ in
        RedisSessionStore(
          client: bench.client, limits: SessionLimits(timeToLive: .milliseconds(400)),
          keyPrefix: bench.prefix)
      }
      let ids = (0..<4).map { _ in ConversationID.generate() }
      var found: [Found] = []
      for (number, id) in ids.enumerated() {
        found += try await begin(id, stores[0], number < 2 ? .shared : user)
      }
      found += await watch(stores, [.shared, user], until: 4 - found.count)
      #expect(Set(found.map(\.removal)) == Set(ids.map { Removal(id: $0, cause: .expired) }))
      #expect(found.count == 4)
      for entry in found {
        #expect(entry.scope == (ids[..<2].contains(entry.removal.id) ? .shared : user))
      }
      let keys = try await bench.keys("chat_meta*")
      #expect(keys.isEmpty)
    }
  }

  @Test("P5 A server that publishes expiry tells of scopes that nobody named")
  func notified() async throws {
    let server = try await PrivateRedis(["--notify-keyspace-events", "Ex", "--hz", "100"])
    let client = RedisClient(server.configuration)
    let store = RedisSessionStore(
      client: client, limits: SessionLimits(timeToLive: .milliseconds(10)), keyPrefix: "p:")
    let isFound = Locked(false)
    let watching = Task {
      let found = await watch([store], [], until: 1)
      isFound.withLock { $0 = true }
      return found
    }
    // What ends before the watcher listens is told to nobody, so sessions end until one is told.
    // Each has a scope of its own, for a call in the same one would find it first.
    var scopes: [ConversationID: Scope] = [:]
    while !isFound.withLock({ $0 }) {
      let (id, user) = (ConversationID.generate(), try UserID("é {b}:% \(scopes.count)"))
      scopes[id] = .user(user)
      #expect(try await begin(id, store, .user(user)).isEmpty)
      let key = SessionKeys(.user(user), prefix: "p:").metaPrefix + id.description
      while try await client.send(RedisCommand("EXISTS", .text(key))).integer == 1 {}
    }
    let found = await watching.value
    #expect(!found.isEmpty)
    for entry in found {
      #expect(entry.removal.cause == .expired)
      #expect(entry.scope == scopes[entry.removal.id])
    }
    await client.close()
    await server.kill()
  }

  @Test("The scope of a key is read back from its name, and from no other")
  func scopes() throws {
    let id = ConversationID.generate()
    for name in ["Awa", "{a}:b %25", "é e\u{301} 🇫🇷", "a\u{1}b"] {
      let scope = Scope.user(try UserID(name))
      let key = SessionKeys(scope, prefix: "p:").metaPrefix + id.description
      #expect(SessionKeys.scope(ofMetaKey: Array(key.utf8), prefix: "p:") == scope)
      #expect(SessionKeys.scope(ofMetaKey: Array(key.utf8), prefix: "") == nil)
    }
    let shared = "chat_meta:\(id)"
    #expect(SessionKeys.scope(ofMetaKey: Array(shared.utf8), prefix: "") == .shared)
    for key in ["", "chat_meta:", "chat_history:\(id)", "chat_meta:{%}:x", "chat_meta:{a", "x"] {
      #expect(SessionKeys.scope(ofMetaKey: Array(key.utf8), prefix: "") == nil, "\(key)")
    }
  }
}
