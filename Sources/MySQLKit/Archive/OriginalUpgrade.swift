import SessionCore

/// Turns the tables of the original application, in place, into those of ``ArchiveTables``: whole
/// seconds, no keys, rows with equal times, threads that nobody wrote.
///
/// Nothing is lost: what keys forbid gets what it lacks, and judgements of steps that are gone are
/// set aside in `Feedback_orphan`. Every step looks first whether it is done, so that an upgrade
/// can be interrupted anywhere and run again.
struct OriginalUpgrade {
  let connection: MySQLConnection
  let schema: Schema

  init(_ connection: MySQLConnection) {
    self.connection = connection
    schema = Schema(connection: connection)
  }

  /// Makes what is missing, and changes what is old.
  func run() throws {
    // Old rows may hold zero dates; a copy of a table must not stumble over them.
    try connection.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'")
    try dropForeignKeys()
    for table in ArchiveTables.all where try schema.hasTable(table.name) { try conform(table) }
  }

  /// Drops the keys between the tables: rows come in any order.
  func dropForeignKeys() throws {
    for removal in try keyRemovals() { try connection.execute(removal) }
  }

  /// The statements of ``dropForeignKeys()``.
  func keyRemovals() throws -> [String] {
    let names = Set(ArchiveTables.all.map(\.name))
    return try schema.foreignKeys().filter { names.contains($0.table) && names.contains($0.target) }
      .map { "ALTER TABLE `\($0.table)` DROP FOREIGN KEY `\($0.name)`" }
  }

  private func conform(_ table: ArchiveTables.Table) throws {
    try schema.convert(table.name)
    try addPrimaryKey(to: table.name)
    let columns = table.columns.filter { $0.name != "position" }
    for (name, definition) in columns {
      try SchemaChange.addColumn(name, definition: definition, to: table.name).make(schema)
    }
    for (name, definition) in columns where definition.hasPrefix("DATETIME") {
      try TimeColumn(name, of: table.name).convert(schema)
    }
    try fillColumns(of: table.name)
    try ForeignColumn.relax(table, connection)
    for (name, definition) in columns {
      try schema.change(name, to: definition, in: table.name)
    }
    switch table.name {
    case "User": try mergeUsers()
    case "Thread": try completeThreads()
    case "Step":
      try addMissingThreads(of: "Step")
      try numberSteps()
      try tellThreadsApart()
    case "Element": try addMissingThreads(of: "Element")
    default: try setFeedbackAside()
    }
    for index in table.indexes {
      try SchemaChange.addIndex(
        index.name, columns: index.columns, of: table.name,
        kind: index.isUnique ? "UNIQUE KEY" : "KEY"
      ).make(schema)
    }
    if table.name == "Step" { try countOn() }
  }

  private func addPrimaryKey(to table: String) throws {
    if try schema.isUnique("id", in: table) { return }
    let hasKey = try !schema.columns(ofIndex: "PRIMARY", in: table).isEmpty
    try connection.execute(
      "ALTER TABLE `\(table)` ADD \(hasKey ? "UNIQUE KEY `\(table)_id`" : "PRIMARY KEY") (id)")
  }
}

extension OriginalUpgrade {
  /// Gives columns that must hold something what they lack.
  private func fillColumns(of table: String) throws {
    switch table {
    case "User":
      try connection.execute("UPDATE `User` SET identifier = id WHERE identifier IS NULL")
    case "Step":
      try connection.execute(
        """
        UPDATE Step SET threadId = '00000000-0000-4000-8000-000000000000' WHERE threadId IS NULL
        """)
      if try schema.column("isError", of: table)?.isText == true {
        try connection.execute(
          """
          UPDATE Step SET isError = IF(\(Self.truth("isError")), '1', '0')
          WHERE isError IS NOT NULL
          """)
      }
    case "Thread":
      // As names are cut when they are given; the first message has the whole.
      try connection.execute(
        """
        UPDATE Thread SET name = CONCAT(LEFT(name, \(ThreadName.characterCountMax - 1)), '…')
        WHERE CHAR_LENGTH(name) > \(ThreadName.characterCountMax)
        """)
    case "Feedback":
      try connection.execute("UPDATE Feedback SET name = 'user_feedback' WHERE name IS NULL")
      // Chainlit's own layer names the step so.
      if try schema.column("forId", of: table) != nil {
        try connection.execute(
          "UPDATE Feedback SET stepId = forId WHERE COALESCE(stepId, '') = '' AND forId IS NOT NULL"
        )
      }
      try connection.execute("UPDATE Feedback SET stepId = '' WHERE stepId IS NULL")
    default: break
    }
  }

  /// The 0 or 1 that a column says, whatever it says it with.
  static func truth(_ column: String) -> String {
    "(LOWER(TRIM(CAST(\(column) AS CHAR))) IN ('1', 'true', 't', 'yes', 'y', 'on'))"
  }

  /// One row for one identifier: the oldest keeps the threads of all.
  private func mergeUsers() throws {
    let kept = """
      (SELECT identifier, MIN(id) AS id FROM `User` GROUP BY identifier HAVING COUNT(*) > 1) k
      """
    if try schema.hasTable("Thread"), try schema.column("userId", of: "Thread") != nil {
      // Before the conversion of `Thread` its texts may be of another kind.
      try schema.convert("Thread")
      try connection.execute(
        """
        UPDATE Thread t JOIN `User` u ON u.id = t.userId JOIN \(kept)
        ON k.identifier = u.identifier SET t.userId = k.id
        """)
    }
    try connection.execute(
      "DELETE u FROM `User` u JOIN \(kept) ON k.identifier = u.identifier AND u.id <> k.id")
  }

