import SessionCore
import TestSupport
import Testing

@testable import MySQLKit

@Suite("The rows of the archive", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct ArchiveRowTests {
  private let thread = ConversationID.generate()
  private let start = Timestamp(milliseconds: 1_795_390_000_123)

  private func message(
    _ text: String, _ role: Role = .user, at time: Timestamp? = nil,
    answer: AnswerDetails? = nil
  ) -> Message {
    Message(
      id: .generate(at: start), role: role, content: text, createdAt: time ?? start,
      answer: answer)
  }

  @Test("A6 What we write is what Chainlit expects")
  func shapes() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client, assistantName: "Kora")
      let user = try UserID("Awa")
      let question = message("Bonjour")
      let answer = message(
        "Salut", .assistant, at: start + .seconds(2),
        answer: AnswerDetails(
          state: .partial, model: "gemini \"x\"",
          usage: TokenUsage(
            promptTokenCount: 1, answerTokenCount: 2, thoughtTokenCount: 3, totalTokenCount: 6),
          finishReason: "STOP", startedAt: start))
      for message in [question, answer] {
        _ = try await archive.append(message, to: thread, of: user)
      }
      let steps = try await database.client.query(
        """
        SELECT type, name, parentId, input, output, metadata, generation, tags, feedback, isError,
          createdAt = startTime, createdAt = endTime FROM Step ORDER BY position
        """)
      let documents: [[String]] = [
        ["{}", "{}"],
        [
          "{\"state\":\"partial\"}",
          """
          {"model":"gemini \\"x\\"","inputTokenCount":1,"outputTokenCount":2,\
          "thoughtTokenCount":3,"tokenCount":6,"finishReason":"STOP"}
          """,
        ],
      ]
      for (row, expected) in zip(steps, documents) {
        // MySQL writes documents in a form of its own.
        for (column, text) in zip(5..., expected) {
          #expect(JSONDocument(try row.text(column)) == JSONDocument(text))
        }
      }
      let rows = try steps.map { row in try ([0, 1, 2, 3, 4] + (7..<12)).map { try row.value($0) } }
      #expect(rows[0] == ["user_message", "Awa", nil, nil, "Bonjour", "{}", "{}", 0, 1, 1])
      #expect(rows[1] == ["assistant_message", "Kora", nil, nil, "Salut", "{}", "{}", 0, 0, 1])
      let line = try await database.client.query(
        """
        SELECT t.name, t.userIdentifier, u.identifier, t.tags, t.metadata, u.metadata,
          t.updatedAt = (SELECT MAX(createdAt) FROM Step) FROM Thread t JOIN User u
          ON u.id = t.userId
        """)[0]
      #expect(
        try [0, 1, 2, 3, 4, 6].map { try line.value($0) } == [
          "Bonjour", "Awa", "Awa", "{}", "{}", 1,
        ])
      #expect(JSONDocument(try line.text(5)) == JSONDocument("{\"provider\":\"chat-cli\"}"))
    }
  }

  @Test("T3 Times in a thread only grow, whatever the clocks say, and each message keeps its own")
  func growingTimes() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let offsets: [Int] = [0, 0, -5000, 10_000, 9999, 0, 10_000]
      let messages =
        offsets.map { message("x", at: start + .milliseconds($0)) }
        + [message("x", at: Timestamp(milliseconds: .max))]
        + [message("x", at: Timestamp(milliseconds: .min))]
      for message in messages { _ = try await archive.append(message, to: thread, of: user) }
      let unordered = try await database.client.query(
        """
        SELECT COUNT(*) FROM Step a JOIN Step b ON a.position < b.position
        WHERE a.createdAt >= b.createdAt
        """)[0]
      #expect(try unordered.integer(0) == 0)
      #expect(try await archive.newestMessages(in: thread, of: user, limit: 99) == messages)
    }
  }

  @Test("T3 Two programs that append to the same threads agree on the order")
  func twoWriters() async throws {
    try await TestDatabase.with { database in
      let second = MySQLClient(database.configuration)
      let archives = [
        MySQLArchive(client: database.client),
        MySQLArchive(client: second),
      ]
      let user = try UserID("Awa")
      let threads = (0..<3).map { _ in ConversationID.generate() }
      let previous = try await withThrowingTaskGroup(
        of: [(MessageID, MessageID?)].self
      ) { group in
        for task in 0..<12 {
          group.addTask {
            var told: [(MessageID, MessageID?)] = []
            for number in 0..<10 {
              let message = message("\(task) \(number)")
              let receipt = try await archives[task % 2].append(
                message, to: threads[(task + number) % 3], of: user)
              told.append((message.id, receipt.previous))
            }
            return told
          }
        }
        return try await group.reduce(into: [MessageID: MessageID?]()) { all, told in
          for (id, previous) in told { all[id] = previous }
        }
      }
      for thread in threads {
        let read = try await archives[0].newestMessages(in: thread, of: user, limit: 1000)
        #expect(read.count == 40)
        var before: MessageID?
        for message in read {
          #expect(previous[message.id] == .some(before))
          before = message.id
        }
      }
      await second.close()
    }
  }

  @Test("A6 What Chainlit writes is read: other steps are skipped, and owners are known")
  func chainlitRows() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      try await archive.prepare()
      let client = database.client
      let (person, other) = (UUIDText.make(), UUIDText.make())
      try await client.execute(
        "INSERT INTO User (id, identifier, metadata) VALUES (?, 'awa', '{}'), (?, 'rene', '{}')",
        [.text(person), .text(other)])
      try await client.execute(
        """
        INSERT INTO Thread (id, name, userId, userIdentifier, createdAt, updatedAt)
        VALUES (?, NULL, ?, NULL, '2026-01-01', '2026-01-02')
        """, [.text(thread.description), .text(person)])
      let (question, run, answer) = (MessageID.generate(), UUIDText.make(), MessageID.generate())
      for (id, type, parent, text) in [
        (question.description, "user_message", nil, "Bonjour"),
        (run, "run", question.description, ""),
        (answer.description, "assistant_message", run, "Salut"),
        (UUIDText.make(), "run", question.description, ""),
      ] {
        try await client.execute(
          """
          INSERT INTO Step (id, threadId, parentId, name, type, output, metadata, createdAt)
          VALUES (?, ?, ?, 'x', ?, ?, '{"state":{"a":[1]},"b":null}', '2026-01-01 10:00:00.5')
          """,
          [
            .text(id), .text(thread.description), MySQLValue(parent), .text(type), .text(text),
          ])
      }
      let (awa, rene) = (try UserID("awa"), try UserID("rene"))
      let read = try await archive.newestMessages(in: thread, of: awa, limit: 9)
      #expect(read.map(\.id) == [question, answer])
      #expect(read.map(\.content) == ["Bonjour", "Salut"])
      #expect(read.map(\.answer) == [nil, nil])
      let page = try await archive.threads(of: awa, page: PageRequest())
      #expect(page.elements.map(\.id) == [thread])
      #expect(page.elements.map(\.name) == [nil])
      #expect(page.elements.map(\.messageCount) == [2])
      #expect(try await archive.threads(of: rene, page: PageRequest()).elements.isEmpty)
      #expect(try await archive.newestMessages(in: thread, of: rene, limit: 9).isEmpty)

      let receipt = try await archive.append(message("Et toi ?"), to: thread, of: awa)
      #expect(receipt.previous == answer)
      // A browser that disconnects makes the original forget name and owner.
      try await client.execute("UPDATE Thread SET userId = NULL, name = NULL")
      #expect(
        try await archive.threads(of: awa, page: PageRequest()).elements.map(\.id) == [thread])
      #expect(try await archive.messages(in: thread, of: awa, page: .init()).elements.count == 3)
    }
  }

  @Test("A6 An owner that was known once is not forgotten when the original forgets it")
  func owners() async throws {
    try await TestDatabase.with { database in
      try await MySQLArchive(client: database.client).prepare()
      let person = UUIDText.make()
      try await database.client.execute(
        "INSERT INTO User (id, identifier) VALUES (?, 'awa')", [.text(person)])
      try await database.client.execute(
        "INSERT INTO Thread (id, name, userId) VALUES (?, 'x', ?)",
        [.text(thread.description), .text(person)])
      let archive = MySQLArchive(client: database.client)
      try await archive.prepare()
      try await database.client.execute("UPDATE Thread SET userId = NULL, name = NULL")
      let listed = try await archive.threads(of: UserID("awa"), page: PageRequest()).elements
      #expect(listed.map(\.id) == [thread])
      #expect(listed.map(\.name) == [nil])
    }
  }

  @Test("A4 A deletion counts steps of every kind, elements and feedback, and leaves none")
  func deletion() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let said = [message("a"), message("b")]
      for message in said { _ = try await archive.append(message, to: thread, of: user) }
      let client = database.client
      let id = MySQLValue.text(thread.description)
      try await client.execute(
        "INSERT INTO Step (id, threadId, type) VALUES (?, ?, 'run')", [.text(UUIDText.make()), id])
      try await client.execute(
        "INSERT INTO Element (id, threadId, name) VALUES (?, ?, 'f')",
        [.text(UUIDText.make()), id])
      try await client.execute(
        "INSERT INTO Feedback (id, stepId, value) VALUES (?, ?, 1)",
        [.text(UUIDText.make()), .text(said[1].id.description)])
      let counts = try await archive.delete(thread, of: user)
      #expect(counts == DeletionCounts(threads: 1, steps: 3, elements: 1, feedbacks: 1))
      for table in ["Thread", "Step", "Element", "Feedback"] {
        let left = try await client.query("SELECT COUNT(*) FROM \(table)")[0]
        #expect(try left.integer(0) == 0, "\(table)")
      }
    }
  }

  @Test("A text that does not fit is an error, and nothing of it is stored")
  func tooLarge() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let error = await #expect(throws: ArchiveError.self) {
        _ = try await archive.append(
          message(String(repeating: "x", count: 16_777_216)), to: thread, of: user)
      }
      #expect(error?.code == .tooLarge)
      #expect(try await archive.threads(of: user, page: PageRequest()).elements.isEmpty)
      let fits = message(String(repeating: "x", count: 16_777_215))
      _ = try await archive.append(fits, to: thread, of: user)
      #expect(try await archive.newestMessages(in: thread, of: user, limit: 1) == [fits])
    }
  }
}

/// Ids for rows that a test writes itself.
enum UUIDText {
  static func make() -> String { ConversationID.generate().description }
}
