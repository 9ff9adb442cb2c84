import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("The client", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisClientTests {
  @Test("Values are binary-safe, both ways")
  func binary() async throws {
    try await RedisBench.run { bench in
      let every = (0...255).map(UInt8.init)
      let key = RedisArgument.bytes(Array(bench.prefix.utf8) + [0, 13, 10, 0xFF])
      #expect(try await bench.client.send(RedisCommand("SET", key, .bytes(every))) == .status("OK"))
      #expect(try await bench.client.send(RedisCommand("GET", key)) == .bytes(every))
      let large = [UInt8](repeating: 7, count: 3 << 20)
      _ = try await bench.client.send(RedisCommand("SET", key, .bytes(large)))
      #expect(try await bench.client.send(RedisCommand("GET", key)) == .bytes(large))
      _ = try await bench.client.send(RedisCommand("DEL", key))
      #expect(try await bench.client.send(RedisCommand("GET", key)) == .null)
    }
  }

  @Test("Replies are Swift values, arrays within arrays included")
  func values() async throws {
    try await RedisBench.run { bench in
      let script = "return {1, 'a', {2, {3, false}}, {err = 'OOPS no'}, {ok = 'FINE'}}"
      let reply = try await bench.client.send(RedisCommand("EVAL", .text(script), 0))
      #expect(
        reply
          == .array([
            .integer(1), .bytes([97]),
            .array([.integer(2), .array([.integer(3), .null])]),
            .error(RedisServerError(code: "OOPS", message: "no")), .status("FINE"),
          ]))
    }
  }

  @Test("A server's error keeps its code, and names the command and not its arguments")
  func serverErrors() async throws {
    try await RedisBench.run { bench in
      let key = RedisArgument.text(bench.prefix + "list")
      _ = try await bench.client.send(RedisCommand("RPUSH", key, "x"))
      for (command, code) in [
        (RedisCommand("GET", key), "WRONGTYPE"),
        (RedisCommand("EVALSHA", .text(String(repeating: "0", count: 40)), 0), "NOSCRIPT"),
        (RedisCommand("NOSUCH", "geheim"), "ERR"), (RedisCommand("GET"), "ERR"),
      ] {
        let error = await #expect(throws: RedisError.self) { try await bench.client.send(command) }
        #expect(error?.code == .serverRefused)
        #expect(error?.server?.code == code)
        #expect(error?.command == command.name)
        #expect(error?.mayHaveActed == false)
        #expect(error?.description.contains("geheim") == false)
      }
    }
  }

  @Test("A pipeline answers in order, with errors in their places")
  func pipeline() async throws {
    try await RedisBench.run { bench in
      let key = RedisArgument.text(bench.prefix + "n")
      let replies = try await bench.client.pipeline([
        RedisCommand("SET", key, "5"), RedisCommand("LPUSH", key, "x"), RedisCommand("INCR", key),
        RedisCommand("GET", key),
      ])
      #expect(replies[0] == .status("OK"))
      guard case .error(let error) = replies[1] else {
        Issue.record("\(replies[1])")
        return
      }
      #expect(error.code == "WRONGTYPE")
      #expect(Array(replies[2...]) == [.integer(6), .bytes([54])])
      #expect(try await bench.client.pipeline([]).isEmpty)
      #expect(try await bench.client.pipeline([RedisCommand("GET", key)]) == [.bytes([54])])
    }
  }

  @Test("A pipeline is a transaction when it says so: nobody's command comes between")
  func transaction() async throws {
    try await RedisBench.run { bench in
      let key = RedisArgument.text(bench.prefix + "t")
      let pairs = try await withThrowingTaskGroup(of: RedisValue?.self) { group in
        for _ in 0..<200 {
          group.addTask {
            try await bench.client.pipeline([
              RedisCommand("MULTI"), RedisCommand("INCR", key), RedisCommand("INCR", key),
              RedisCommand("EXEC"),
            ]).last
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for pair in pairs {
        guard let values = pair?.array, let first = values[0].integer else {
          Issue.record("\(String(describing: pair))")
          continue
        }
        #expect(values[1].integer == first + 1)
      }
    }
  }

  @Test("Each of 2,000 tasks gets its own answer", arguments: [1, 3])
  func manyTasks(connectionCount: Int) async throws {
    let settings = try RedisBench.configuration { $0.connectionCount = connectionCount }
    try await RedisBench.run(settings) { bench in
      try await withThrowingTaskGroup { group in
        for number in 0..<2000 {
          group.addTask {
            let text = "\(bench.prefix)\(number)"
            let reply = try await bench.client.send(RedisCommand("ECHO", .text(text)))
            #expect(reply.string == text)
          }
        }
        try await group.waitForAll()
      }
      let list = try await bench.client.send(RedisCommand("CLIENT", "LIST")).string ?? ""
      #expect(list.contains("name=redis-kit"))
    }
  }

  @Test("Tasks on the connection's own thread are served, and outlive the client")
  func executor() async throws {
    let client = RedisClient(try RedisBench.configuration())
    let executor = client.executor
    try await withThrowingTaskGroup { group in
      for number in 0..<200 {
        group.addTask(executorPreference: executor) {
          for round in 0..<5 {
            let text = "\(number) \(round)"
            let reply = try await client.send(RedisCommand("ECHO", .text(text)))
            #expect(reply.string == text)
          }
        }
      }
      try await group.waitForAll()
    }
    await withTaskExecutorPreference(executor) {
      await client.close()
      await Task.yield()
      await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) }
    }
  }

  @Test("Commands that would change a shared connection are refused before they are sent")
  func unsupported() async throws {
    try await RedisBench.run { bench in
      for name in ["SUBSCRIBE", "subscribe", "Monitor", "SELECT", "HELLO", "QUIT"] {
        let error = await #expect(throws: RedisError.self) {
          try await bench.client.send(RedisCommand(name, "x"))
        }
        #expect(error?.code == .unsupportedCommand)
      }
    }
  }

  @Test("After closing, commands fail, and closing twice is harmless")
  func close() async throws {
    let client = RedisClient(try RedisConfiguration(url: Servers.requireRedisURL()))
    _ = try await client.send(RedisCommand("PING"))
    await client.close()
    await client.close()
    let error = await #expect(throws: RedisError.self) {
      try await client.send(RedisCommand("PING"))
    }
    #expect(error?.code == .closed)
    let unused = RedisClient(client.configuration)
    await unused.close()
    await #expect(throws: RedisError.self) { try await unused.send(RedisCommand("PING")) }
  }

  @Test("The server's refusal to let us in is told with its reason, and without the password")
  func wrongPassword() async throws {
    try await RedisBench.run { bench in
      var configuration = bench.client.configuration
      for (password, code) in [(Secret("falsch-geheim"), "WRONGPASS"), (nil, "NOAUTH")] {
        configuration.password = password
        configuration.clientName = nil
        let client = RedisClient(configuration)
        let error = await #expect(throws: RedisError.self) {
          try await client.send(RedisCommand("GET", "x"))
        }
        #expect(error?.code == .connectFailed)
        #expect(error?.server?.code == code)
        #expect(error?.description.contains("geheim") == false)
        await client.close()
      }
      configuration = bench.client.configuration
      configuration.database = 9999
      let client = RedisClient(configuration)
      let error = await #expect(throws: RedisError.self) {
        try await client.send(RedisCommand("PING"))
      }
      #expect(error?.reason.contains("SELECT") == true)
      await client.close()
    }
  }

  @Test("Each database is its own")
  func database() async throws {
    try await RedisBench.run { bench in
      let key = RedisArgument.text(bench.prefix + "db")
      let settings = try RedisBench.configuration { $0.database = 7 }
      try await RedisBench.run(settings) { other in
        _ = try await other.client.send(RedisCommand("SET", key, "sieben", "PX", 60_000))
        #expect(try await bench.client.send(RedisCommand("GET", key)) == .null)
        _ = try await other.client.send(RedisCommand("DEL", key))
      }
    }
  }
}
