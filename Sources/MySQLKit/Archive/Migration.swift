import SessionCore

/// One numbered change of the schema. It can be interrupted at any statement and run again: each
/// statement of it does nothing when its work is done already.
struct Migration: Sendable {
  let number: Int
  let name: String
  let run: @Sendable (MySQLConnection) throws -> Void

  /// All of them, in order.
  static let all: [Migration] = [
    Migration(number: 1, name: "tables") { connection in
      try OriginalUpgrade(connection).run()
    },
    Migration(number: 2, name: "rewound messages") { connection in
      let schema = Schema(connection: connection)
      try schema.addColumn("rewound", "TINYINT(1) NOT NULL DEFAULT 0", to: "Step")
      // The foreign key needs an index on the thread at any time: the new one comes first.
      try schema.addIndex(
        "Step_thread_order", on: "threadId, position, type, rewound", of: "Step")
      try schema.dropIndex("Step_thread_position", from: "Step")
    },
    Migration(number: 3, name: "full text") { connection in
      let schema = Schema(connection: connection)
      // An index keeps the setting that it was made with: common words are words too.
      try connection.execute("SET SESSION innodb_ft_enable_stopword = OFF")
      try schema.addIndex("Step_output_text", on: "output", of: "Step", kind: "FULLTEXT KEY")
      try schema.addIndex("Thread_name_text", on: "name", of: "Thread", kind: "FULLTEXT KEY")
    },
    Migration(number: 4, name: "fewer keys of a thread") { connection in
      let schema = Schema(connection: connection)
      // Only threads that do not tell their owner themselves are looked up so: few, and no longer a
      // part of every append.
      try schema.addIndex("Thread_user", on: "userId, userIdentifier", of: "Thread")
      try schema.dropIndex("Thread_user_activity", from: "Thread")
    },
  ]

  /// The number of the newest.
  static let newest = all.map(\.number).max() ?? 0
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
  /// hold at the same time.
  static func run(
    _ connection: MySQLConnection, willRun: (Migration) -> Void = { _ in }
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
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS schema_migration (
        number INT UNSIGNED NOT NULL PRIMARY KEY,
        name VARCHAR(255) NOT NULL,
        appliedAt DATETIME(6) NOT NULL
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
      """)
    for migration in Migration.all where migration.number > done {
      willRun(migration)
      try migration.run(connection)
      try connection.execute(
        "INSERT INTO schema_migration (number, name, appliedAt) VALUES (?, ?, UTC_TIMESTAMP(6))",
        [.integer(Int64(migration.number)), .text(migration.name)])
    }
  }

  /// The number of the last migration that was run; 0 for none.
  private static func version(_ connection: MySQLConnection) throws -> Int {
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
