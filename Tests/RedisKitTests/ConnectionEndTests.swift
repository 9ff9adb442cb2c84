import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("What ends with a connection", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct ConnectionEndTests {
  @Test("A pipeline that was cut in the middle is not sent again: its beginning may have run")
  func cutPipeline() async throws {
    let direct = try RedisBench.configuration()
    guard case .tcp(_, let port) = direct.address else {
      Issue.record("the proxy needs a Redis on TCP")
      return
    }
    let proxy = try FaultProxy(targetPort: port)
    let settings = try RedisBench.configuration {
      $0.address = .tcp(host: "127.0.0.1", port: proxy.port)
      $0.reconnectPauseMax = .milliseconds(4)
    }
    try await RedisBench.run(settings) { bench in
      _ = try await bench.client.send(RedisCommand("PING"))
      let count = RedisArgument.text(bench.prefix + "n")
      // More than the kernel takes, so that the client has not handed over all of it.
      let filler = RedisCommand(
        "SET", .text(bench.prefix + "f"), .bytes([UInt8](repeating: 1, count: 48 << 20)))
      await proxy.set(.cut, after: 1 << 20, bytes: .toTarget)
      let error = await #expect(throws: RedisError.self) {
        try await bench.client.pipeline([RedisCommand("INCR", count), filler])
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.mayHaveActed == true)
      #expect(try await bench.client.send(RedisCommand("GET", count)).integer == 1)
    }
    await proxy.close()
  }

  @Test(
    "A command with less time than others fails alone at its deadline, before them or behind them",
    arguments: [true, false])
  func shortDeadline(isFirst: Bool) async throws {
    try await RedisBench.run { bench in
      let node = Node(bench.client.configuration)
      let list = RedisArgument.text(bench.prefix + "list")
      // The answer to this comes when somebody pushes, and all later ones after it.
      let blocking = RedisCommand("BLPOP", list, 0).encoded
      let quick = RedisCommand("ECHO", "zwei").encoded
      @Sendable func hurried(_ bytes: [UInt8]) async throws -> [RedisValue] {
        try await node.run(bytes, replyCount: 1, until: Polling.now() + 30_000_000)
      }
      _ = try await node.run(quick, replyCount: 1)
      let first = Task {
        isFirst ? try await hurried(blocking) : try await node.run(blocking, replyCount: 1)
      }
      while node.waitingCommandCount < 1 { await Task.yield() }
      let second = Task {
        isFirst ? try await node.run(quick, replyCount: 1) : try await hurried(quick)
      }
      let (short, long) = isFirst ? (first, second) : (second, first)
      let error = await #expect(throws: RedisError.self) { try await short.value }
      #expect(error?.code == .timedOut)
      #expect(error?.mayHaveActed == true)
      _ = try await bench.client.send(RedisCommand("RPUSH", list, "eins"))
      let values = try await long.value
      #expect(isFirst ? values[0].string == "zwei" : values[0].array?[1].string == "eins")
      #expect(try await node.run(RedisCommand("PING").encoded, replyCount: 1) == [.status("PONG")])
      await node.close()
    }
  }

  @Test("Behind sentinels an ended connection is not made again: somebody must be asked first")
  func spent() async throws {
    let server = try await PrivateRedis()
    var configuration = server.configuration
    configuration.mustBePrimary = true
    let node = Node(configuration)
    let ping = RedisCommand("PING").encoded
    #expect(try await node.run(ping, replyCount: 1) == [.status("PONG")])
    await server.kill()
    try await server.restart()
    // The first may be what finds out that the connection is gone, and may have been sent.
    _ = try? await node.run(ping, replyCount: 1)
    for _ in 1...3 {
      let error = await #expect(throws: RedisError.self) {
        try await node.run(ping, replyCount: 1)
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.mayHaveActed == false)
    }
    await node.close()
    configuration.idleTimeout = .milliseconds(20)
    let idle = Node(configuration)
    #expect(try await idle.run(ping, replyCount: 1) == [.status("PONG")])
    // Until the server knows of no connection but the one that asks.
    let observer = RedisClient(server.configuration)
    while try await observer.send(RedisCommand("CLIENT", "LIST")).string?.split(separator: "\n")
      .count
      != 1
    {}
    let error = await #expect(throws: RedisError.self) {
      try await idle.run(ping, replyCount: 1)
    }
    await observer.close()
    #expect(error?.code == .connectionLost)
    #expect(error?.mayHaveActed == false)
    await idle.close()
  }
}
