import SessionCore
import TestSupport
import Testing

@Suite("The session store in memory")
struct InMemorySessionStoreTests {
  @Test("P8 keeps the contract of session stores", arguments: SessionStoreContract.rules)
  func contract(rule: SessionStoreContract.Rule) async throws {
    try await rule.check { limits, time in InMemorySessionStore(limits: limits, time: time) }
  }
}
