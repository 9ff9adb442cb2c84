import SessionCore
import TestSupport
import Testing

@testable import RedisKit

extension RedisClusterTests {
  /// Moves the slot of `key` by hand, with `body` when its keys are on their way: half of them have
  /// been moved.
  private func moveSlot(
    of key: String, _ bench: ClusterBench, _ body: (ClusterBench.Member) async throws -> Void
  ) async throws {
    let slot = RedisArgument.integer(Int64(Slot.of(Array(key.utf8))))
    let source = try await bench.primary(of: key)
    let target = try #require(try await bench.primaries().first { $0.id != source.id })
    try await bench.ask(
      target.port, RedisCommand("CLUSTER", "SETSLOT", slot, "IMPORTING", .text(source.id)))
    try await bench.ask(
      source.port, RedisCommand("CLUSTER", "SETSLOT", slot, "MIGRATING", .text(target.id)))
    func migrate(_ names: [RedisValue]) async throws {
      if names.isEmpty { return }
      let password = try #require(bench.client.configuration.password)
      let keys = names.compactMap(\.string).map(RedisArgument.text)
      try await bench.ask(
        source.port,
        RedisCommand(
          "MIGRATE",
          [
            "127.0.0.1", .integer(Int64(target.port)), "", 0, 5000, "AUTH",
            .text(password.revealed),
            "KEYS",
          ] + keys))
    }
    func names() async throws -> [RedisValue] {
      try await bench.ask(source.port, RedisCommand("CLUSTER", "GETKEYSINSLOT", slot, 1000)).array
        ?? []
    }
    let all = try await names()
    try await migrate(Array(all.prefix(all.count / 2)))
    try await body(target)
    while case let rest = try await names(), !rest.isEmpty { try await migrate(rest) }
    for node in [target.port, source.port] {
      try await bench.ask(node, RedisCommand("CLUSTER", "SETSLOT", slot, "NODE", .text(target.id)))
    }
  }

  @Test("A slot that is moved under traffic costs no error, and each command is carried out once")
  func movedUnderTraffic() async throws {
    try await ClusterBench.run { bench in
      let keys = (0..<8).map { "{\(bench.prefix)}\($0)" }
      let traffic = Traffic(bench.client, keys)
      let before = try await bench.primary(of: keys[0])
      let tallies = try await traffic.run {
        try await moveSlot(of: keys[0], bench) { target in
          // A key that is nowhere yet is at the new node, where ASK leads.
          let new = "{\(bench.prefix)}new"
          _ = try await bench.client.send(RedisCommand("SET", .text(new), "x"))
          #expect(try await bench.client.send(RedisCommand("GET", .text(new))).string == "x")
          let there = try await bench.ask(
            target.port, RedisCommand("ASKING"), RedisCommand("GET", .text(new)))
          #expect(there.string == "x")
          // A pipeline gets the answers of both nodes, in order.
          let values = try await bench.client.pipeline(
            keys.map { RedisCommand("EXISTS", .text($0)) })
          #expect(values == keys.map { _ in .integer(1) })
        }
      }
      #expect(tallies.allSatisfy { $0.uncertain == 0 && $0.refused == 0 })
      #expect(try await traffic.values() == tallies.map(\.answered))
      #expect(try await bench.primary(of: keys[0]).id != before.id)
    }
  }

