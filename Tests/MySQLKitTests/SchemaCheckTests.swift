import SessionCore
import TestSupport
import Testing

@testable import MySQLKit

@Suite("A schema that is looked at first", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct SchemaCheckTests {
  private func run(_ statements: [String], _ database: TestDatabase) async throws {
    try await database.client.withConnection { connection in
      for statement in statements { try connection.execute(statement) }
    }
  }

  /// The error of preparing the schema, which must leave the database as it is.
  private func refusal(
    _ database: TestDatabase, _ mode: SchemaMode = .automatic
  ) async throws -> ArchiveError? {
    let before = try await database.shape()
    let archive = MySQLArchive(client: database.client, schema: mode)
    let status = try await archive.schemaStatus()
    let error = await #expect(throws: ArchiveError.self) { try await archive.prepare() }
    if mode != .verifyOnly { #expect(!status.obstacles.isEmpty) }
    #expect(try await database.shape() == before)
    return error
  }

  @Test("A6 The statements that are told make the schema that the program makes")
  func printed() async throws {
    try await TestDatabase.with { database in
      for migration in MySQLArchive.migrations { try await run(migration.statements, database) }
      let archive = MySQLArchive(client: database.client, schema: .verifyOnly)
      try await archive.prepare()
      #expect(try await archive.schemaStatus().pending == [])
      let made = try await TestDatabase.with { other in
        try await MySQLArchive(client: other.client).prepare()
        return try await other.shape()
      }
      #expect(try await database.shape() == made)
      let keys = try await database.client.query(
        """
        SELECT constraint_name FROM information_schema.referential_constraints
        WHERE constraint_schema = DATABASE()
        """)
      #expect(keys.isEmpty)
    }
  }

  @Test("A6 A database with the foreign keys of before loses them, and keeps its rows")
  func foreignKeys() async throws {
    try await TestDatabase.with { database in
      let user = try UserID("Awa")
      let archive = MySQLArchive(client: database.client)
      let said = Message(id: .generate(), role: .user, content: "x", createdAt: .now())
      let thread = ConversationID.generate()
      _ = try await archive.append(said, to: thread, of: user)
      try await run(
        [
          "DELETE FROM schema_migration WHERE number > 4", "ALTER TABLE Step DROP COLUMN ordered",
          """
          ALTER TABLE Thread ADD CONSTRAINT Thread_user FOREIGN KEY (userId) REFERENCES User (id)
          ON DELETE CASCADE
          """,
          """
          ALTER TABLE Step ADD CONSTRAINT any_name FOREIGN KEY (threadId) REFERENCES Thread (id)
          ON DELETE CASCADE
          """,
          "ALTER TABLE Step ADD COLUMN streaming BOOLEAN NOT NULL",
        ], database)
      let later = MySQLArchive(client: database.client)
      let status = try await later.schemaStatus()
      #expect(status.version == 4)
      #expect(status.pending.map(\.number) == [5, 6])
      #expect(status.pending[0].statements.count == 3)
      #expect(try await later.newestMessages(in: thread, of: user, limit: 9) == [said])
      try await database.client.execute(
        "INSERT INTO Step (id, threadId, type) VALUES (?, ?, 'run')",
        [.text(UUIDText.make()), .text(UUIDText.make())])
      let next = Message(id: .generate(), role: .user, content: "y", createdAt: .now())
      #expect(try await later.append(next, to: thread, of: user).previous == said.id)
    }
  }

  @Test(
    "A database of another program is refused, unless that is allowed; ours is made in an empty")
  func otherPrograms() async throws {
    let shops = [
      ["CREATE TABLE orders (id INT PRIMARY KEY, total INT)"],
      ["CREATE TABLE `User` (id INT PRIMARY KEY, email TEXT)", "CREATE TABLE orders (id INT)"],
      ["CREATE TABLE Thread (id INT PRIMARY KEY, title TEXT, createdAt DATETIME)"],
      ["CREATE VIEW something AS SELECT 1"],
    ]
    for (index, shop) in shops.enumerated() {
      try await TestDatabase.with { database in
        try await run(shop, database)
        let error = try await refusal(database)
        #expect(error?.code == .foreignDatabase, "\(index)")
        #expect(error?.reason.contains("database of its own") == true)
        if index == 0 {
          #expect(error?.reason.contains("schema=beside-others") == true)
          var configuration = try MySQLConfiguration(
            url: "mysql://a@b/c?schema=beside-others")
          configuration.address = database.configuration.address
          configuration.user = database.configuration.user
          configuration.password = database.configuration.password
          configuration.database = database.name
          let client = MySQLClient(configuration)
          try await MySQLArchive(client: client).prepare()
          await client.close()
        }
        if index == 1 {
          #expect(try await refusal(database, .besideOthers)?.code == .foreignDatabase)
        }
      }
    }
  }

  @Test("Chainlit's tables under other names are told, and not shadowed")
  func otherNames() async throws {
    try await TestDatabase.with { database in
      try await run(
        ["users", "threads", "steps"].map { "CREATE TABLE \($0) (id CHAR(36) PRIMARY KEY)" },
        database)
      let error = try await refusal(database)
      #expect(error?.code == .foreignDatabase)
      #expect(error?.reason.contains("`threads` TO `Thread`") == true)
    }
  }

  @Test("An archive that may only verify changes nothing")
  func verifyOnly() async throws {
    try await TestDatabase.with { database in
      #expect(try await refusal(database, .verifyOnly)?.code == .schemaPending)
      try await MySQLArchive(client: database.client).prepare()
      try await MySQLArchive(client: database.client, schema: .verifyOnly).prepare()
    }
  }

  /// As Chainlit's layers and dumps make them: times as text, flags that must be told.
  private static let layer = [
    """
    CREATE TABLE `User` (id VARCHAR(36) PRIMARY KEY, identifier VARCHAR(255) NOT NULL,
      metadata TEXT NOT NULL, createdAt TEXT)
    """,
    """
    CREATE TABLE Thread (id VARCHAR(36) PRIMARY KEY, createdAt TEXT, name TEXT,
      userId VARCHAR(36), userIdentifier TEXT, tags TEXT NOT NULL, metadata LONGTEXT NOT NULL,
      kind ENUM('a', 'b') NOT NULL, FOREIGN KEY (userId) REFERENCES `User` (id))
    """,
    """
    CREATE TABLE Step (id VARCHAR(36) PRIMARY KEY, name VARCHAR(255) NOT NULL,
      type VARCHAR(50) NOT NULL, threadId VARCHAR(36) NOT NULL, parentId VARCHAR(36),
      streaming BOOLEAN NOT NULL, disableFeedback BOOLEAN NOT NULL, waitForAnswer BOOLEAN,
      isError VARCHAR(5), metadata TEXT NOT NULL, tags TEXT, input TEXT, output TEXT,
      createdAt VARCHAR(40), start TEXT, startTime BIGINT, endTime DOUBLE, generation TEXT,
      showInput TEXT NOT NULL, language VARCHAR(20) NOT NULL, indent INT NOT NULL,
      FOREIGN KEY (threadId) REFERENCES Thread (id) ON DELETE CASCADE)
    """,
    """
    CREATE TABLE Feedback (id VARCHAR(36) PRIMARY KEY, forId VARCHAR(36) NOT NULL,
      threadId VARCHAR(36) NOT NULL, value INT NOT NULL, comment TEXT)
    """,
  ]

  /// Every form of one moment, and of times that are none.
  private static let forms: [(String, Int64?)] = [
    ("2025-06-21T15:00:01.123456Z", 1_750_518_001_123_456),
    ("2025-06-21T15:00:01.123456", 1_750_518_001_123_456),
    ("2025-06-21 15:00:01.123456+00", 1_750_518_001_123_456),
    ("2025-06-21T17:30:01.123456789+02:30", 1_750_518_001_123_456),
    ("2025-06-21T10:00:01,123456-0500", 1_750_518_001_123_456),
    ("2025-06-21T15:00:01.123456+00:00Z", 1_750_518_001_123_456),
    ("2025-06-21T15:00:01Z", 1_750_518_001_000_000), ("2025-06-21T15:00Z", 1_750_518_000_000_000),
    ("2025-06-21 15:00:01 UTC", 1_750_518_001_000_000), ("2025-06-21", 1_750_464_000_000_000),
    ("20250621150001", 1_750_518_001_000_000), ("1750518001", 1_750_518_001_000_000),
    ("1750518001.123456", 1_750_518_001_123_456), ("1750518001123", 1_750_518_001_123_000),
    ("1.750518001123e12", 1_750_518_001_123_000), ("1750518001123456", 1_750_518_001_123_456),
    ("1750518001123456789", 1_750_518_001_123_457), ("", nil), ("None", nil),
    ("0000-00-00 00:00:00", nil),
  ]

  @Test(
    "A6 Every form of a time that Chainlit's layers write is read, and every column gets a value")
  func layers() async throws {
    try await TestDatabase.with { database in
      try await run(Self.layer, database)
      let client = database.client
      let (person, thread) = (UUIDText.make(), ConversationID.generate())
      try await client.execute(
        "INSERT INTO User VALUES (?, 'Awa', '{}', '2025-06-21T15:00:01.1Z')", [.text(person)])
      try await client.execute(
        "INSERT INTO Thread VALUES (?, '2025-06-21T15:00:01Z', ?, ?, NULL, '', '{}', 'b')",
        [.text(thread.description), .text(String(repeating: "é", count: 300)), .text(person)])
      var ids: [String] = []
      for (form, _) in Self.forms {
        ids.append(UUIDText.make())
        try await client.execute(
          """
          INSERT INTO Step (id, name, type, threadId, streaming, disableFeedback, isError, metadata,
            output, createdAt, startTime, endTime, showInput, language, indent)
          VALUES (?, 'Awa', 'run', ?, 0, 0, 'true', '{}', 'x', ?, 1750518001123, 1750518001.5,
            'json', 'fr', 0)
          """, [.text(ids[ids.count - 1]), .text(thread.description), .text(form)])
      }
      try await client.execute(
        "INSERT INTO Feedback VALUES (?, ?, ?, 1, 'bien')",
        [.text(UUIDText.make()), .text(ids[0]), .text(thread.description)])
      let archive = MySQLArchive(client: client)
      #expect(try await archive.schemaStatus().obstacles == [])
      try await archive.prepare()
      for (id, (form, expected)) in zip(ids, Self.forms) {
        let row = try await client.query(
          "SELECT createdAt, startTime, endTime, isError FROM Step WHERE id = ?", [.text(id)])[0]
        let time = try row.dateTimeOrNil(0)?.microseconds
        // Times that were equal are a few microseconds apart now.
        #expect((time == nil) == (expected == nil), "\(form)")
        #expect(abs((time ?? 0) - (expected ?? 0)) < 20, "\(form)")
        #expect(try row.dateTimeOrNil(1)?.microseconds == 1_750_518_001_123_000)
        #expect(try row.dateTimeOrNil(2)?.microseconds == 1_750_518_001_500_000)
        #expect(try row.integer(3) == 1)
      }
      let user = try UserID("Awa")
      let listed = try await archive.threads(of: user, page: .init()).elements
      #expect(listed.map(\.id) == [thread])
      #expect(listed[0].name == String(repeating: "é", count: 254) + "…")
      // Nothing that Chainlit's columns ask for is missing when we write.
      let said = Message(id: .generate(), role: .user, content: "Bonjour", createdAt: .now())
      _ = try await archive.append(said, to: thread, of: user)
      _ = try await archive.append(
        Message(id: .generate(), role: .user, content: "neu", createdAt: .now()),
        to: .generate(), of: UserID("Bineta"))
      try await archive.setFeedback(Feedback(value: .up), on: said.id, in: thread, of: user)
      try await archive.setNotes(ThreadNotes(tags: [], isFavourite: true), on: thread, of: user)
      let judged = try await client.query("SELECT stepId FROM Feedback WHERE comment = 'bien'")
      #expect(try judged[0].text(0) == ids[0])
    }
  }

  @Test("A6 A schema that cannot be upgraded is refused whole, with all that stands in the way")
  func obstacles() async throws {
    let cases: [(String, String)] = [
      ("UPDATE Step SET createdAt = 'yesterday'", "Step.createdAt"),
      ("UPDATE Step SET createdAt = '2025-02-31T00:00:00Z'", "Step.createdAt"),
      ("ALTER TABLE Step MODIFY name TEXT; UPDATE Step SET name = REPEAT('x', 256)", "Step.name"),
      ("ALTER TABLE Step MODIFY id VARCHAR(99); UPDATE Step SET id = REPEAT('x', 40)", "Step.id"),
      ("ALTER TABLE User ADD email VARCHAR(99) NOT NULL UNIQUE", "User.email"),
      ("ALTER TABLE Step DROP PRIMARY KEY; INSERT INTO Step SELECT * FROM Step", "Step.id"),
      (
        """
        CREATE TABLE bill (id INT, owner VARCHAR(36), FOREIGN KEY (owner) REFERENCES User (id))
        """, "bill"
      ),
      ("ALTER TABLE Step ADD place POINT NOT NULL", "Step.place"),
    ]
    for (change, word) in cases {
      try await TestDatabase.with { database in
        try await run(Self.layer, database)
        let thread = UUIDText.make()
        try await run(
          [
            "INSERT INTO Thread VALUES ('\(thread)', NULL, 'x', NULL, NULL, '', '{}', 'a')",
            """
            INSERT INTO Step (id, name, type, threadId, streaming, disableFeedback, metadata,
              showInput, language, indent)
            VALUES ('\(UUIDText.make())', 'Awa', 'run', '\(thread)', 0, 0, '{}', '', '', 0)
            """,
          ] + change.split(separator: "; ").map(String.init), database)
        let error = try await refusal(database)
        #expect(error?.code == .refused, "\(word)")
        #expect(error?.reason.contains(word) == true, "\(error?.reason ?? "")")
      }
    }
  }
}
