import SessionCore
import TestSupport
import Testing

@Suite("The contract suites find what is wrong")
struct SeededDefectTests {
  /// Turns, lists, forks and rewinds.
  private static let archiveRules =
    ConversationArchiveContract.rules + ConversationArchiveContract.completeRules

  @Test("P8 A store with a defect breaks a rule of the contract", arguments: StoreDefect.allCases)
  func store(defect: StoreDefect) async {
    await withKnownIssue {
      for rule in SessionStoreContract.rules {
        try await rule.check { limits, time in
          DefectiveStore(limits: limits, time: time, defect: defect)
        }
      }
    }
  }

  @Test(
    "P8 An archive with a defect breaks a rule of the contract", arguments: ArchiveDefect.allCases)
  func archive(defect: ArchiveDefect) async {
    await withKnownIssue {
      for rule in Self.archiveRules {
        try await rule.check(DefectiveArchive(defect: defect))
      }
    }
  }

  @Test(
    "The same store without a defect keeps the contract",
    arguments: SessionStoreContract.rules)
  func soundStore(rule: SessionStoreContract.Rule) async throws {
    try await rule.check { limits, time in
      DefectiveStore(limits: limits, time: time, defect: nil)
    }
  }

  @Test(
    "The same archive without a defect keeps the contract",
    arguments: Self.archiveRules)
  func soundArchive(rule: ConversationArchiveContract.Rule) async throws {
    try await rule.check(DefectiveArchive(defect: nil))
  }
}
