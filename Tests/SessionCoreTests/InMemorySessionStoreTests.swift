import SessionCore
import TestSupport
import Testing

@Suite("The session store in memory")
struct InMemorySessionStoreTests {
  @Test(
    "P8 keeps the contract of session stores",
    arguments: SessionStoreContract.rules + SessionStoreContract.toolRules)
  func contract(rule: SessionStoreContract.Rule) async throws {
    try await rule.check { limits, time in InMemorySessionStore(limits: limits, time: time) }
  }

  @Test("P8 answers 2,000 random sequences of 200 operations as the plainest model does")
  func model() async throws {
    for seed in 0..<UInt64(2000) {
      try await SessionStoreModelTest.run(seed: seed, operationCount: 200) { limits, time in
        InMemorySessionStore(limits: limits, time: time)
      }
    }
  }
}
