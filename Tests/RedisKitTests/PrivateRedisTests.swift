import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite(
  "The client and the store on a server of their own", .enabled(if: Servers.hasRedis),
  .timeLimit(.minutes(5)))
struct PrivateRedisTests {
  @Test("A Unix socket serves like TCP, and a wrong path is a clear error")
  func unixSocket() async throws {
    let server = try await PrivateRedis()
    let client = RedisClient(try RedisConfiguration(url: "unix://\(server.socketPath)?db=2"))
    #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
    await client.close()
    let long = String(repeating: "x", count: 200)
    for path in ["/nowhere/redis.sock", "/\(long)"] {
      let wrong = RedisClient(RedisConfiguration(address: .unix(path: path)))
      let error = await #expect(throws: RedisError.self) {
        try await wrong.send(RedisCommand("PING"))
      }
      #expect(error?.code == .connectFailed)
      await wrong.close()
    }
    await server.kill()
  }

  @Test("An ACL user is let in, and told what it may not do")
  func aclUser() async throws {
    let server = try await PrivateRedis([
      "--user", "awa", "on", ">mot de passe", "~*", "+@read", "+@connection", "+select",
    ])
    let url = "redis://awa:mot%20de%20passe@127.0.0.1:\(server.port)/1"
    let client = RedisClient(try RedisConfiguration(url: url))
    #expect(try await client.send(RedisCommand("GET", "x")) == .null)
    let error = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("SET", "x", "y"))
    }
    #expect(error?.server?.code == "NOPERM")
    await client.close()
    await server.kill()
  }

  @Test("A server that is killed and started again in mid-traffic costs errors and nothing else")
  func killAndRestart() async throws {
    let server = try await PrivateRedis(["--appendonly", "yes", "--appendfsync", "always"])
    let client = RedisClient(server.configuration)
    _ = try await client.send(RedisCommand("PING"))
    let isOver = Locked(false)
    // Each task counts on a key of its own; what a failed command may have done is its tolerance.
    let counted = try await withThrowingTaskGroup(of: (Int, Int64, Int64).self) { group in
      for number in 0..<8 {
        group.addTask {
          var (sure, maybe): (Int64, Int64) = (0, 0)
          while !isOver.withLock({ $0 }) {
            do {
              _ = try await client.send(RedisCommand("INCR", .text("key\(number)")))
              sure += 1
            } catch let error as RedisError {
              if error.mayHaveActed { maybe += 1 }
              await Task.yield()
            }
          }
          return (number, sure, maybe)
        }
      }
      for _ in 1...3 {
        try await self.waitForTraffic(client)
        await server.kill()
        try await server.restart()
      }
      try await self.waitForTraffic(client)
      isOver.withLock { $0 = true }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for (number, sure, maybe) in counted {
      let value = try await client.send(RedisCommand("GET", .text("key\(number)"))).integer ?? 0
      #expect((sure...sure + maybe).contains(value), "\(sure) to \(sure + maybe), but \(value)")
    }
    await client.close()
    await server.kill()
  }

  /// Until another task's counter has moved.
  private func waitForTraffic(_ client: RedisClient) async throws {
    var first: Int64?
    while true {
      if let value = try? await client.send(RedisCommand("GET", "key0")).integer {
        if let first, value > first + 20 { return }
        first = first ?? value
      }
      await Task.yield()
    }
  }

  @Test("A server without memory refuses an append whole, and reading goes on")
  func outOfMemory() async throws {
    let server = try await PrivateRedis(["--maxmemory-policy", "noeviction"])
    let client = RedisClient(server.configuration)
    let store = RedisSessionStore(client: client)
    let first = message("Bonjour")
    let id = ConversationID.generate()
    _ = try await store.append(first, to: id, in: .shared, following: nil, returningWindow: false)
    _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
    for tail in [first.id, nil] {
      let error = await #expect(throws: SessionStoreError.self) {
        try await store.append(
          message("trop"), to: tail == nil ? .generate() : id, in: .shared, following: tail,
          returningWindow: false)
      }
      #expect(error?.code == .unavailable)
      #expect(error?.cause == .outOfMemory)
      #expect(error?.mayHaveActed == false)
      #expect(error?.reason.contains("OOM") == true)
    }
    _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
    let session = try await store.open(id, in: .shared).value
    #expect(session == WarmSession(messages: [first], messageCount: 1))
    #expect(try await store.list(in: .shared).value.count == 1)
    await client.close()
    await server.kill()
  }

  @Test("A read-only replica and a script that does not end are told apart from absence")
  func readOnly() async throws {
    let server = try await PrivateRedis()
    let client = RedisClient(server.configuration)
    let store = RedisSessionStore(client: client)
    _ = try await client.send(RedisCommand("REPLICAOF", "127.0.0.1", "1"))
    let error = await #expect(throws: SessionStoreError.self) {
      try await store.append(
        message("x"), to: .generate(), in: .shared, following: nil, returningWindow: false)
    }
    #expect(error?.code == .unavailable)
    #expect(error?.cause == .readOnly)
    #expect(error?.reason.contains("READONLY") == true)
    await client.close()
    await server.kill()
  }

  @Test("A server that is still loading is away, not empty")
  func loading() async throws {
    let server = try await PrivateRedis(["--enable-debug-command", "yes"])
    var client = RedisClient(server.configuration)
    let store = RedisSessionStore(client: client)
    let id = ConversationID.generate()
    _ = try await store.append(
      message("x"), to: id, in: .shared, following: nil, returningWindow: false)
    _ = try await client.send(RedisCommand("DEBUG", "POPULATE", "20000", "filler", "400"))
    _ = try await client.send(RedisCommand("SAVE"))
    await client.close()
    await server.kill()
    try await server.restart([
      "--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024",
    ])
    client = RedisClient(server.configuration)
    let error = await #expect(throws: SessionStoreError.self) {
      try await RedisSessionStore(client: client).open(id, in: .shared)
    }
    #expect(error?.code == .unavailable)
    #expect(error?.mayHaveActed == false)
    #expect(error?.cause == .starting)
    #expect(error?.reason.contains("LOADING") == true)
    await client.close()
    await server.kill()
  }

  @Test("A server that takes no more clients has not let us in")
  func maxClients() async throws {
    let server = try await PrivateRedis(["--maxclients", "1"])
    let first = RedisClient(server.configuration)
    _ = try await first.send(RedisCommand("PING"))
    let second = RedisClient(server.configuration)
    let error = await #expect(throws: RedisError.self) {
      try await second.send(RedisCommand("PING"))
    }
    #expect(error?.code == .connectFailed)
    await second.close()
    await first.close()
    await server.kill()
  }

  private func message(_ text: String) -> Message {
    Message(id: .generate(), role: .user, content: text, createdAt: .now())
  }

  @Test("A command that was lost, and failed again when it was repeated, may have been carried out")
  func lostTwice() async throws {
    let server = try await PrivateRedis()
    let client = RedisClient(server.configuration)
    let watcher = RedisClient(server.configuration)
    _ = try await watcher.send(RedisCommand("CLIENT", "PAUSE", 3_600_000, "WRITE"))
    let task = Task {
      try await client.send(RedisCommand("INCR", "n", isSafeToRepeat: true))
    }
    while try await watcher.send(RedisCommand("INFO", "clients")).string?
      .contains("blocked_clients:1") != true
    {}
    await server.kill()
    let error = await #expect(throws: RedisError.self) { try await task.value }
    #expect(error?.code == .connectFailed)
    #expect(error?.mayHaveActed == true)
    await client.close()
    await watcher.close()
  }
}
