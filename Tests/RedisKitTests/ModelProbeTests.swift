import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("One finds out for all", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct ModelProbeTests {
  @Test("Of many clients that look at the same time when a closing ends, one alone may ask")
  func oneProbe() async throws {
    try await RedisBench.run { bench in
      let clients = try (0..<8).map { _ in RedisClient(try RedisBench.configuration()) }
      let records = clients.map {
        RedisModelAvailability(
          client: $0, keyPrefix: bench.prefix, probeDuration: .seconds(3600))
      }
      var moment = Duration.milliseconds(50)
      var askerCount = 0
      repeat {
        await records[0].close("m", until: .now() + moment)
        askerCount = await askers(records)
        // On a slow machine the moment passes before the server hears of it, and nothing closes.
        moment *= 2
      } while try await bench.keys().isEmpty
      #expect(askerCount == 1)
      for client in clients { await client.close() }
    }
  }

  /// How many of the clients may ask, each of which looks again and again until one may.
  private func askers(_ records: [RedisModelAvailability]) async -> Int {
    let isOpen = Locked(false)
    return await withTaskGroup(of: Bool.self) { group in
      for record in records {
        group.addTask {
          while true {
            // Read before looking: who looks after the closing has ended finds it ended.
            let wasOpen = isOpen.withLock { $0 }
            if await record.closedModels(among: ["m"]).isEmpty {
              isOpen.withLock { $0 = true }
              return true
            }
            if wasOpen { return false }
          }
        }
      }
      var count = 0
      for await mayAsk in group where mayAsk { count += 1 }
      return count
    }
  }
}
