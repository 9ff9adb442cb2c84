import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("A database of the original", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct OriginalUpgradeTests {
  /// As the original's script made it: whole seconds, no keys but the first.
  private static let script = [
    """
    CREATE TABLE User (id VARCHAR(36) PRIMARY KEY, identifier VARCHAR(255), metadata TEXT,
      createdAt DATETIME, updatedAt DATETIME) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
    """,
    """
    CREATE TABLE Thread (id VARCHAR(36) PRIMARY KEY, name TEXT, userId VARCHAR(36),
      userIdentifier VARCHAR(255), tags TEXT, metadata TEXT, createdAt DATETIME, updatedAt DATETIME
    ) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
    """,
    """
    CREATE TABLE Step (id VARCHAR(36) PRIMARY KEY, threadId VARCHAR(36), parentId VARCHAR(36),
      name VARCHAR(255), type VARCHAR(50), input TEXT, output TEXT, metadata TEXT, tags TEXT,
      createdAt DATETIME, startTime DATETIME, endTime DATETIME, isError BOOLEAN, generation TEXT,
      feedback TEXT) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
    """,
    """
    CREATE TABLE Element (id VARCHAR(36) PRIMARY KEY, threadId VARCHAR(36), forId VARCHAR(36),
      name VARCHAR(255), type VARCHAR(50), url TEXT, path TEXT, content LONGTEXT,
      mime VARCHAR(100), metadata TEXT, createdAt DATETIME, updatedAt DATETIME)
      DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
    """,
    """
    CREATE TABLE Feedback (id VARCHAR(36) PRIMARY KEY, stepId VARCHAR(36), name VARCHAR(255),
      value FLOAT, comment TEXT, createdAt DATETIME, updatedAt DATETIME)
      DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci
    """,
  ]

  /// What the original's page reads, to the letter.
  private static let originalRead =
    "SELECT id, output FROM Step WHERE threadId = ? ORDER BY createdAt ASC"

  private struct Content {
    let known = ConversationID.generate()
    let forgotten = ConversationID.generate()
    let unwritten = ConversationID.generate()
    var steps: [(thread: ConversationID, id: MessageID)] = []
  }

  private func fill(_ database: TestDatabase) async throws -> Content {
    let client = database.client
    for statement in Self.script { try await client.execute(statement) }
    var content = Content()
    let awa = UUIDText.make()
    try await client.execute(
      """
      INSERT INTO User VALUES (?, 'Awa', '{"provider":"credentials"}', '2025-01-01', NULL),
        (?, 'awa', 'not json', '2025-01-01', NULL), (?, 'Awa', NULL, '2025-01-02', NULL)
      """,
      [.text("0" + awa.dropFirst()), .text(UUIDText.make()), .text("f" + awa.dropFirst())])
    try await client.execute(
      """
      INSERT INTO Thread VALUES (?, 'Bonjour', ?, NULL, '{}', 'no: json', '2025-01-01', NULL),
        (?, NULL, NULL, NULL, NULL, NULL, '2025-01-02', '2025-01-02')
      """,
      [
        .text(content.known.description), .text("f" + awa.dropFirst()),
        .text(content.forgotten.description),
      ])
    for thread in [content.known, content.forgotten, content.unwritten] {
      for turn in 0..<3 {
        // Written so that neither the ids nor the order of the rows give the right order.
        let (question, run, answer) = (MessageID.generate(), UUIDText.make(), MessageID.generate())
        let rows: [(String, String?, String, String)] = [
          (answer.description, run, "assistant_message", "réponse \(turn)"),
          (run, question.description, "run", ""),
          (question.description, nil, "user_message", "question \(turn)"),
        ]
        for (id, parent, type, text) in rows {
          try await client.execute(
            """
            INSERT INTO Step VALUES (?, ?, ?, 'Awa', ?, NULL, ?, '{"a":', '{}',
              '2025-01-01 10:00:0\(turn)', '2025-01-01 10:00:0\(turn)', NULL, 0, '', '{}')
            """,
            [
              .text(id), .text(thread.description), MySQLValue(parent), .text(type), .text(text),
            ])
        }
        content.steps += [(thread, question), (thread, answer)]
      }
    }
    try await client.execute(
      "INSERT INTO Feedback VALUES (?, ?, NULL, 1, 'bien', NULL, NULL), (?, ?, NULL, 0, '', NULL, NULL)",
      [
        .text(UUIDText.make()), .text(content.steps[1].id.description), .text(UUIDText.make()),
        .text(UUIDText.make()),
      ])
    try await client.execute(
      "INSERT INTO Element (id, threadId, name, content) VALUES (?, ?, 'f', 'été')",
      [.text(UUIDText.make()), .text(content.unwritten.description)])
    return content
  }

  private func check(_ content: Content, _ database: TestDatabase) async throws {
    let archive = MySQLArchive(client: database.client)
    let awa = try UserID("Awa")
    let listed = try await archive.threads(of: awa, page: PageRequest()).elements
    #expect(Set(listed.map(\.id)) == [content.known, content.forgotten, content.unwritten])
    #expect(listed.allSatisfy { $0.messageCount == 6 })
    #expect(try await archive.threads(of: UserID("awa"), page: .init()).elements.isEmpty)
    for thread in [content.known, content.forgotten, content.unwritten] {
      let expected = content.steps.filter { $0.thread == thread }.map(\.id)
      let messages = try await archive.messages(in: thread, of: awa, page: .init()).elements
      #expect(messages.map(\.id) == expected)
      #expect(
        messages.map(\.content) == (0..<3).flatMap { ["question \($0)", "réponse \($0)"] })
      let original = try await database.client.query(
        Self.originalRead, [.text(thread.description)]
      ).map { MessageID(try $0.text(0)) }
      #expect(original.count == 9)
      #expect(original.filter { $0.map(expected.contains) == true } == expected)
    }
    let feedback = try await archive.feedback(in: content.known, of: awa)
    #expect(feedback == [content.steps[1].id: Feedback(value: .up, comment: "bien")])
    for (table, count) in [
      ("Step", 27), ("Element", 1), ("Feedback", 1), ("Feedback_orphan", 1), ("Thread", 3),
    ] {
      let row = try await database.client.query("SELECT COUNT(*) FROM \(table)")[0]
      #expect(try row.integer(0) == count, "\(table)")
    }
    let receipt = try await archive.append(
      Message(id: .generate(), role: .user, content: "suite", createdAt: .now()),
      to: content.forgotten, of: awa)
    #expect(receipt.previous == content.steps[11].id)
  }

  @Test("A6 is upgraded in place: no row lost, none out of order, and the original still reads it")
  func upgrade() async throws {
    try await TestDatabase.with { database in
      let content = try await fill(database)
      try await MySQLArchive(client: database.client).prepare()
      try await check(content, database)
    }
  }

  @Test("A6 is upgraded by as many attempts as it takes, its connection broken anywhere")
  func interruptions() async throws {
    try await TestDatabase.with { database in
      let content = try await fill(database)
      guard case .host(_, let port) = database.configuration.address else { return }
      let proxy = try FaultProxy(targetPort: port)
      var configuration = database.configuration
      configuration.address = .host("127.0.0.1", port: proxy.port)
      var attemptCount = 0
      var byteCount = 1500
      while true {
        await proxy.set(.refuse, after: byteCount, bytes: .toTarget)
        let client = MySQLClient(configuration)
        let isDone: Bool
        do {
          try await MySQLArchive(client: client).prepare()
          isDone = true
        } catch let error as ArchiveError where error.code == .unavailable {
          isDone = false
        }
        await client.close()
        if isDone { break }
        attemptCount += 1
        // Each attempt comes a little further than the one before.
        byteCount += 331
      }
      await proxy.close()
      #expect(attemptCount > 10)
      try await check(content, database)
    }
  }

  @Test("A6 has in the end the same columns and indexes as a new one")
  func sameShape() async throws {
    let shapes = try await [true, false].asyncMap { isOld in
      try await TestDatabase.with { database in
        if isOld { _ = try await fill(database) }
        try await MySQLArchive(client: database.client).prepare()
        return try await database.shape()
      }
    }
    let documents = ["metadata", "tags", "generation", "feedback "]
    let (old, new) = (Set(shapes[0]), Set(shapes[1]))
    let missing = new.subtracting(old).filter { line in !documents.contains { line.contains($0) } }
    #expect(missing.isEmpty, "\(missing.sorted())")
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(
    _ transform: (Element) async throws -> Value
  ) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
