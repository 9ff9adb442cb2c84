import SessionCore
import TestSupport
import Testing

@testable import RedisKit

/// What a server may refuse, what the store makes of it, and what is told.
@Suite(
  "A server that answers and does not serve", .enabled(if: Servers.hasRedis),
  .timeLimit(.minutes(5)))
struct RedisDiagnosisTests {
  private static let page = "Sources/RedisKit/RedisKit.docc/Permissions.md"

  private func message(_ text: String = "Bonjour") -> Message {
    Message(id: .generate(), role: .user, content: text, createdAt: .now())
  }

  /// One way for a server not to serve.
  enum Trouble: String, CaseIterable {
    case readOnly, outOfMemory, notPersisting, noScripts, noKeys, noWrites

    var cause: SessionStoreError.Cause {
      switch self {
      case .readOnly: .readOnly
      case .outOfMemory: .outOfMemory
      case .notPersisting: .notPersisting
      case .noScripts, .noKeys, .noWrites: .missingPermission
      }
    }

    var kind: RedisDiagnosis.Finding.Kind {
      switch self {
      case .readOnly: .readOnly
      case .outOfMemory: .outOfMemory
      case .notPersisting: .notPersisting
      case .noScripts, .noWrites: .missingCommands
      case .noKeys: .missingKeys
      }
    }

    var details: [String] {
      switch self {
      case .noScripts: ["EVALSHA", "EVAL"]
      case .noWrites: ["RPUSH", "LTRIM"]
      case .noKeys: ["chat_sessions", "chat_history:*", "chat_meta:*"]
      default: []
      }
    }

    func begin(_ server: PrivateRedis, _ admin: RedisClient) async throws {
      switch self {
      case .readOnly: try await Self.run("REPLICAOF 127.0.0.1 1", admin)
      case .outOfMemory: try await Self.run("CONFIG SET maxmemory 1", admin)
      case .notPersisting:
        // A directory that is in the way of the file.
        try server.makeDirectory("in-the-way")
        try await Self.run("CONFIG SET save 3600 1", admin, join: 3)
        _ = try? await admin.send(RedisCommand("BGSAVE"))
        while try await admin.send(RedisCommand("INFO", "persistence")).string?
          .contains("rdb_last_bgsave_status:err") != true
        {}
      case .noScripts: try await Self.run("ACL SETUSER chat -eval -evalsha", admin)
      case .noWrites: try await Self.run("ACL SETUSER chat -rpush -ltrim", admin)
      case .noKeys: try await Self.run("ACL SETUSER chat resetkeys ~other:*", admin)
      }
    }

    func end(_ admin: RedisClient) async throws {
      switch self {
      case .readOnly: try await Self.run("REPLICAOF NO ONE", admin)
      case .outOfMemory: try await Self.run("CONFIG SET maxmemory 0", admin)
      case .notPersisting: try await Self.run("CONFIG SET stop-writes-on-bgsave-error no", admin)
      case .noScripts: try await Self.run("ACL SETUSER chat +eval +evalsha", admin)
      case .noWrites: try await Self.run("ACL SETUSER chat +rpush +ltrim", admin)
      case .noKeys: try await Self.run("ACL SETUSER chat ~*", admin)
      }
    }

    /// From word `join` on it is one argument.
    private static func run(_ line: String, _ client: RedisClient, join: Int = 99) async throws {
      let words = line.split(separator: " ", maxSplits: join).map { RedisArgument.text(String($0)) }
      _ = try await client.send(RedisCommand("\(words[0].text)", Array(words.dropFirst())))
    }
  }

