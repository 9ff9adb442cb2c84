import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("The archive in MySQL", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLArchiveTests {
  @Test(
    "keeps the contract of archives",
    arguments: ConversationArchiveContract.everything)
  func contract(rule: ConversationArchiveContract.Rule) async throws {
    try await TestDatabase.with { database in
      try await rule.check(MySQLArchive(client: database.client))
    }
  }

  @Test(
    "keeps the contract of searches by the full-text index too",
    arguments: ConversationArchiveContract.searchRules)
  func indexedSearch(rule: ConversationArchiveContract.Rule) async throws {
    try await TestDatabase.with { database in
      try await rule.check(MySQLArchive(client: database.client, searchReadCountMax: 0))
    }
  }
}
