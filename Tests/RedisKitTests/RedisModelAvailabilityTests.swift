import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("Closed models in Redis", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisModelAvailabilityTests {
  @Test("What one process closes is closed for all, and a later moment stays")
  func closes() async throws {
    try await RedisBench.run { bench in
      let writer = RedisModelAvailability(client: bench.client, keyPrefix: bench.prefix)
      let reader = RedisModelAvailability(client: bench.client, keyPrefix: bench.prefix)
      let models = ["gemini-2.5-flash", "models/gemma {3}", "autre"]
      #expect(await reader.closedModels(among: models).isEmpty)
      #expect(await reader.closedModels(among: []).isEmpty)
      let later = Timestamp.now() + .seconds(3600)
      for model in models[..<2] {
        await writer.close(model, until: later)
        await writer.close(model, until: later + .seconds(-60))
      }
      #expect(await reader.closedModels(among: models) == [models[0]: later, models[1]: later])
      await writer.close(models[0], until: later + .seconds(60))
      #expect(
        await reader.closedModels(among: [models[0]]) == [models[0]: later + .seconds(60)])
      for key in try await bench.keys() {
        #expect((try await bench.client.send(RedisCommand("PTTL", .text(key))).integer ?? 0) > 0)
      }
    }
  }

  @Test("A moment that has passed closes nothing")
  func passed() async throws {
    try await RedisBench.run { bench in
      let availability = RedisModelAvailability(client: bench.client, keyPrefix: bench.prefix)
      await availability.close("vorbei", until: .now() + .seconds(-1))
      #expect(await availability.closedModels(among: ["vorbei"]).isEmpty)
      let keys = try await bench.keys()
      #expect(keys.isEmpty)
    }
  }

  @Test("When a moment has come one process asks, and all may once the model has answered")
  func probe() async throws {
    try await RedisBench.run { bench in
      func process() -> RedisModelAvailability {
        RedisModelAvailability(
          client: bench.client, keyPrefix: bench.prefix, probeDuration: .seconds(3600))
      }
      let first = process()
      let others = [process(), process(), process()]
      try await closeAndAskFirst(first, bench)
      for other in others {
        let closed = try #require(await other.closedModels(among: ["m"])["m"])
        #expect(closed > .now())
        await other.reopen("m")
      }
      #expect(await others[0].closedModels(among: ["m"]) != [:], "they do not know that it answers")
      await first.reopen("m")
      for other in others { #expect(await other.closedModels(among: ["m"]).isEmpty) }
      let keys = try await bench.keys()
      #expect(keys.isEmpty)
    }
  }

  @Test("A model that refuses the one who asks is closed anew, for all")
  func refusesAgain() async throws {
    try await RedisBench.run { bench in
      let first = RedisModelAvailability(client: bench.client, keyPrefix: bench.prefix)
      let other = RedisModelAvailability(client: bench.client, keyPrefix: bench.prefix)
      try await closeAndAskFirst(first, bench)
      let later = Timestamp.now() + .seconds(3600)
      await first.close("m", until: later)
      await first.reopen("m")
      #expect(await other.closedModels(among: ["m"]) == ["m": later])
    }
  }

  @Test("A server that is away closes nothing")
  func away() async throws {
    let address = RedisConfiguration.Address.tcp(host: "127.0.0.1", port: 1)
    let client = RedisClient(RedisConfiguration(address: address))
    let availability = RedisModelAvailability(client: client)
    await availability.close("m", until: .now() + .seconds(60))
    #expect(await availability.closedModels(among: ["m"]).isEmpty)
    await client.close()
  }

  /// Closes `m` for a moment, and lets `first` be the one who asks when it has come.
  private func closeAndAskFirst(_ first: RedisModelAvailability, _ bench: RedisBench) async throws {
    var moment = Duration.milliseconds(40)
    repeat {
      await first.close("m", until: .now() + moment)
      while await !first.closedModels(among: ["m"]).isEmpty {}
      // On a slow machine the moment has passed before the server hears of it, and nothing closes.
      moment *= 2
    } while try await bench.keys().isEmpty
  }
}
