import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite(
  "A Redis Cluster of three primaries and three replicas",
  .enabled(if: TopologyServers.areThere, TopologyServers.hint), .serialized, .timeLimit(.minutes(5))
)
struct RedisClusterTests {
  @Test(
    "P8 The scope of a user keeps the contract of session stores",
    arguments: SessionStoreContract.rules)
  func contract(rule: SessionStoreContract.Rule) async throws {
    try await ClusterBench.run { bench in
      try await rule.check { limits, time in
        let store = RedisSessionStore(
          client: bench.client, limits: limits, keyPrefix: bench.prefix, clock: time)
        return OneUserStore(base: store, user: try UserID("user-\(UInt64.random(in: 0 ... .max))"))
      }
    }
  }

  @Test("P8 Behind a prefix with a hash tag the shared scope answers as the plainest model does")
  func model() async throws {
    try await ClusterBench.run { bench in
      for seed in 0..<UInt64(10) {
        try await SessionStoreModelTest.run(seed: seed, operationCount: 200) { limits, time in
          RedisSessionStore(
            client: bench.client, limits: limits,
            keyPrefix: "{\(bench.prefix)\(UInt64.random(in: 0 ... .max))}", clock: time)
        }
      }
    }
  }

  @Test("Scans, lent connections and messages reach every node")
  func everyNode() async throws {
    try await ClusterBench.run { bench in
      let names = Set((0..<300).map { "\(bench.prefix)scan:\($0)" })
      for name in names { try await bench.client.set(name, to: 1) }
      var found: Set<String> = []
      for try await name in bench.client.scan(matching: "\(bench.prefix)scan:*") {
        found.insert(name)
      }
      #expect(found == names)
      for name in names.prefix(20) {
        let values = try await bench.client.withConnection(forKey: name) { connection in
          try await connection.watch(name)
          return try await connection.transaction([RedisCommand("INCR", name)])
        }
        #expect(values == [.integer(2)])
      }
      let channel = "\(bench.prefix)c"
      let subscription = try await bench.client.subscribe(to: [channel])
      for number in 0..<20 { try await bench.client.publish(number, to: channel) }
      // Each is published at any of the nodes, so their order is not that of the publisher.
      var heard: Set<String> = []
      for await case .message(let message) in subscription {
        heard.insert(message.text)
        if heard.count == 20 { break }
      }
      #expect(heard == Set((0..<20).map(String.init)))
      let diagnosis = try await RedisSessionStore(client: bench.client, keyPrefix: bench.prefix)
        .diagnose(in: .user(try UserID("Awa")))
      #expect(diagnosis.isServing)
    }
  }

  @Test("All keys of a scope are on one node, and the scopes of many users on all nodes")
  func slots() async throws {
    try await ClusterBench.run { bench in
      let store = RedisSessionStore(client: bench.client, keyPrefix: bench.prefix)
      for number in 0..<30 {
        for _ in 0..<4 {
          let message = Message(
            id: .generate(), role: .user, content: "x", createdAt: Timestamp(milliseconds: 1))
          _ = try await store.append(
            message, to: .generate(), in: .user(try UserID("{u} \(number)")), following: nil,
            returningWindow: false)
        }
      }
      var nodesOfUser: [Substring: Set<UInt16>] = [:]
      // One that another test has started again is a replica, once the node that is asked knows it.
      var primaries = try await bench.primaries()
      while primaries.count != 3 { primaries = try await bench.primaries() }
      for node in primaries {
        let keys = try await bench.ask(node.port, RedisCommand("KEYS", .text(bench.prefix + "*")))
        let names = keys.array?.compactMap(\.string) ?? []
        #expect(!names.isEmpty)
        for name in names {
          let start = try #require(name.firstIndex(of: "{"))
          let end = try #require(name.firstIndex(of: "}"))
          nodesOfUser[name[start...end], default: []].insert(node.port)
        }
      }
      #expect(nodesOfUser.count == 30)
      #expect(nodesOfUser.values.allSatisfy { $0.count == 1 })
    }
  }

  @Test("Closed models are known to all, on whichever node each lies, and scripts to every node")
  func models() async throws {
    try await ClusterBench.run { bench in
      for node in try await bench.primaries() {
        try await bench.ask(node.port, RedisCommand("SCRIPT", "FLUSH"))
      }
      let models = (0..<20).map { "model-\($0)" }
      let writer = RedisModelAvailability(client: bench.client, keyPrefix: bench.prefix)
      let moment = Timestamp.now() + .seconds(3600)
      for model in models { await writer.close(model, until: moment) }
      let reader = RedisModelAvailability(client: bench.client, keyPrefix: bench.prefix)
      let closed = await reader.closedModels(among: models + ["another"])
      #expect(closed == Dictionary(uniqueKeysWithValues: models.map { ($0, moment) }))
      for node in try await bench.primaries() {
        let keys = try await bench.ask(node.port, RedisCommand("KEYS", .text(bench.prefix + "*")))
        #expect((keys.array?.count ?? 0) > 0)
      }
    }
  }

  @Test("P5 Sessions that expire on any node are reported, each once")
  func expirations() async throws {
    try await ClusterBench.run { bench in
      let store = RedisSessionStore(
        client: bench.client, limits: SessionLimits(timeToLive: .milliseconds(200)),
        keyPrefix: bench.prefix)
      var expected: Set<ConversationID> = []
      let found = Locked<[ConversationID]>([])
      let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
      let watch = Task {
        try await store.watchExpirations(in: [], checkingEvery: .milliseconds(200)) { removal, _ in
          found.withLock { $0.append(removal.id) }
          continuation.yield()
        }
      }
      try await waitForSubscribers(bench)
      for number in 0..<20 {
        let id = ConversationID.generate()
        expected.insert(id)
        let message = Message(
          id: .generate(), role: .user, content: "x", createdAt: Timestamp(milliseconds: 1))
        _ = try await store.append(
          message, to: id, in: .user(try UserID("user \(number)")), following: nil,
          returningWindow: false)
      }
      var count = 0
      for await _ in stream {
        count += 1
        if count == 20 { break }
      }
      watch.cancel()
      await #expect(throws: CancellationError.self) { try await watch.value }
      let reported = found.withLock { $0 }
      #expect(reported.count == 20)
      #expect(Set(reported) == expected)
    }
  }

  private func waitForSubscribers(_ bench: ClusterBench) async throws {
    for node in try await bench.primaries() {
      var count: Int64 = 0
      while count == 0 {
        let reply = try await bench.ask(
          node.port, RedisCommand("PUBSUB", "NUMSUB", "__keyevent@0__:expired"))
        count = reply.array?.last?.integer ?? 0
      }
    }
  }
}
