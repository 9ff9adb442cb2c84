import SessionCore

/// One numbered change of the schema. It can be interrupted at any statement and run again: each
/// statement of it does nothing when its work is done already.
struct Migration: Sendable {
  let number: Int
  let name: String
  /// What it makes of a database that the ones before it have made.
  let changes: [SchemaChange]
  /// What it does to a database that others have made or written to, before the changes.
  var adapt: (@Sendable (MySQLConnection) throws -> Void)?

  func run(_ connection: MySQLConnection) throws {
    try adapt?(connection)
    let schema = Schema(connection: connection)
    for change in changes { try change.make(schema) }
  }

  /// The statement that notes that it was run.
  var record: String {
    """
    INSERT INTO schema_migration (number, name, appliedAt) \
    VALUES (\(number), '\(name)', UTC_TIMESTAMP(6))
    """
  }

  /// All of them, in order.
  static let all: [Migration] = [
    Migration(
      number: 1, name: "tables", changes: ArchiveTables.all.map { .createTable($0) },
      adapt: { try OriginalUpgrade($0).run() }),
    Migration(
      number: 2, name: "rewound messages",
      changes: [
        .addColumn("rewound", definition: "TINYINT(1) NOT NULL DEFAULT 0", to: "Step"),
        .addIndex(
          "Step_thread_order", columns: "threadId, position, type, rewound", of: "Step"),
        .dropIndex("Step_thread_position", from: "Step"),
      ]),
    Migration(
      number: 3, name: "full text",
      changes: [
        // An index keeps the setting that it was made with: common words are words too.
        .statement("SET SESSION innodb_ft_enable_stopword = OFF"),
        .addIndex("Step_output_text", columns: "output", of: "Step", kind: "FULLTEXT KEY"),
        .addIndex("Thread_name_text", columns: "name", of: "Thread", kind: "FULLTEXT KEY"),
      ]),
    Migration(
      number: 4, name: "fewer keys of a thread",
      changes: [
        // Only threads that do not tell their owner themselves are looked up so: few, and no longer
        // a part of every append.
        .addIndex("Thread_user", columns: "userId, userIdentifier", of: "Thread"),
        .dropIndex("Thread_user_activity", from: "Thread"),
      ]),
    Migration(
      number: 5, name: "no foreign keys", changes: [],
      adapt: { connection in
        try OriginalUpgrade(connection).dropForeignKeys()
        // Columns of other programs, in databases that had their upgrade before.
        for table in ArchiveTables.all { try ForeignColumn.relax(table, connection) }
      }),
    Migration(
      number: 6, name: "rows in any order",
      changes: [
        // Rows that are there have their order; those that other programs add from now on may not.
        .addColumn("ordered", definition: "TINYINT(1) NOT NULL DEFAULT 1", to: "Step"),
        .statement("ALTER TABLE `Step` ALTER COLUMN `ordered` SET DEFAULT 0"),
        .statement(
          """
          UPDATE Step s JOIN (
            SELECT DISTINCT o.threadId FROM (
              SELECT x.threadId, x.createdAt,
                LAG(x.createdAt) OVER (PARTITION BY x.threadId ORDER BY x.position) AS earlier
              FROM Step x
            ) o WHERE o.createdAt <= o.earlier
          ) d ON d.threadId = s.threadId SET s.ordered = 0
          """),
      ]),
  ]

  /// The number of the newest.
  static let newest = all.map(\.number).max() ?? 0

  /// The table that counts them.
  static let recordTable = """
    CREATE TABLE IF NOT EXISTS schema_migration (
      number INT UNSIGNED NOT NULL PRIMARY KEY,
      name VARCHAR(255) NOT NULL,
      appliedAt DATETIME(6) NOT NULL
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
    """
}

/// How far a change of the schema has come.
public struct SchemaProgress: Sendable, Hashable {
  /// The migration under way.
  public let migration: Int
  /// The last one that there is.
  public let lastMigration: Int
  /// What the migration makes.
  public let name: String
  /// The statements of this migration so far, the one under way included. One that copies a table
  /// of millions of rows can take minutes.
  public internal(set) var statementCount = 0

  init(_ migration: Migration) {
    self.migration = migration.number
    lastMigration = Migration.newest
    name = migration.name
  }
}

/// Brings a database to the newest schema.
enum Migrator {
  /// Whether nothing is to be done. One statement.
  ///
  /// - Throws: `ArchiveError` with `ArchiveError.Code.unknownSchema` for a later version.
  static func isUpToDate(_ connection: MySQLConnection) throws -> Bool {
    try version(connection) == Migration.newest
  }

  /// Runs the migrations that are missing, one after the other, under a lock that no two processes
  /// hold at the same time. What stands in the way is found before anything is changed.
  static func run(
    _ connection: MySQLConnection, _ mode: SchemaMode, willRun: (Migration) -> Void = { _ in }
  ) throws {
    let seconds = Int64(wholeSeconds(connection.configuration.schemaTimeout))
    // The name of a database may be as long as that of a lock.
    let lock = "CONCAT('session-memory.', LEFT(SHA2(DATABASE(), 256), 32))"
    let locked = try connection.query("SELECT GET_LOCK(\(lock), ?)", [.integer(seconds)])
    guard try locked.first?.integerOrNil(0) == 1 else {
      throw ArchiveError(
        code: .unavailable, reason: "another process is still changing the schema")
    }
    connection.mayReconnect = false
    defer {
      connection.mayReconnect = true
      _ = try? connection.query("SELECT RELEASE_LOCK(\(lock))")
    }
    let done = try version(connection)
    if done == Migration.newest { return }
    if done == 0 {
      let obstacles = try SchemaInspection(connection).obstacles(mode)
      if let first = obstacles.first {
        throw ArchiveError(
          code: first.code, reason: obstacles.map(\.reason).joined(separator: "; "))
      }
    }
    try connection.execute(Migration.recordTable)
    for migration in Migration.all where migration.number > done {
      willRun(migration)
      do {
        try migration.run(connection)
      } catch let error as MySQLError {
        throw ArchiveError(error, during: "migration \(migration.number) (\(migration.name))")
      }
      try connection.execute(migration.record)
    }
  }

  /// The number of the last migration that was run; 0 for none.
  static func version(_ connection: MySQLConnection) throws -> Int {
    let newest: Int64
    do {
      newest =
        try connection.query("SELECT MAX(number) FROM schema_migration").first?.integerOrNil(0)
        ?? 0
    } catch let error as MySQLError where error.errno == tableMissing {
      return 0
    } catch let error as MySQLError where error.errno == columnMissing {
      throw ArchiveError(
        code: .unknownSchema, reason: "the database's schema_migration is not of this program")
    }
    guard newest <= Migration.newest else {
      throw ArchiveError(
        code: .unknownSchema,
        reason: """
          the database has schema \(newest), this program knows up to \(Migration.newest); \
          please update it
          """)
    }
    return Int(newest)
  }
}

private let tableMissing: UInt32 = 1146
private let columnMissing: UInt32 = 1054
