/// Turns the tables of the original application, in place, into those of ``ArchiveTables``: whole
/// seconds, no keys, rows with equal times, threads that nobody wrote.
///
/// Nothing is lost: what keys forbid gets what it lacks, and judgements of steps that are gone are
/// set aside in `Feedback_orphan`. Every step looks first whether it is done, so that an upgrade
/// can be interrupted anywhere and run again.
struct OriginalUpgrade {
  private let connection: MySQLConnection
  private let schema: Schema

  init(_ connection: MySQLConnection) {
    self.connection = connection
    schema = Schema(connection: connection)
  }

  /// Makes what is missing, and changes what is old.
  func run() throws {
    // Old rows may hold zero dates; a copy of a table must not stumble over them.
    try connection.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES'")
    for table in ArchiveTables.all {
      if try schema.hasTable(table.name) {
        try conform(table)
      } else {
        try connection.execute(table.creation)
      }
    }
  }

  private func conform(_ table: ArchiveTables.Table) throws {
    try schema.convert(table.name)
    try schema.addPrimaryKey(to: table.name)
    let columns = table.columns.filter { $0.name != "position" }
    for (name, definition) in columns {
      try schema.addColumn(name, definition, to: table.name)
    }
    try fillColumns(of: table.name)
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
      try schema.addIndex(
        index.name, on: index.columns, of: table.name, kind: index.isUnique ? "UNIQUE KEY" : "KEY")
    }
    if table.name == "Step" { try countOn() }
    for key in table.foreignKeys { try schema.addForeignKey(key, to: table.name) }
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
    case "Feedback":
      try connection.execute("UPDATE Feedback SET name = 'user_feedback' WHERE name IS NULL")
      try connection.execute("UPDATE Feedback SET stepId = '' WHERE stepId IS NULL")
    default: break
    }
  }

  /// One row for one identifier: the oldest keeps the threads of all.
  private func mergeUsers() throws {
    let kept = """
      (SELECT identifier, MIN(id) AS id FROM `User` GROUP BY identifier HAVING COUNT(*) > 1) k
      """
    if try schema.hasTable("Thread"), try schema.type(of: "userId", in: "Thread") != nil {
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

  /// Rows whose thread was never written keep their rows, and get a thread.
  private func addMissingThreads(of table: String) throws {
    try connection.execute(
      """
      INSERT IGNORE INTO Thread (id, tags, metadata, createdAt, updatedAt)
      SELECT s.threadId, '{}', '{}', MIN(s.createdAt), MAX(s.createdAt) FROM \(table) s
      WHERE s.threadId IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM Thread t WHERE t.id = s.threadId)
      GROUP BY s.threadId
      """)
  }

  /// Numbers the steps by time; of equal times in a thread, a question comes first, then what was
  /// done for it, then its answer. Times become different, by microseconds, in that order.
  private func numberSteps() throws {
    try schema.addColumn("position", "BIGINT UNSIGNED NULL", to: "Step")
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
    if try schema.isAutoIncrement("position", in: "Step") { return }
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
