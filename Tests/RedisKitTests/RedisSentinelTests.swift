import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite(
  "A primary behind three sentinels",
  .enabled(if: TopologyServers.areThere, TopologyServers.hint), .serialized, .timeLimit(.minutes(5))
)
struct RedisSentinelTests {
  private func run(_ body: (RedisClient) async throws -> Void) async throws {
    let client = RedisClient(try TopologyServers.configuration(TopologyServers.sentinelURL))
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(client))
    } catch {
      result = .failure(error)
    }
    await client.close()
    try result.get()
  }

  /// Sends a command to the first sentinel.
  @discardableResult
  private func sentinel(
    _ client: RedisClient, at address: RedisConfiguration.Address? = nil, _ words: RedisArgument...
  ) async throws -> RedisValue {
    guard case .sentinel(let group) = client.configuration.topology else { return .null }
    var settings = client.configuration
    settings.address = address ?? settings.address
    settings.topology = .single
    settings.database = 0
    settings.user = group.user
    settings.password = group.password
    let direct = RedisClient(settings)
    let result: Result<RedisValue, any Error>
    do {
      result = .success(try await direct.send(RedisCommand("SENTINEL", words)))
    } catch {
      result = .failure(error)
    }
    await direct.close()
    return try result.get()
  }

  private func port(_ client: RedisClient) async throws -> UInt16 {
    let text = try await client.send(RedisCommand("INFO", "server")).string ?? ""
    let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("tcp_port:") }
    return try #require(line.flatMap { UInt16($0.dropFirst(9)) })
  }

  private func waitForReplicas(_ client: RedisClient, _ count: Int64) async throws {
    var found: Int64 = 0
    while found < count {
      let values = try await client.withConnection { connection in
        try await connection.pipeline([
          RedisCommand("SET", "ready", "x"), RedisCommand("WAIT", .integer(count), 500),
        ])
      }
      found = values[1].integer ?? 0
    }
  }

  @Test("The contract of session stores holds, in the shared scope")
  func contract() async throws {
    try await run { client in
      for rule in SessionStoreContract.rules {
        try await rule.check { limits, time in
          RedisSessionStore(
            client: client, limits: limits, keyPrefix: "\(UInt64.random(in: 0 ... .max)):",
            clock: time)
        }
      }
    }
  }

  @Test("After a fail-over by the sentinels the client finds the new primary")
  func failover() async throws {
    try await run { client in
      let before = try await port(client)
      let keys = (0..<8).map { "failover-\($0)-\(UInt64.random(in: 0 ... .max))" }
      let traffic = Traffic(client, keys)
      let tallies = try await traffic.run {
        try await waitForReplicas(client, 2)
      } during: {
        // Refused while the sentinels still sort out an earlier one.
        while (try? await sentinel(client, "FAILOVER", "chat")) == nil {}
        while try await port(client) == before {}
      }
      try await expect(tallies, traffic)
      #expect(try await client.send(RedisCommand("ROLE")).array?.first?.string == "master")
      try await waitForReplicas(client, 2)
    }
  }

  @Test("When the primary dies the client finds the new one, and nothing is carried out twice")
  func primaryDies() async throws {
    try await run { client in
      let before = try await port(client)
      let keys = (0..<8).map { "death-\($0)-\(UInt64.random(in: 0 ... .max))" }
      let traffic = Traffic(client, keys)
      let tallies = try await traffic.run {
        try await waitForReplicas(client, 2)
      } during: {
        try await TopologyServers.kill(before)
        while try await port(client) == before {}
      }
      try await TopologyServers.start(before)
      try await expect(tallies, traffic)
      #expect(try await port(client) != before)
      try await waitForReplicas(client, 2)
    }
  }

  @Test("A primary that was made a replica, and says READONLY, is left for the one that follows it")
  func demoted() async throws {
    try await run { client in
      try await waitForReplicas(client, 2)
      let before = try await port(client)
      // Its connections stay open: nothing but its refusals says that it is no primary any more.
      _ = try await client.send(RedisCommand("REPLICAOF", "127.0.0.1", "1"))
      _ = try await client.send(RedisCommand("SET", "demoted", "x"))
      #expect(try await client.send(RedisCommand("GET", "demoted")).string == "x")
      #expect(try await port(client) != before)
      try await waitForReplicas(client, 2)
    }
  }

  @Test("A primary that died and came back is not written to before the sentinels were asked")
  func comesBack() async throws {
    try await run { client in
      try await waitForReplicas(client, 2)
      let before = try await port(client)
      try await TopologyServers.kill(before)
      var next = "\(before)"
      // Until all of them tell it: the client takes the first that answers at its word, if the
      // server says so too.
      for address in client.configuration.addresses {
        next = "\(before)"
        while next == "\(before)" {
          let answer = try await sentinel(
            client, at: address, "get-master-addr-by-name", "chat")
          next = answer.array?.last?.string ?? next
        }
      }
      // Until the sentinels tell it, it says that it is a primary.
      try await TopologyServers.start(before)
      #expect(try await "\(port(client))" == next)
      try await waitForReplicas(client, 2)
    }
  }

  @Test("A user who may not PING is let in")
  func withoutPing() async throws {
    try await run { client in
      _ = try await client.send(
        RedisCommand(
          "ACL", "SETUSER", "quiet", "reset", "on", ">quiet", "~*", "+@all", "-ping"))
      var configuration = client.configuration
      configuration.user = "quiet"
      configuration.password = Secret("quiet")
      let quiet = RedisClient(configuration)
      #expect(try await quiet.send(RedisCommand("ECHO", "a")).string == "a")
      await quiet.close()
      _ = try await client.send(RedisCommand("ACL", "DELUSER", "quiet"))
    }
  }

  private func expect(_ tallies: [Traffic.Tally], _ traffic: Traffic) async throws {
    for (value, tally) in zip(try await traffic.values(), tallies) {
      #expect(value <= tally.answered + tally.uncertain, "nothing is carried out twice")
      #expect(value >= tally.before + tally.after, "what replicas had, or the new primary got")
      #expect(tally.after + tally.uncertain >= 100)
      #expect(tally.refused == 0)
    }
  }

  @Test("A name that no sentinel knows fails with the reason")
  func unknownName() async throws {
    var configuration = try TopologyServers.configuration(TopologyServers.sentinelURL)
    guard case .sentinel(var group) = configuration.topology else { return }
    group.primaryName = "nobody"
    configuration.topology = .sentinel(group)
    let client = RedisClient(configuration)
    let error = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("PING"))
    }
    #expect(error?.code == .connectFailed)
    #expect(error?.reason.contains("knows no primary called nobody") == true)
    await client.close()
  }

  @Test("Sentinels are never told the password of the primary")
  func credentials() async throws {
    var configuration = try TopologyServers.configuration(TopologyServers.sentinelURL)
    guard case .sentinel(var group) = configuration.topology else { return }
    group.password = nil
    configuration.topology = .sentinel(group)
    let client = RedisClient(configuration)
    let error = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("PING"))
    }
    #expect(error?.server?.code == "NOAUTH")
    await client.close()
  }
}
