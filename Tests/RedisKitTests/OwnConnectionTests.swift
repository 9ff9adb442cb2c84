import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("A connection of one's own", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct OwnConnectionTests {
  @Test("A transaction that watches a key is carried out only if nobody changed it")
  func watch() async throws {
    try await RedisBench.run { bench in
      let key = bench.prefix + "n"
      for isChanged in [false, true] {
        _ = try await bench.client.set(key, to: 1)
        let result = try await bench.client.withConnection { connection in
          try await connection.watch(key)
          let old = try await connection.get(key, as: Int.self) ?? 0
          if isChanged { try await bench.client.incr(key) }
          return try await connection.transaction([RedisCommand("SET", key, old + 10)])
        }
        #expect((result == nil) == isChanged)
        #expect(try await bench.client.get(key) == (isChanged ? "2" : "11"))
      }
    }
  }

  @Test("Whatever a user leaves behind, the next one meets nothing of it")
  func returnedClean() async throws {
    let settings = try RedisBench.configuration { $0.ownConnectionCountMax = 1 }
    try await RedisBench.run(settings) { bench in
      let key = bench.prefix + "k"
      for line in [["MULTI"], ["WATCH", key], ["SELECT", "3"], ["CLIENT", "SETNAME", "me"]] {
        let command = RedisCommand(line[0], line.dropFirst().map { .text($0) })
        let id = try await bench.client.withConnection { connection in
          _ = try await connection.send(command)
          return line[0] == "MULTI" ? nil : try await clientID(connection)
        }
        // The watched key is changed by another before the next transaction.
        _ = try await bench.client.set(key, to: 5)
        try await bench.client.withConnection { connection in
          #expect(try await connection.transaction([RedisCommand("GET", key)]) == [.bytes([53])])
          let next = try await clientID(connection)
          if line[0] == "WATCH" { #expect(next == id, "it is used again") }
          if line[0] == "SELECT" { #expect(next != id) }
        }
      }
    }
  }

  private func clientID(_ connection: RedisConnection) async throws -> Int64? {
    try await connection.send(RedisCommand("CLIENT", "ID")).integer
  }

  @Test("A command that waits may wait longer than others may take, and ends by its own time")
  func waiting() async throws {
    let settings = try RedisBench.configuration { $0.commandTimeout = .seconds(1) }
    try await RedisBench.run { bench in
      let client = RedisClient(settings)
      let list = bench.prefix + "jobs"
      let none = try await client.withConnection { connection in
        try await connection.blpop([list], waiting: .seconds(2))
      }
      #expect(none == nil)
      let job = Task {
        try await client.withConnection { try await $0.blpop([list], waiting: .zero)?.value }
      }
      while try await !isBlocked(bench.client, "blpop") {}
      try await bench.client.rpush(list, "eins")
      #expect(try await job.value == "eins")
      await client.close()
    }
  }

  private func isBlocked(_ client: RedisClient, _ command: String) async throws -> Bool {
    let list = try await client.send(RedisCommand("CLIENT", "LIST")).string ?? ""
    return list.split(separator: "\n").contains {
      $0.contains("cmd=\(command)") && $0.contains("flags=b")
    }
  }

  @Test("Cancelling a wait ends it at once, and takes no element from anybody else")
  func cancelled() async throws {
    let settings = try RedisBench.configuration { $0.ownConnectionCountMax = 1 }
    try await RedisBench.run(settings) { bench in
      let list = bench.prefix + "jobs"
      let job = Task {
        try await bench.client.withConnection { try await $0.blpop([list], waiting: .zero)?.value }
      }
      while try await !isBlocked(bench.client, "blpop") {}
      job.cancel()
      await #expect(throws: CancellationError.self) { try await job.value }
      while try await isBlocked(bench.client, "blpop") {}
      try await bench.client.rpush(list, "eins")
      let value = try await bench.client.withConnection { connection in
        try await connection.blpop([list], waiting: .seconds(30))?.value
      }
      #expect(value == "eins")
    }
  }

  @Test("No more are lent than the limit; who waits gets one, gives up in time, or is cancelled")
  func limit() async throws {
    let settings = try RedisBench.configuration { $0.ownConnectionCountMax = 3 }
    try await RedisBench.run(settings) { bench in
      let most = Locked((now: 0, max: 0))
      try await withThrowingTaskGroup { group in
        for _ in 0..<60 {
          group.addTask {
            try await bench.client.withConnection { connection in
              most.withLock { $0 = ($0.now + 1, max($0.max, $0.now + 1)) }
              try await connection.ping()
              most.withLock { $0.now -= 1 }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(most.withLock { $0.max } <= 3)
      #expect(bench.client.statistics.lentConnectionCount == 0)
    }
    let small = RedisClient(
      try RedisBench.configuration {
        $0.ownConnectionCountMax = 1
        $0.commandTimeout = .milliseconds(100)
      })
    let error = await #expect(throws: RedisError.self) {
      try await small.withConnection { _ in try await small.withConnection { _ in } }
    }
    #expect(error?.code == .timedOut)
    try await small.withConnection { _ in
      let waiter = Task { try await small.withConnection { _ in } }
      waiter.cancel()
      await #expect(throws: CancellationError.self) { try await waiter.value }
    }
    await small.close()
  }

  @Test("A connection that broke is not made again under its user, and the next one gets another")
  func broken() async throws {
    try await RedisBench.run { bench in
      let key = bench.prefix + "k"
      try await bench.client.withConnection { connection in
        try await connection.watch(key)
        let id = try #require(try await clientID(connection))
        _ = try await bench.client.send(RedisCommand("CLIENT", "KILL", "ID", .integer(id)))
        for _ in 1...2 {
          let error = await #expect(throws: RedisError.self) {
            try await connection.transaction([RedisCommand("SET", key, "x")])
          }
          #expect(error?.code == .connectionLost)
        }
      }
      #expect(try await bench.client.get(key) == nil)
      try await bench.client.withConnection { try await $0.ping() }
    }
  }

  @Test("After its time it carries nothing, and closing the client ends one that waits")
  func over() async throws {
    try await RedisBench.run { bench in
      let kept = try await bench.client.withConnection { $0 }
      let late = await #expect(throws: RedisError.self) { try await kept.ping() }
      #expect(late?.code == .closed)
      let other = RedisClient(bench.client.configuration)
      let list = bench.prefix + "jobs"
      let job = Task {
        try await other.withConnection { try await $0.blpop([list], waiting: .zero)?.value }
      }
      while try await !isBlocked(bench.client, "blpop") {}
      await other.close()
      let error = await #expect(throws: RedisError.self) { try await job.value }
      #expect(error?.code == .closed)
      let closed = await #expect(throws: RedisError.self) {
        try await other.withConnection { _ in }
      }
      #expect(closed?.code == .closed)
    }
  }

  @Test("Nothing but the user's commands is in the user's transaction, however long it takes")
  func slowTransaction() async throws {
    let settings = try RedisBench.configuration { $0.healthCheckInterval = .milliseconds(1) }
    try await RedisBench.run(settings) { bench in
      let values = try await bench.client.withConnection { connection in
        _ = try await connection.send(RedisCommand("MULTI"))
        for _ in 0..<200 { try await bench.client.ping() }
        _ = try await connection.send(RedisCommand("ECHO", "x"))
        return try await connection.send(RedisCommand("EXEC"))
      }
      #expect(values == .array([.bytes([120])]))
    }
  }

  @Test("What is answered otherwise than one by one is refused here too")
  func streams() async throws {
    try await RedisBench.run { bench in
      try await bench.client.withConnection { connection in
        for words in [
          ["MONITOR"], ["SUBSCRIBE", "c"], ["CLIENT", "REPLY", "OFF"], ["HELLO", "3"],
        ] {
          let error = await #expect(throws: RedisError.self) {
            try await connection.send(
              RedisCommand(words[0], words.dropFirst().map { .text($0) }))
          }
          #expect(error?.code == .unsupportedCommand)
        }
        try await connection.ping()
      }
    }
  }

  @Test("A command has the time that its caller gives it, on any connection")
  func timeouts() async throws {
    let server = try await PrivateRedis()
    let client = RedisClient(server.configuration)
    let script: RedisArgument = "local n = 0 while true do n = n + 1 end"
    _ = try await client.send(RedisCommand("CONFIG", "SET", "busy-reply-threshold", 1))
    let error = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("EVAL", script, 0), timeout: .milliseconds(50))
    }
    #expect(error?.code == .timedOut)
    #expect(error?.mayHaveActed == true)
    await client.close()
    await server.kill()
  }

  @Test("Connections and their ends are told, and counted")
  func events() async throws {
    let server = try await PrivateRedis()
    let told = Locked<[RedisConnectionEvent]>([])
    let client = RedisClient(server.configuration) { event in told.withLock { $0.append(event) } }
    try await client.ping()
    try await client.set("k", to: "v")
    await server.kill()
    while told.withLock({ $0.count }) < 2 { await Task.yield() }
    await #expect(throws: RedisError.self) { try await client.ping() }
    let changes = told.withLock { $0.map(\.description) }
    #expect(changes[0].hasPrefix("connected to Redis at 127.0.0.1:"))
    #expect(changes[1].contains("lost"))
    #expect(changes.last?.contains("cannot be reached") == true)
    let statistics = client.statistics
    #expect(statistics.connectionCount == 1)
    #expect(statistics.lostConnectionCount == 1)
    #expect(statistics.failedConnectionCount >= 1)
    #expect(statistics.answeredCommandCount == 2)
    #expect(statistics.sentByteCount > 20 && statistics.receivedByteCount >= 12)
    await client.close()
  }
}
