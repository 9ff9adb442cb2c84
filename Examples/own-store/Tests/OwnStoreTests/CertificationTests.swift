import Foundation
import SessionCore
import SessionCoreTesting
import Testing

@testable import OwnStore

@Suite("A store and an archive of one's own")
struct CertificationTests {
  @Test("DictionaryStore keeps the contract", arguments: SessionStoreContract.rules)
  func store(rule: SessionStoreContract.Rule) async throws {
    try await rule.check { limits, time in DictionaryStore(limits: limits, time: time) }
  }

  @Test("DictionaryStore and the model agree on random operations")
  func model() async throws {
    for seed in 1...50 as ClosedRange<UInt64> {
      try await SessionStoreModelTest.run(seed: seed, operationCount: 200) { limits, time in
        DictionaryStore(limits: limits, time: time)
      }
    }
  }

  @Test("LinesArchive keeps the contract", arguments: ConversationArchiveContract.rules)
  func archive(rule: ConversationArchiveContract.Rule) async throws {
    try await withFile { path in try await rule.check(LinesArchive(path: path)) }
  }

  @Test("What was acknowledged is there when the file is opened again, and half a line is not")
  func reopened() async throws {
    try await withFile { path in
      let (awa, thread) = (try UserID("Awa"), ConversationID.generate())
      let message = Message(
        id: .generate(), role: .user, content: "Bonjour", createdAt: .now())
      let first = try LinesArchive(path: path)
      _ = try await first.append(message, to: thread, of: awa)
      await first.close()
      let torn = try #require(FileHandle(forWritingAtPath: path))
      try torn.seekToEnd()
      try torn.write(contentsOf: Data("{\"append\":".utf8))
      try torn.close()
      let second = try LinesArchive(path: path)
      #expect(await second.newestMessages(in: thread, of: awa, limit: 9) == [message])
    }
  }

  private func withFile(_ body: (String) async throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "own-store-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }
}
