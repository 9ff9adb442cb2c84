import SessionCore
import TestSupport
import Testing

@Suite("The archive in memory")
struct InMemoryArchiveTests {
  @Test("keeps the contract of archives", arguments: ConversationArchiveContract.everything)
  func contract(rule: ConversationArchiveContract.Rule) async throws {
    try await rule.check(InMemoryArchive())
  }
}
