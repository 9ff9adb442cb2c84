import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("The session store in Redis", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct RedisSessionStoreContractTests {
  @Test(
    "P8 keeps the contract of session stores",
    arguments: SessionStoreContract.rules)
  func contract(rule: SessionStoreContract.Rule) async throws {
    try await RedisBench.run { bench in
      try await rule.check { limits, time in bench.store(limits, clock: time) }
    }
  }

  @Test("P8 answers 50 random sequences of 200 operations as the plainest model does")
  func model() async throws {
    try await RedisBench.run { bench in
      for seed in 0..<UInt64(50) {
        try await SessionStoreModelTest.run(seed: seed, operationCount: 200) { limits, time in
          bench.store(limits, clock: time)
        }
      }
    }
  }
}
