import TestSupport
import Testing

@testable import RedisKit

@Suite(
  "A shared connection cannot be changed under its users", .enabled(if: Servers.hasRedis),
  .timeLimit(.minutes(5)))
struct SharedConnectionTests {
  private static func command(_ line: String) -> RedisCommand {
    let words = line.split(separator: " ").map(String.init)
    return RedisCommand(words[0], words.dropFirst().map { .text($0) })
  }

  @Test(
    "What would change it or hold it up is refused before it is sent, and told where it belongs",
    arguments: [
      "MULTI", "multi", "EXEC", "DISCARD", "WATCH k", "SELECT 1", "RESET", "AUTH x", "QUIT",
      "HELLO 3", "HELLO", "hello 2", "CLIENT REPLY OFF", "client reply skip", "CLIENT TRACKING ON",
      "CLIENT SETNAME x", "CLIENT NO-EVICT on", "MONITOR", "SUBSCRIBE c", "PSUBSCRIBE c",
      "SSUBSCRIBE c", "UNSUBSCRIBE", "SYNC", "PSYNC ? -1", "ASKING", "READONLY", "READWRITE",
      "SCRIPT DEBUG YES", "REPLCONF ack 1", "BLPOP k 0", "brpop k 1", "BLMOVE a b LEFT LEFT 0",
      "BRPOPLPUSH a b 0", "BLMPOP 0 1 k LEFT", "BZPOPMIN k 0", "BZPOPMAX k 0", "BZMPOP 0 1 k MIN",
      "XREAD BLOCK 0 STREAMS s $", "XREADGROUP GROUP g c block 0 STREAMS s >", "WAIT 1 0",
      "WAITAOF 0 0 0",
    ])
  func refused(line: String) async throws {
    try await RedisBench.run { bench in
      let command = Self.command(line)
      for attempt in 0..<3 {
        let error = await #expect(throws: RedisError.self) {
          switch attempt {
          case 0: _ = try await bench.client.send(command)
          case 1: _ = try await bench.client.pipeline([command])
          default: _ = try await bench.client.pipeline([RedisCommand("PING"), command])
          }
        }
        #expect(error?.code == .unsupportedCommand)
        #expect(error?.mayHaveActed == false)
        #expect(error?.reason.contains("withConnection") == true)
      }
      try await bench.expectAnswer()
    }
  }

  @Test("A pipeline that leaves a transaction open is refused; one that ends it is carried out")
  func transactions() async throws {
    try await RedisBench.run { bench in
      let incr = RedisCommand("INCR", .text(bench.prefix + "n"))
      for names in [
        ["MULTI", "INCR"], ["INCR", "EXEC"], ["MULTI", "MULTI", "EXEC"],
        ["MULTI", "EXEC", "MULTI"],
        ["WATCH", "MULTI", "EXEC"], ["MULTI", "BLPOP", "EXEC"], ["EXEC", "MULTI"],
      ] {
        await #expect(throws: RedisError.self) {
          try await bench.client.pipeline(names.map { $0 == "INCR" ? incr : Self.command($0) })
        }
      }
      let both = try await bench.client.pipeline(
        ["MULTI", "INCR", "DISCARD", "MULTI", "INCR", "EXEC"].map {
          $0 == "INCR" ? incr : Self.command($0)
        })
      #expect(both.last == .array([.integer(1)]))
      #expect(try await bench.client.transaction([incr, incr]) == [.integer(2), .integer(3)])
      let error = await #expect(throws: RedisError.self) {
        try await bench.client.transaction([incr, RedisCommand("GET")])
      }
      #expect(error?.server?.code == "ERR")
      #expect(try await bench.client.get(bench.prefix + "n") == "3")
    }
  }

  @Test("What only looks like it is carried out")
  func allowed() async throws {
    try await RedisBench.run { bench in
      _ = try await bench.client.send(RedisCommand("CLIENT", "ID"))
      _ = try await bench.client.send(RedisCommand("SCRIPT", "EXISTS", "x"))
      _ = try await bench.client.send(
        RedisCommand("XREAD", "STREAMS", .text(bench.prefix + "s"), "0"))
      _ = try await bench.client.send(RedisCommand("UNWATCH"))
      _ = try await bench.client.send(RedisCommand("ECHO", "MULTI"))
    }
  }
}
