import SessionCore
import TestSupport
import Testing

@testable import RedisKit

/// A cluster of one node, which starts within seconds: what needs no second node.
@Suite("A cluster of one node", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct SingleNodeClusterTests {
  /// Runs `body` with a client of a fresh node that has all slots. It says CLUSTERDOWN for two
  /// seconds after its start, and the client is given to `body` before they are over.
  private func withCluster(
    _ change: (inout RedisConfiguration) -> Void = { _ in },
    _ body: (RedisClient, RedisClient) async throws -> Void
  ) async throws {
    let server = try await PrivateRedis(["--cluster-enabled", "yes"])
    let direct = RedisClient(server.configuration)
    _ = try await direct.send(RedisCommand("CLUSTER", "ADDSLOTSRANGE", 0, 16383))
    var configuration = server.configuration
    configuration.topology = .cluster(others: [])
    change(&configuration)
    let client = RedisClient(configuration)
    do {
      try await body(client, direct)
    } catch {
      await client.close()
      await direct.close()
      throw error
    }
    await client.close()
    await direct.close()
  }

  @Test("Commands wait while the cluster forms, and ask once for all who has what")
  func forming() async throws {
    try await withCluster { client, direct in
      try await withThrowingTaskGroup { group in
        for number in 0..<200 {
          group.addTask {
            let key = RedisArgument.text("k\(number)")
            _ = try await client.send(RedisCommand("SET", key, .integer(Int64(number))))
            let value = try await client.send(RedisCommand("GET", key)).integer
            #expect(value == Int64(number))
          }
        }
        try await group.waitForAll()
      }
      _ = try await direct.send(RedisCommand("CONFIG", "RESETSTAT"))
      let fresh = RedisClient(client.configuration)
      try await withThrowingTaskGroup { group in
        for _ in 0..<200 { group.addTask { _ = try await fresh.send(RedisCommand("GET", "k")) } }
        try await group.waitForAll()
      }
      await fresh.close()
      let statistics = try await direct.send(RedisCommand("INFO", "commandstats")).string ?? ""
      #expect(statistics.contains("cmdstat_cluster|slots:calls=1,"))
    }
  }

  @Test("A store refuses the shared scope before it asks anybody, and says why")
  func sharedScope() async throws {
    try await withCluster { client, _ in
      let store = RedisSessionStore(client: client)
      try store.check(.user(try UserID("Awa")))
      let early = try #require(
        #expect(throws: SessionStoreError.self) { try store.check(.shared) })
      #expect(early.code == .refused)
      #expect(early.reason.contains("one slot"))
      await #expect(throws: early) { try await store.list(in: .shared) }
      await #expect(throws: early) { try await store.watchExpirations { _, _ in } }
      let tagged = RedisSessionStore(client: client, keyPrefix: "{chat}:")
      try tagged.check(.shared)
      #expect(try await tagged.list(in: .shared).value.isEmpty)
    }
  }

  @Test("A pipeline of one slot comes back in order, a transaction too; two slots are refused")
  func pipelines() async throws {
    try await withCluster { client, _ in
      let values = try await client.pipeline([
        RedisCommand("SET", "{a}1", "x"), RedisCommand("PING"), RedisCommand("LPUSH", "{a}1", "y"),
        RedisCommand("GET", "{a}1"),
      ])
      #expect(values[0] == .status("OK"))
      #expect(values[1] == .status("PONG"))
      guard case .error(let error) = values[2] else { throw Mistake() }
      #expect(error.code == "WRONGTYPE")
      #expect(values[3].string == "x")
      let transaction = try await client.pipeline([
        RedisCommand("MULTI"), RedisCommand("INCR", "{a}2"), RedisCommand("EXEC"),
      ])
      #expect(transaction[2] == .array([.integer(1)]))
      let refusal = await #expect(throws: RedisError.self) {
        try await client.pipeline([RedisCommand("GET", "a"), RedisCommand("GET", "b")])
      }
      #expect(refusal?.code == .unsupportedCommand)
      #expect(try await client.pipeline([]).isEmpty)
    }
  }

  @Test("Errors of the server, unsupported commands and closing are as with one server")
  func errors() async throws {
    try await withCluster { client, _ in
      _ = try await client.send(RedisCommand("SET", "a", "x"))
      let wrong = await #expect(throws: RedisError.self) {
        try await client.send(RedisCommand("LPUSH", "a", "y"))
      }
      #expect(wrong?.server?.code == "WRONGTYPE")
      #expect(wrong?.command == "LPUSH")
      #expect(wrong?.mayHaveActed == false)
      let cross = await #expect(throws: RedisError.self) {
        try await client.send(RedisCommand("MGET", "a", "b"))
      }
      #expect(cross?.server?.code == "CROSSSLOT")
      await #expect(throws: RedisError.self) { try await client.send(RedisCommand("SELECT", 1)) }
      await client.close()
      let closed = await #expect(throws: RedisError.self) {
        try await client.send(RedisCommand("GET", "a"))
      }
      #expect(closed?.code == .closed)
    }
  }

  @Test("A task that is cancelled stops waiting, also for a cluster that never forms")
  func cancellation() async throws {
    let server = try await PrivateRedis(["--cluster-enabled", "yes"])
    var configuration = server.configuration
    configuration.topology = .cluster(others: [])
    configuration.commandTimeout = .seconds(3600)
    let client = RedisClient(configuration)
    let task = Task { try await client.send(RedisCommand("GET", "a")) }
    let direct = RedisClient(server.configuration)
    // Once it was asked where the key is, the command waits.
    while try await direct.send(RedisCommand("INFO", "commandstats")).string?
      .contains("cmdstat_cluster|slots") != true
    {}
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await client.close()
    await direct.close()
  }

  @Test("More commands than may wait for a cluster are refused, and so are more bytes")
  func queueLimit() async throws {
    let server = try await PrivateRedis(["--cluster-enabled", "yes"])
    var configuration = server.configuration
    configuration.topology = .cluster(others: [])
    configuration.commandTimeout = .seconds(3600)
    configuration.waitingCommandCountMax = 10
    let client = RedisClient(configuration)
    let codes = await withTaskGroup(of: RedisError.Code?.self) { group in
      for _ in 0..<30 {
        group.addTask {
          do {
            _ = try await client.send(RedisCommand("GET", "a"))
            return nil
          } catch { return (error as? RedisError)?.code }
        }
      }
      var codes: [RedisError.Code?] = []
      for await code in group {
        codes.append(code)
        if codes.count == 20 { await client.close() }
      }
      return codes
    }
    #expect(codes.prefix(20).allSatisfy { $0 == .queueFull })
    #expect(codes.dropFirst(20).allSatisfy { $0 == .closed })
    configuration.waitingByteCountMax = 10
    let other = RedisClient(configuration)
    let refusal = await #expect(throws: RedisError.self) {
      try await other.send(RedisCommand("GET", "a"))
    }
    #expect(refusal?.code == .queueFull)
    await other.close()
  }

  @Test("Whoever watches for expiries does not ask who the servers are each time a session is due")
  func watching() async throws {
    try await withCluster { client, direct in
      let user = Scope.user(try UserID("Awa"))
      let store = RedisSessionStore(
        client: client, limits: SessionLimits(timeToLive: .milliseconds(400)))
      let message = Message(
        id: .generate(), role: .user, content: "x", createdAt: Timestamp(milliseconds: 1))
      _ = try await store.append(
        message, to: .generate(), in: user, following: nil, returningWindow: false)
      _ = try await direct.send(RedisCommand("CONFIG", "RESETSTAT"))
      let (reports, continuation) = AsyncStream.makeStream(of: Void.self)
      let watch = Task {
        // The first look finds when the session is due, the second one that it has ended.
        try await store.watchExpirations(in: [user], checkingEvery: .seconds(3600)) { _, _ in
          continuation.yield()
        }
      }
      for await _ in reports { break }
      watch.cancel()
      await #expect(throws: CancellationError.self) { try await watch.value }
      let statistics = try await direct.send(RedisCommand("INFO", "commandstats")).string ?? ""
      #expect(statistics.contains("cmdstat_cluster|slots:calls=1,"))
    }
  }

  @Test("Whoever wants to know what is later than the search under way is told by the next one")
  func laterFinding() async throws {
    try await withCluster { client, _ in
      let router = Router(client.configuration)
      let moment = Polling.now() + 150_000_000
      try await router.learn(since: moment, until: moment + 30_000_000_000)
      #expect(router.state.withLock { $0.lastFound } >= moment)
      await router.close()
    }
  }

  @Test("A cluster that is away, or is none, fails a command at once with the reason")
  func away() async throws {
    let server = try await PrivateRedis()
    var configuration = server.configuration
    configuration.topology = .cluster(others: [])
    let client = RedisClient(configuration)
    let none = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("GET", "a"))
    }
    #expect(none?.code == .connectFailed)
    #expect(none?.reason.contains("cluster support disabled") == true)
    await server.kill()
    let away = await #expect(throws: RedisError.self) {
      while true { _ = try await client.send(RedisCommand("GET", "a")) }
    }
    #expect(away?.code == .connectFailed)
    #expect(away?.mayHaveActed == false)
    await client.close()
    configuration.database = 1
    let other = RedisClient(configuration)
    let refusal = await #expect(throws: RedisError.self) {
      try await other.send(RedisCommand("PING"))
    }
    #expect(refusal?.code == .invalidConfiguration)
    await other.close()
  }

  @Test("rediss+cluster:// speaks TLS to every node")
  func tls() async throws {
    let certificates = try await TestCertificates.make()
    let server = try await PrivateRedis(
      certificates.serverOptions() + ["--cluster-enabled", "yes", "--tls-cluster", "yes"],
      speaksTLS: true)
    let url = "rediss+cluster://127.0.0.1:\(server.port)?ca=\(certificates.authorityFile)"
    var configuration = try RedisConfiguration(url: url)
    configuration.commandTimeout = .seconds(30)
    configuration.connectTimeout = .seconds(30)
    var single = configuration
    single.topology = .single
    let direct = RedisClient(single)
    _ = try await direct.send(RedisCommand("CLUSTER", "ADDSLOTSRANGE", 0, 16383))
    await direct.close()
    let client = RedisClient(configuration)
    _ = try await client.send(RedisCommand("SET", "a", "x"))
    #expect(try await client.send(RedisCommand("GET", "a")).string == "x")
    await client.close()
  }

  @Test("A server that is a replica is refused where a primary is needed")
  func mustBePrimary() async throws {
    let primary = try await PrivateRedis()
    let replica = try await PrivateRedis(["--replicaof", "127.0.0.1 \(primary.port)"])
    var configuration = replica.configuration
    configuration.mustBePrimary = true
    let client = RedisClient(configuration)
    let refusal = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("PING"))
    }
    #expect(refusal?.code == .connectFailed)
    #expect(refusal?.mayHaveActed == false)
    await client.close()
    configuration.address = primary.configuration.address
    let other = RedisClient(configuration)
    #expect(try await other.send(RedisCommand("PING")) == .status("PONG"))
    await other.close()
  }

  private struct Mistake: Error {}
}
