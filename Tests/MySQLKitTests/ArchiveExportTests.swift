import MySQLKit
import SessionCore
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Exports of the archive", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct ArchiveExportTests {
  private func lines(_ archive: any CompleteArchive, _ user: UserID) async throws -> [String] {
    let lines = Locked<[String]>([])
    try await archive.export(of: user) { record in
      let line = String(decoding: try record.line(), as: UTF8.self)
      lines.withLock { $0.append(line) }
    }
    return lines.withLock { $0 }
  }

  @Test("A5 Rows of ours are told by what they mean, and not column by column")
  func ownRows() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let thread = ConversationID.generate()
      for offset in [0, 0, -9000, 5] {
        let time = Timestamp(milliseconds: 1_795_390_000_000 + Int64(offset))
        let message = Message(
          id: .generate(at: time), role: .assistant, content: "x", createdAt: time,
          answer: AnswerDetails(state: .complete, model: "m", startedAt: time))
        _ = try await archive.append(message, to: thread, of: user)
      }
      let told = try await lines(archive, user)
      #expect(told.count == 6)
      #expect(told.allSatisfy { !$0.contains("\"row\"") })
    }
  }

  @Test("A5 Rows of Chainlit's come back as they were, runs and unknown metadata included")
  func foreignRows() async throws {
    try await TestDatabase.with { database in
      let client = database.client
      let archive = MySQLArchive(client: client)
      try await archive.prepare()
      let (person, thread) = (UUIDText.make(), UUIDText.make())
      try await client.execute(
        "INSERT INTO User (id, identifier, metadata) VALUES (?, 'awa', '{\"a\": 1}')",
        [.text(person)])
      try await client.execute(
        """
        INSERT INTO Thread (id, name, userId, tags, metadata, createdAt, updatedAt) VALUES
        (?, NULL, ?, NULL, '{"chat_profile":"x"}', '2026-01-01 00:00:00.000001', '2026-01-02')
        """, [.text(thread), .text(person)])
      var parent: String?
      for (type, text) in [("user_message", "Bonjour"), ("run", ""), ("assistant_message", "Oui")] {
        let id = UUIDText.make()
        try await client.execute(
          """
          INSERT INTO Step (id, threadId, parentId, name, type, input, output, metadata, tags,
            createdAt, startTime, endTime, isError, generation, feedback)
          VALUES (?, ?, ?, 'on_message', ?, ?, ?, '{"k":[1,{"l":null}]}', NULL,
            '2026-01-01 10:00:00', '2026-01-01 09:59:59.5', NULL, 0, '{"provider":"x"}', NULL)
          """,
          [
            .text(id), .text(thread), MySQLValue(parent), .text(type),
            type == "run" ? "" : nil, .text(text),
          ])
        parent = id
      }
      try await client.execute(
        """
        INSERT INTO Element (id, threadId, forId, name, type, content, metadata)
        VALUES (?, ?, ?, 'f', 'text', 'abc', '{"size":3}')
        """, [.text(UUIDText.make()), .text(thread), MySQLValue(parent)])
      let table = """
        SELECT CONCAT_WS('|', s.id, s.threadId, COALESCE(s.parentId, '-'), s.name, s.type,
          COALESCE(s.input, '-'), s.output, s.metadata, COALESCE(s.tags, '-'), s.createdAt,
          s.startTime, COALESCE(s.endTime, '-'), s.isError, s.generation,
          COALESCE(s.feedback, '-'), t.tags IS NULL, t.metadata, t.createdAt, t.updatedAt,
          t.name IS NULL, e.name, e.content, e.metadata)
        FROM Step s JOIN Thread t ON t.id = s.threadId JOIN Element e ON e.threadId = t.id
        ORDER BY s.position
        """
      let before = try await client.query(table).map { try $0.bytesOrNil(0) }
      #expect(before.count == 3)
      let user = try UserID("awa")
      let told = try await lines(archive, user)
      let memory = InMemoryArchive()
      for target in [memory, archive] as [any CompleteArchive] {
        if target is MySQLArchive { _ = try await archive.forget(user, dryRun: false) }
        var reading = ArchiveImport(into: target, of: user)
        try await reading.add(Array(told.joined(separator: "\n").utf8))
        #expect(try await reading.finish().skipped.isEmpty)
        #expect(try await lines(target, user) == told)
      }
      #expect(try await client.query(table).map { try $0.bytesOrNil(0) } == before)
    }
  }

  @Test("Pruning looks at the last step too: Chainlit writes steps and leaves the thread as it is")
  func pruning() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let old = ConversationID.generate()
      let thread = ConversationID.generate()
      for id in [thread, old] {
        let message = Message(id: .generate(), role: .user, content: "x", createdAt: .now())
        _ = try await archive.append(message, to: id, of: user)
      }
      try await database.client.execute(
        "UPDATE Thread SET createdAt = '2020-01-01', updatedAt = '2020-01-01'")
      try await database.client.execute(
        "UPDATE Step SET createdAt = IF(threadId = ?, '2020-01-01', UTC_TIMESTAMP(6))",
        [.text(old.description)])
      let counts = try await archive.prune(
        untouchedSince: .now() + .seconds(-86_400), dryRun: false)
      #expect(counts.threads == 1)
      let left = try await archive.threads(of: user, page: .init()).elements
      #expect(left.map(\.id) == [thread])
    }
  }

  @Test("A4 Of a forgotten user no row is left in any table")
  func nothingLeft() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      for number in 0..<300 {
        let message = Message(
          id: .generate(), role: .user, content: "\(number)", createdAt: .now())
        let thread = ConversationID.generate()
        _ = try await archive.append(message, to: thread, of: user)
        if number % 50 == 0 {
          try await archive.setFeedback(
            Feedback(value: .up), on: message.id, in: thread, of: user)
        }
      }
      let counts = try await archive.forget(user, dryRun: false)
      #expect(counts == DeletionCounts(threads: 300, steps: 300, elements: 0, feedbacks: 6))
      for table in ["User", "Thread", "Step", "Element", "Feedback"] {
        let left = try await database.client.query("SELECT COUNT(*) FROM \(table)")[0]
        #expect(try left.integer(0) == 0, "\(table)")
      }
    }
  }
}