  private func completeThreads() throws {
    try connection.execute("UPDATE Thread SET userId = NULL WHERE userId = ''")
    try connection.execute("UPDATE Thread SET userIdentifier = NULL WHERE userIdentifier = ''")
    // A thread that names a user by identifier alone, or one who has no row.
    try connection.execute(
      """
      UPDATE Thread t JOIN `User` u ON u.identifier = t.userIdentifier SET t.userId = u.id
      WHERE t.userId IS NULL OR NOT EXISTS (SELECT 1 FROM `User` x WHERE x.id = t.userId)
      """)
    try connection.execute(
      """
      INSERT IGNORE INTO `User` (id, identifier, metadata)
      SELECT DISTINCT t.userId, COALESCE(t.userIdentifier, t.userId), '{}' FROM Thread t
      WHERE t.userId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM `User` x WHERE x.id = t.userId)
      """)
    try Owner.writeDown(connection)
  }

  /// Rows whose thread was never written keep their rows, and get a thread; not those of today, for
  /// Chainlit may still write it.
  private func addMissingThreads(of table: String) throws {
    try connection.execute(
      """
      INSERT IGNORE INTO Thread (id, tags, metadata, createdAt, updatedAt)
      SELECT s.threadId, '{}', '{}', MIN(s.createdAt), MAX(s.createdAt) FROM \(table) s
      WHERE s.threadId IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM Thread t WHERE t.id = s.threadId)
      GROUP BY s.threadId
      HAVING COALESCE(MAX(s.createdAt), '1970-01-01') < UTC_TIMESTAMP() - INTERVAL 1 DAY
      """)
  }

  /// Numbers the steps by time; of equal times in a thread, a question comes first, then what was
  /// done for it, then its answer. Times become different, by microseconds, in that order.
  private func numberSteps() throws {
    try SchemaChange.addColumn("position", definition: "BIGINT UNSIGNED NULL", to: "Step")
      .make(schema)
    if try !schema.columns(ofIndex: "Step_position", in: "Step").isEmpty { return }
    try connection.execute(
      """
      UPDATE Step s JOIN (
        SELECT o.id, ROW_NUMBER() OVER (ORDER BY o.createdAt, o.threadId, o.family, o.depth, o.id)
          AS number,
          ROW_NUMBER() OVER (PARTITION BY o.threadId, o.createdAt
            ORDER BY o.family, o.depth, o.id) - 1 AS microseconds
        FROM (
          SELECT s.id, s.threadId, s.createdAt,
            CASE WHEN s.type = 'user_message' THEN s.id
              WHEN p.type = 'user_message' THEN p.id
              WHEN q.type = 'user_message' THEN q.id ELSE '~' END AS family,
            CASE WHEN s.type = 'user_message' THEN 0 WHEN s.type = 'assistant_message' THEN 9
              WHEN p.type = 'user_message' THEN 1 ELSE 2 END AS depth
          FROM Step s LEFT JOIN Step p ON p.id = s.parentId LEFT JOIN Step q ON q.id = p.parentId
          WHERE s.position IS NULL
        ) o
      ) n ON n.id = s.id
      JOIN (SELECT COALESCE(MAX(position), 0) AS last FROM Step) m
      SET s.position = m.last + n.number,
        s.createdAt = s.createdAt + INTERVAL n.microseconds MICROSECOND
      """)
  }

  /// Gives threads without an owner the user whose name stands over their questions, and threads an
  /// activity that is not before their last step.
  private func tellThreadsApart() throws {
    try connection.execute(
      """
      UPDATE Thread t JOIN (
        SELECT s.threadId, MIN(u.id) AS id, MIN(u.identifier) AS identifier
        FROM Step s JOIN `User` u ON u.identifier = s.name WHERE s.type = 'user_message'
        GROUP BY s.threadId HAVING COUNT(DISTINCT u.id) = 1
      ) o ON o.threadId = t.id
      SET t.userIdentifier = o.identifier, t.userId = o.id WHERE t.userIdentifier IS NULL
      """)
    try connection.execute(
      """
      UPDATE Thread t JOIN (
        SELECT threadId, MAX(createdAt) AS last FROM Step GROUP BY threadId
      ) s ON s.threadId = t.id
      SET t.updatedAt = s.last WHERE t.updatedAt IS NULL OR t.updatedAt < s.last
      """)
  }

  /// From now on the server counts.
  private func countOn() throws {
    if try schema.column("position", of: "Step")?.isFilled == true { return }
    try connection.execute(
      "ALTER TABLE Step MODIFY position BIGINT UNSIGNED NOT NULL AUTO_INCREMENT")
  }

  private func setFeedbackAside() throws {
    let rejected = """
      FROM Feedback f LEFT JOIN Step s ON s.id = f.stepId
      LEFT JOIN Feedback g ON g.stepId = f.stepId AND g.name = f.name AND g.id > f.id
      WHERE s.id IS NULL OR g.id IS NOT NULL
      """
    let found = try connection.query("SELECT f.id \(rejected) LIMIT 1")
    if found.isEmpty { return }
    try connection.execute("CREATE TABLE IF NOT EXISTS Feedback_orphan LIKE Feedback")
    try connection.execute("INSERT IGNORE INTO Feedback_orphan SELECT f.* \(rejected)")
    try connection.execute("DELETE f \(rejected)")
  }
}