  @Test(
    "T6 The stand-in serves, each change is told once, and what is wrong is named",
    arguments: Trouble.allCases)
  func standIn(trouble: Trouble) async throws {
    let server = try await PrivateRedis([
      "--user", "chat", "on", ">geheim", "~*", "&*", "+@all", "--dbfilename", "in-the-way",
    ])
    let admin = RedisClient(server.configuration)
    var configuration = server.configuration
    (configuration.user, configuration.password) = ("chat", Secret("geheim"))
    let client = RedisClient(configuration)
    let hub = EventHub()
    var events = hub.events().makeAsyncIterator()
    let time = ManualTime()
    let redis = RedisSessionStore(client: client)
    let store = FailoverSessionStore(redis, time: time, events: hub)
    let (id, other) = (ConversationID.generate(), ConversationID.generate())
    let first = message("un")
    _ = try await store.append(first, to: id, in: .shared, following: nil, returningWindow: true)
    #expect(!store.isStandIn)
    #expect(try await redis.diagnose().findings == [])

    try await trouble.begin(server, admin)
    let second = message("deux")
    let away = try await store.append(
      second, to: id, in: .shared, following: first.id, returningWindow: true)
    #expect(away.value == .missing, "the stand-in begins empty")
    #expect(store.isStandIn)
    guard case .modeChanged(let change)? = await events.next() else {
      Issue.record("nothing told")
      return
    }
    #expect(!change.isAvailable && change.tier == .sessionStore)
    let error = await #expect(throws: SessionStoreError.self) {
      try await redis.append(
        message(), to: other, in: .shared, following: nil, returningWindow: false)
    }
    #expect(error?.code == .unavailable)
    #expect(error?.cause == trouble.cause)
    let diagnosis = try await redis.diagnose()
    #expect(diagnosis.findings.first?.kind == trouble.kind, "\(diagnosis)")
    if !trouble.details.isEmpty { #expect(diagnosis.findings.first?.details == trouble.details) }
    #expect(!diagnosis.isServing)
    #expect(diagnosis.serverName == "Redis" || diagnosis.serverName == "Valkey")

    // Looking proves nothing, and is served by the stand-in without asking.
    _ = try await store.pageIn(id, in: .shared, messages: [first, second], messageCount: 2)
    for _ in 1...3 {
      time.advance(by: .seconds(60))
      #expect(try await store.list(in: .shared).value.map(\.messageCount) == [2])
      _ = try await store.open(other, in: .shared)
      _ = try await store.close(other, in: .shared)
      #expect(store.isStandIn)
    }
    try await trouble.end(admin)
    time.advance(by: .seconds(60))
    let third = message("trois")
    // What the first store kept from before is behind; it is paged in again.
    let back = try await store.append(
      third, to: id, in: .shared, following: second.id, returningWindow: true)
    #expect(back.value == .stale)
    _ = try await store.pageIn(id, in: .shared, messages: [first, second, third], messageCount: 3)
    #expect(!store.isStandIn)
    hub.tell(.opened(id))
    #expect(
      await events.next() == .modeChanged(ModeChange(tier: .sessionStore, isAvailable: true)))
    #expect(await events.next() == .opened(id), "once")
    #expect(try await redis.list(in: .shared).value.map(\.messageCount) == [3])
    #expect(try await redis.diagnose().isServing)
    await client.close()
    await admin.close()
    await server.kill()
  }

  @Test("The least permissions that are documented are enough, and each of them is needed")
  func leastPermissions() async throws {
    let page = try SourceTree.text(of: Self.page)
    let rule = try #require(
      page.split(separator: "\n").first { $0.hasPrefix("user chat on ") })
    let words = rule.split(separator: " ").dropFirst().map(String.init)
    let server = try await PrivateRedis(["--user"] + words)
    var configuration = server.configuration
    (configuration.user, configuration.password) = ("chat", Secret("secret"))
    let client = RedisClient(configuration)
    let hub = EventHub()
    let store = RedisSessionStore(client: client, events: hub)
    let admin = RedisClient(server.configuration)
    let user = Scope.user(try UserID("Awa {N}"))
    for scope in [Scope.shared, user] {
      #expect(try await store.diagnose(in: scope).findings == [])
      let id = ConversationID.generate()
      for _ in 0..<4 {
        _ = try await store.pageIn(.generate(), in: scope, messages: [message()], messageCount: 1)
      }
      let first = message()
      _ = try await store.append(first, to: id, in: scope, following: nil, returningWindow: true)
      _ = try await store.setPinned(true, id, in: scope)
      #expect(try await store.open(id, in: scope).value?.messages == [first])
      #expect(try await store.list(in: scope).value.count == 3)
      _ = try await store.close(id, in: scope)
    }
    _ = try await admin.send(RedisCommand("SET", "chat_sessions", "x"))
    #expect(try await store.list(in: .shared).value.isEmpty, "what is damaged is mended too")
    let models = RedisModelAvailability(client: client)
    await models.close("m", until: .now() + .seconds(60))
    #expect(await models.closings(of: ["m"]).count == 1)
    let watch = Task { try await store.watchExpirations { _, _ in } }
    watch.cancel()
    await #expect(throws: CancellationError.self) { try await watch.value }
    // Without any one of the commands something is missing that the diagnosis names.
    let probed = words.filter { $0.hasPrefix("+") && !$0.contains("|") }.map { $0.dropFirst() }
    let unprobed: Set<Substring> = ["pexpireat", "ping", "hello", "subscribe"]
    for command in probed where !unprobed.contains(command) {
      _ = try await admin.send(RedisCommand("ACL", "SETUSER", "chat", "-\(command)"))
      let findings = try await store.diagnose().findings
      #expect(
        findings.contains {
          $0.kind == .missingCommands && $0.details.contains(command.uppercased())
        },
        "\(command)")
      _ = try await admin.send(RedisCommand("ACL", "SETUSER", "chat", "+\(command)"))
    }
    await client.close()
    await admin.close()
    await server.kill()
  }

  @Test(
    "What the server is and how it keeps sessions is told, and so is a policy that throws them out")
  func server() async throws {
    let server = try await PrivateRedis([
      "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru", "--appendonly", "yes",
    ])
    let client = RedisClient(server.configuration)
    let store = RedisSessionStore(client: client)
    let diagnosis = try await store.diagnose()
    #expect(diagnosis.version?.split(separator: ".").count == 3)
    #expect(diagnosis.isPrimary == true)
    #expect(diagnosis.memoryLimit == 100 << 20)
    #expect(diagnosis.usedMemory ?? 0 > 100_000)
    #expect(diagnosis.memoryPolicy == "allkeys-lru")
    #expect(diagnosis.persistence == .appendOnly)
    #expect(diagnosis.findings.map(\.kind) == [.evicts])
    #expect(diagnosis.isServing)
    #expect(diagnosis.description.contains("noeviction"))
    #expect(try await client.dbsize() == 0, "nothing is left behind")
    _ = try await client.send(RedisCommand("SET", "chat_sessions", "x"))
    #expect(try await store.diagnose().findings.map(\.kind) == [.evicts, .damaged])
    await client.close()
    await server.kill()
    let away = try await store.diagnose()
    #expect(away.findings.map(\.kind) == [.unreachable])
  }

  @Test("Valkey is called Valkey, whatever field it says so in")
  func valkey() {
    var diagnosis = RedisDiagnosis()
    diagnosis.read(
      info: "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.0.1\r\n")
    #expect(diagnosis.serverName == "Valkey")
    #expect(diagnosis.version == "9.0.1")
    diagnosis = RedisDiagnosis()
    diagnosis.read(
      hello: .array([.bytes(Array("server".utf8)), .bytes(Array("valkey".utf8))]))
    #expect(diagnosis.serverName == "Valkey")
  }

  @Test("A wrong password is told as one, without it")
  func password() async throws {
    try await RedisBench.run { bench in
      var configuration = bench.client.configuration
      configuration.password = Secret("falsch-geheim")
      let client = RedisClient(configuration)
      let diagnosis = try await RedisSessionStore(client: client).diagnose()
      #expect(diagnosis.findings.map(\.kind) == [.notAuthenticated])
      #expect(!diagnosis.description.contains("geheim"))
      await client.close()
    }
  }

  @Test(
    "What answers nonsense, at once or after a good greeting, is away",
    arguments: [
      "+OK\r\n", "$-1\r\n", "*0\r\n", "*2\r\n+a\r\n+b\r\n", ":1\r\n", "*3\r\n+list\r\n*0\r\n+x\r\n",
      "HTTP/1.1 400 Bad Request\r\n\r\n", "%1\r\n+a\r\n+b\r\n", "$5\r\nab\r\n",
      "*2\r\n+appended\r\n*-1\r\n", "*4\r\n+appended\r\n*0\r\n:-5\r\n*0\r\n", "-\r\n",
    ])
  func nonsense(text: String) async throws {
    for goodCount in [0, 1, 2] {
      let server = try NonsenseServer(saying: text, afterGood: goodCount)
      var configuration = RedisConfiguration(
        address: .tcp(host: "127.0.0.1", port: server.port))
      configuration.commandTimeout = .seconds(5)
      let client = RedisClient(configuration)
      let redis = RedisSessionStore(client: client)
      let store = FailoverSessionStore(redis)
      let first = message()
      let id = ConversationID.generate()
      let reply = try await store.append(
        first, to: id, in: .shared, following: nil, returningWindow: true)
      #expect(reply.value == .appended(WarmSession(messages: [first], messageCount: 1)))
      #expect(store.isStandIn)
      #expect(try await redis.diagnose().isServing == false)
      await client.close()
      server.close()
    }
  }
}

extension RedisArgument {
  fileprivate var text: String { if case .text(let text) = self { text } else { "" } }
}