  @Test("A transaction, and a script whose keys are at two nodes, wait until the slot has moved")
  func tryAgain() async throws {
    try await ClusterBench.run { bench in
      let tag = "{\(bench.prefix)}"
      for number in 0..<10 {
        _ = try await bench.client.send(RedisCommand("SET", .text("\(tag)\(number)"), 0))
      }
      let keys = (0..<10).map { RedisArgument.text("\(tag)\($0)") }
      let script =
        "for _, key in ipairs(KEYS) do redis.call('INCR', key) end return redis.call('GET', KEYS[1])"
      let client = bench.client
      let started = AsyncStream.makeStream(of: Void.self)
      let (one, other) = try await {
        var tasks: (Task<RedisValue, any Error>, Task<RedisValue, any Error>)?
        try await moveSlot(of: tag, bench) { _ in
          tasks = (
            Task {
              started.continuation.yield()
              return try await client.send(RedisCommand("EVAL", [.text(script), 10] + keys))
            },
            Task {
              started.continuation.yield()
              let commands = keys.map { RedisCommand("INCR", $0) }
              let values = try await client.pipeline(
                [RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")])
              return values.last ?? .null
            }
          )
          var count = 0
          for await _ in started.stream {
            count += 1
            if count == 2 { break }
          }
          await #expect(throws: RedisError.self) {
            try await bench.ask(
              try await bench.primary(of: tag).port, RedisCommand("MGET", keys))
          }
        }
        return try #require(tasks)
      }()
      let values = try await [one.value, other.value]
      #expect(values.contains { $0.string != nil })
      for number in 0..<10 {
        let value = try await client.send(RedisCommand("GET", .text("\(tag)\(number)")))
        #expect(value.integer == 2, "each was carried out once")
      }
    }
  }

  @Test("A fail-over by hand loses nothing, and costs no error")
  func failoverByHand() async throws {
    try await ClusterBench.run { bench in
      let keys = (0..<8).map { "{\(bench.prefix)}\($0)" }
      let before = try await bench.primary(of: keys[0])
      let traffic = Traffic(bench.client, keys)
      let tallies = try await traffic.run {
        try await bench.waitForReplica(of: "{\(bench.prefix)}ready")
      } during: {
        let replica = try #require(
          try await bench.members().first { $0.primary == before.id && !$0.isPrimary })
        try await bench.ask(replica.port, RedisCommand("CLUSTER", "FAILOVER"))
        while try await bench.ask(replica.port, RedisCommand("ROLE")).array?.first?.string
          != "master"
        {}
      }
      #expect(tallies.allSatisfy { $0.uncertain == 0 && $0.refused == 0 })
      #expect(try await traffic.values() == tallies.map(\.answered))
      #expect(try await bench.primary(of: keys[0]).id != before.id)
      try await bench.waitForReplica(of: "{\(bench.prefix)}ready")
    }
  }

  @Test(
    "When a primary dies the traffic goes on, nothing is carried out twice, and what a replica had stays"
  )
  func primaryDies() async throws {
    try await ClusterBench.run { bench in
      let tag = "{\(bench.prefix)}"
      let keys = (0..<8).map { "\(tag)\($0)" }
      let before = try await bench.primary(of: tag)
      let traffic = Traffic(bench.client, keys)
      let store = RedisSessionStore(client: bench.client, keyPrefix: tag)
      let id = ConversationID.generate()
      var tallies: [Traffic.Tally] = []
      var appended: [MessageID] = []
      tallies = try await traffic.run {
        try await bench.waitForReplica(of: "\(tag)ready")
      } during: {
        try await TopologyServers.kill(before.port)
        // Appends of the session store wait for the new primary, too.
        for number in 0..<20 {
          let message = Message(
            id: .generate(), role: .user, content: "\(number)",
            createdAt: Timestamp(milliseconds: Int64(number)))
          let reply = try await store.append(
            message, to: id, in: .shared, following: appended.last, returningWindow: false)
          guard case .appended = reply.value else { continue }
          appended.append(message.id)
        }
      }
      try await TopologyServers.start(before.port)
      let session = try await store.open(id, in: .shared).value
      #expect(session?.messages.map(\.id) == appended, "each message once, in order")
      #expect(appended.count == 20)
      let values = try await traffic.values()
      for (value, tally) in zip(values, tallies) {
        #expect(value <= tally.answered + tally.uncertain, "nothing is carried out twice")
        #expect(value >= tally.before + tally.after, "what a replica had, or the new primary got")
        #expect(tally.after == 100)
        #expect(tally.refused == 0)
      }
      #expect(try await bench.primary(of: tag).id != before.id)
      // The node comes back as a replica: the next test finds the cluster whole.
      try await bench.waitForReplica(of: "\(tag)ready")
    }
  }
}
