import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("The session store and its keys", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisSessionStoreTests {
  private func message(_ text: String = "Bonjour", at time: Int64 = 1000) -> Message {
    Message(
      id: .generate(), role: .user, content: text, createdAt: Timestamp(milliseconds: time))
  }

  private func store(
    _ bench: RedisBench, _ limits: SessionLimits = SessionLimits(),
    events: EventHub = EventHub()
  ) -> RedisSessionStore {
    RedisSessionStore(
      client: bench.client, limits: limits, keyPrefix: bench.prefix, events: events)
  }

  @Test("The keys are those of the layout, every one with a time to live")
  func layout() async throws {
    try await RedisBench.run { bench in
      let store = store(bench)
      let id = ConversationID.generate()
      let first = message("Bonjour")
      _ = try await store.append(first, to: id, in: .shared, following: nil, returningWindow: false)
      let user = Scope.user(try UserID("Awa {N}"))
      _ = try await store.append(first, to: id, in: user, following: nil, returningWindow: false)
      let keys = Set(try await bench.keys())
      #expect(
        keys
          == Set(
            [
              "chat_sessions", "chat_history:\(id)", "chat_meta:\(id)",
              "chat_sessions:{Awa%20%7BN%7D}", "chat_history:{Awa%20%7BN%7D}:\(id)",
              "chat_meta:{Awa%20%7BN%7D}:\(id)",
            ].map { bench.prefix + $0 }))
      for key in keys {
        let left = try await bench.client.send(RedisCommand("PTTL", .text(key))).integer ?? 0
        #expect(left > 3_590_000, "\(key)")
      }
      let element = try await bench.client.send(
        RedisCommand("LINDEX", .text(bench.prefix + "chat_history:\(id)"), 0))
      #expect(
        element.string
          == "{\"id\":\"\(first.id)\",\"role\":\"user\",\"content\":\"Bonjour\",\"at\":1000}")
      let meta = try await bench.client.send(
        RedisCommand(
          "HMGET", .text(bench.prefix + "chat_meta:\(id)"), "count", "tail", "pinned"))
      #expect(meta.array?.map(\.string) == ["1", first.id.description, "0"])
    }
  }

  @Test("No key is ever without a time to live, whatever is done")
  func timeToLive() async throws {
    try await RedisBench.run { bench in
      let store = store(bench, SessionLimits(sessionCountMax: 2, windowMessageCountMax: 2))
      var random = RepeatableRandom(seed: 5)
      let ids = (0..<4).map { _ in random.conversationID() }
      for _ in 0..<150 {
        let id = ids[Int.random(in: 0..<4, using: &random)]
        switch Int.random(in: 0..<6, using: &random) {
        case 0: _ = try await store.open(id, in: .shared)
        case 1: _ = try await store.close(id, in: .shared)
        case 2: _ = try await store.setPinned(Bool.random(using: &random), id, in: .shared)
        case 3: _ = try? await store.pageIn(id, in: .shared, messages: [message()], messageCount: 4)
        case 4: _ = try? await store.pageIn(id, in: .shared, messages: [], messageCount: 0)
        default:
          _ = try? await store.append(
            message(), to: id, in: .shared, following: nil, returningWindow: false)
        }
        let keys = try await bench.keys()
        let left = try await bench.client.pipeline(keys.map { RedisCommand("PTTL", .text($0)) })
        #expect(left.allSatisfy { ($0.integer ?? -1) > 0 }, "\(zip(keys, left).map { $0 })")
        let sessions = try await store.list(in: .shared).value
        #expect(keys.filter { $0.contains("chat_meta:") }.count == sessions.count)
      }
    }
  }

  @Test("P4 The server's clock decides, whatever the clock of the client shows")
  func serverClock() async throws {
    try await RedisBench.run { bench in
      let store = store(bench, SessionLimits(timeToLive: .milliseconds(30)))
      let id = ConversationID.generate()
      let begun = try await store.append(
        message(), to: id, in: .shared, following: nil, returningWindow: false)
      #expect(begun.removals.isEmpty)
      var removals: [Removal] = []
      while removals.isEmpty { removals = try await store.list(in: .shared).removals }
      #expect(removals == [Removal(id: id, cause: .expired)])
      #expect(try await store.open(id, in: .shared).value == nil)
      #expect(try await bench.keys("chat_meta*").isEmpty)
    }
  }

  @Test("An append is one round trip, and two when the server does not know the script")
  func roundTrips() async throws {
    try await RedisBench.run { bench in
      let store = store(bench)
      let id = ConversationID.generate()
      let first = message()
      _ = try await store.append(first, to: id, in: .shared, following: nil, returningWindow: false)
      _ = try await bench.client.send(RedisCommand("SCRIPT", "FLUSH"))
      let reply = try await store.append(
        message(), to: id, in: .shared, following: first.id, returningWindow: false)
      #expect(reply.value == .appended(WarmSession(messages: [], messageCount: 2)))
      let loaded = try await bench.client.send(
        RedisCommand("SCRIPT", "EXISTS", .text(SessionScripts.append.digest)))
      #expect(loaded == .array([.integer(1)]))
    }
  }

  @Test("Elements of the original application and of later versions are read, broken ones reported")
  func foreignElements() async throws {
    try await RedisBench.run { bench in
      let hub = EventHub()
      var events = hub.events().makeAsyncIterator()
      let store = store(bench, events: hub)
      let id = ConversationID.generate()
      let first = message("un")
      _ = try await store.append(first, to: id, in: .shared, following: nil, returningWindow: false)
      let key = RedisArgument.text(bench.prefix + "chat_history:\(id)")
      let foreign: [RedisArgument] = [
        "user: Salut : ça va ?", "assistant: Oui", "ni l'un ni l'autre", "{\"role\":\"user\"}",
        .bytes([0xFF, 0xFE]), "", "{\"id\":1}",
        """
        {"mood":{"a":[1,2.5e3,{"b":null}]},"id":"0199B0C6-0000-7000-8000-00000000000A",\
        "role":"assistant","content":"\\u00e9\\ud83c\\uddeb\\n","at":5,\
        "answer":{"state":"later","x":[]}}
        """,
      ]
      _ = try await bench.client.send(RedisCommand("RPUSH", [key] + foreign))
      let session = try #require(try await store.open(id, in: .shared).value)
      #expect(session.messages.map(\.content) == ["un", "Salut : ça va ?", "Oui", "é🇫\n"])
      #expect(session.messages.map(\.role) == [.user, .user, .assistant, .assistant])
      #expect(await events.next() == .sessionDamaged(.unreadableMessages(id, count: 5)))
      #expect(Set(session.messages.map(\.id)).count == 4)
      // T4: what has holes is no history to answer from. It is paged in again.
      let next = message("deux")
      let reply = try await store.append(
        next, to: id, in: .shared, following: first.id, returningWindow: true)
      #expect(reply.value == .stale)
      let untouched = try await bench.client.send(RedisCommand("LRANGE", key, 1, 8))
      #expect(untouched.array?.count == foreign.count)
      #expect(untouched.array?.last?.string?.contains("mood") == true)
    }
  }

  @Test("A list that the original application left becomes a session, under the limit")
  func legacyList() async throws {
    try await RedisBench.run { bench in
      let store = store(bench, SessionLimits(sessionCountMax: 1))
      let other = ConversationID.generate()
      _ = try await store.append(
        message(), to: other, in: .shared, following: nil, returningWindow: false)
      let id = ConversationID.generate()
      let key = RedisArgument.text(bench.prefix + "chat_history:\(id)")
      _ = try await bench.client.send(RedisCommand("RPUSH", key, "user: a", "assistant: b"))
      let reply = try await store.open(id, in: .shared)
      #expect(reply.value?.messages.map(\.content) == ["a", "b"])
      #expect(reply.value?.messageCount == 2)
      #expect(reply.removals == [Removal(id: other, cause: .evicted)])
      #expect(try await store.open(id, in: .shared).value == reply.value, "the names stay the same")
      #expect((try await bench.client.send(RedisCommand("PTTL", key)).integer ?? -1) > 0)
      // T4: nobody knows how it ends, so it has to be paged in before anything is added.
      for tail in [nil, reply.value?.messages.last?.id] {
        let append = try await store.append(
          message(), to: id, in: .shared, following: tail, returningWindow: false)
        #expect(append.value == .stale)
      }
    }
  }

  @Test("P5 A session whose keys the server threw out is gone, and is reported once")
  func thrownOut() async throws {
    try await RedisBench.run { bench in
      let store = store(bench)
      for key in ["chat_meta", "chat_history"] {
        // A list reads no messages, so it does not see that they are gone.
        for operation in ["list", "open", "append"] where key == "chat_meta" || operation != "list"
        {
          let id = ConversationID.generate()
          let first = message()
          _ = try await store.append(
            first, to: id, in: .shared, following: nil, returningWindow: false)
          _ = try await bench.client.send(
            RedisCommand("DEL", .text(bench.prefix + "\(key):\(id)")))
          let removals: [Removal]
          switch operation {
          case "list": removals = try await store.list(in: .shared).removals
          case "open":
            let reply = try await store.open(id, in: .shared)
            #expect(reply.value == nil)
            removals = reply.removals
          default:
            let reply = try await store.append(
              message(), to: id, in: .shared, following: first.id, returningWindow: true)
            #expect(reply.value == .missing)
            removals = reply.removals
          }
          #expect(removals == [Removal(id: id, cause: .expired)], "\(operation) without \(key)")
          #expect(try await store.list(in: .shared).value.isEmpty)
          #expect(try await bench.keys("chat_*:\(id)").isEmpty)
        }
      }
    }
  }

  @Test("P1 Two clients at the limit never hold more, and each removal is reported once")
  func twoClients() async throws {
    try await RedisBench.run { bench in
      try await RedisBench.run { other in
        let limits = SessionLimits(sessionCountMax: 3)
        let clients = [bench.client, other.client]
        let removals = Locked<[Removal]>([])
        let begun = try await withThrowingTaskGroup(of: ConversationID.self) { group in
          for number in 0..<400 {
            group.addTask {
              let store = RedisSessionStore(
                client: clients[number % 2], limits: limits, keyPrefix: bench.prefix)
              let id = ConversationID.generate()
              let reply = try await store.append(
                message(), to: id, in: .shared, following: nil, returningWindow: false)
              removals.withLock { $0 += reply.removals }
              let count = try await store.list(in: .shared).value.count
              #expect(count <= 3)
              return id
            }
          }
          return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        let left = try await store(bench, limits).list(in: .shared).value.map(\.id)
        let gone = removals.withLock { $0 }
        #expect(gone.allSatisfy { $0.cause == .evicted })
        #expect(Set(gone.map(\.id)).count == gone.count)
        #expect(Set(gone.map(\.id)).union(left) == begun)
        #expect(left.count == 3)
      }
    }
  }

  @Test("A limit that was lowered is kept by the next new session")
  func loweredLimit() async throws {
    try await RedisBench.run { bench in
      var random = RepeatableRandom(seed: 9)
      let ids = (0..<50).map { _ in random.conversationID() }
      let wide = store(bench, SessionLimits(sessionCountMax: 60))
      for id in ids {
        _ = try await wide.append(
          message(), to: id, in: .shared, following: nil, returningWindow: false)
      }
      for id in ids[0..<20] { _ = try await wide.setPinned(true, id, in: .shared) }
      let narrow = store(bench, SessionLimits(sessionCountMax: 25))
      let reply = try await narrow.append(
        message(), to: .generate(), in: .shared, following: nil, returningWindow: false)
      #expect(reply.removals.map(\.id) == Array(ids[20..<46]))
      #expect(try await narrow.list(in: .shared).value.count == 25)
    }
  }
}
