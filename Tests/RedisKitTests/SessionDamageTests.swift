import SessionCore
import TestSupport
import Testing

@testable import RedisKit

/// What somebody with `redis-cli` or a stray program writes under the names of the session store.
@Suite(
  "A session store that somebody else wrote into", .enabled(if: Servers.hasRedis),
  .timeLimit(.minutes(5)))
struct SessionDamageTests {
  /// One bad value, of the session with the id `<id>`.
  enum Damage: String, CaseIterable, CustomTestStringConvertible {
    case countIsText = "HSET chat_meta:<id> count abc"
    case countIsEmpty = "HSET chat_meta:<id> count |"
    case countIsHuge = "HSET chat_meta:<id> count 1e400"
    case countIsNegative = "HSET chat_meta:<id> count -5"
    case countIsNoNumber = "HSET chat_meta:<id> count nan"
    case countIsLong = "HSET chat_meta:<id> count 99999999999999999999"
    case hashIsText = "SET chat_meta:<id> x"
    case hashIsList = "RPUSH chat_meta:<id>:other x|RENAME chat_meta:<id>:other chat_meta:<id>"
    case listIsText = "SET chat_history:<id> x"
    case listIsSet = "DEL chat_history:<id>|SADD chat_history:<id> x"
    case listIsStream = "DEL chat_history:<id>|XADD chat_history:<id> * a b"
    case useIsInfinite = "ZADD chat_sessions +inf <id>"
    case useIsFarAhead = "ZADD chat_sessions 1e300 <id>"

    var testDescription: String { rawValue }
  }

  private struct Bench {
    let redis: RedisBench
    let store: RedisSessionStore
    let hub = EventHub()

    init(_ redis: RedisBench) {
      self.redis = redis
      store = RedisSessionStore(client: redis.client, keyPrefix: redis.prefix, events: hub)
    }

    /// Runs `command`, its words apart by spaces, with the id in place; `|` stands between two.
    func run(_ commands: String, _ id: ConversationID) async throws {
      for line in commands.split(separator: "|") {
        let words = line.replacing("<id>", with: id.description)
          .split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let arguments = words.dropFirst().map { word in
          RedisArgument.text(word.hasPrefix("chat_") ? redis.prefix + word : word)
        }
        _ = try await redis.client.send(RedisCommand(words[0], arguments))
      }
    }

    func begin(_ id: ConversationID, in scope: Scope = .shared) async throws -> Message {
      let first = message("un")
      _ = try await store.append(first, to: id, in: scope, following: nil, returningWindow: false)
      return first
    }

    func message(_ text: String) -> Message {
      Message(id: .generate(), role: .user, content: text, createdAt: .now())
    }
  }

  @Test(
    "One bad value costs its session, is reported, and nobody else notices",
    arguments: Damage.allCases)
  func oneSession(damage: Damage) async throws {
    try await RedisBench.run { redis in
      for operation in ["append", "open", "list", "close", "pin", "page in", "elsewhere"] {
        let bench = Bench(redis)
        var events = bench.hub.events().makeAsyncIterator()
        let (other, id) = (ConversationID.generate(), ConversationID.generate())
        let otherFirst = try await bench.begin(other)
        let first = try await bench.begin(id)
        try await bench.run(damage.rawValue, id)
        let store = bench.store
        switch operation {
        case "append":
          let reply = try await store.append(
            bench.message("deux"), to: id, in: .shared, following: first.id, returningWindow: true)
          #expect(reply.value == .missing)
          #expect(reply.removals.isEmpty)
        case "open": #expect(try await store.open(id, in: .shared).value == nil)
        case "list": _ = try await store.list(in: .shared)
        case "close": _ = try await store.close(id, in: .shared)
        case "pin": _ = try await store.setPinned(true, id, in: .shared)
        case "page in": break
        default:
          let reply = try await store.append(
            bench.message("ailleurs"), to: other, in: .shared, following: otherFirst.id,
            returningWindow: true)
          guard case .appended(let session) = reply.value else {
            Issue.record("\(reply.value)")
            continue
          }
          #expect(session.messageCount == 2)
        }
        // Paged in again, it is a session like any other.
        _ = try await store.pageIn(id, in: .shared, messages: [first], messageCount: 1)
        let reply = try await store.append(
          bench.message("trois"), to: id, in: .shared, following: first.id, returningWindow: true)
        guard case .appended(let session) = reply.value else {
          Issue.record("\(operation): \(reply.value)")
          continue
        }
        #expect(session.messages.map(\.content) == ["un", "trois"], "\(operation)")
        let listed = try await store.list(in: .shared).value
        #expect(listed.map(\.id) == [id, other], "\(operation)")
        #expect(listed.allSatisfy { $0.timeLeft <= .seconds(3600) && $0.timeLeft > .zero })
        bench.hub.tell(.opened(id))
        // Closing looks at no messages, and what it closed nobody misses.
        if operation != "close" || !damage.rawValue.contains("chat_history") {
          let told = await events.next()
          #expect(told == .sessionDamaged(.sessionRemoved(id)), "\(operation)")
        }
        #expect(await events.next() == .opened(id), "\(operation): once")
        _ = try await store.close(id, in: .shared)
        _ = try await store.close(other, in: .shared)
      }
    }
  }

  @Test(
    "A list of sessions that is none is begun anew, and the conversations are paged in",
    arguments: [
      "SET chat_sessions x", "DEL chat_sessions|RPUSH chat_sessions a",
      "DEL chat_sessions|HSET chat_sessions a b",
    ])
  func index(commands: String) async throws {
    try await RedisBench.run { redis in
      let bench = Bench(redis)
      var events = bench.hub.events().makeAsyncIterator()
      let id = ConversationID.generate()
      let first = try await bench.begin(id)
      try await bench.run(commands, id)
      let reply = try await bench.store.append(
        bench.message("deux"), to: id, in: .shared, following: first.id, returningWindow: true)
      #expect(reply.value == .missing)
      #expect(await events.next() == .sessionDamaged(.listRemoved(nil)))
      _ = try await bench.store.pageIn(id, in: .shared, messages: [first], messageCount: 1)
      #expect(try await bench.store.list(in: .shared).value.map(\.id) == [id])
    }
  }

  @Test("What is no session in the list of sessions is passed over")
  func strangers() async throws {
    try await RedisBench.run { redis in
      let bench = Bench(redis)
      let id = ConversationID.generate()
      _ = try await bench.begin(id)
      try await bench.run(
        "ZADD chat_sessions 5 |ZADD chat_sessions +inf x|HSET chat_meta:<id> pinned abc", id)
      let listed = try await bench.store.list(in: .shared).value
      #expect(listed.map(\.id) == [id])
      #expect(listed.first?.isPinned == false)
    }
  }

  @Test(
    "The memory of closed models survives values that make no sense",
    arguments: [
      "HSET chat_model_closed:m until abc", "SET chat_model_closed:m x",
      "HSET chat_model_closed:m until 1 probe abc",
    ])
  func closedModels(command: String) async throws {
    try await RedisBench.run { redis in
      try await Bench(redis).run(command, .generate())
      let models = RedisModelAvailability(client: redis.client, keyPrefix: redis.prefix)
      let moment = Timestamp.now() + .seconds(60)
      #expect(await models.closings(of: ["m"]).isEmpty)
      await models.close("m", until: moment)
      #expect(await models.closings(of: ["m"]) == ["m": moment])
    }
  }
}
