/// The tables of the archive, with the names and columns that Chainlit's MySQL layers use. Columns
/// of ours have defaults, so that a row which Chainlit writes needs none of them.
///
/// Identifiers compare to the byte; texts, so that a search finds `École` under `ecole`, do not.
enum ArchiveTables {
  /// One table: what it is made of, so that it can be made, and an older one changed into it.
  struct Table {
    let name: String
    let columns: [(name: String, definition: String)]
    var indexes: [Index] = []
  }

  struct Index {
    let name: String
    let columns: String
    var isUnique = false
  }

  /// All of them. None refers to another by a foreign key: Chainlit writes the steps of a new chat
  /// beside the row of its thread, and a key would refuse those that come first.
  static let all = [user, thread, step, element, feedback]

  private static let id = "CHAR(36) COLLATE utf8mb4_bin NOT NULL"
  private static let reference = "CHAR(36) COLLATE utf8mb4_bin NULL"
  private static let identifier = "VARCHAR(255) COLLATE utf8mb4_bin"
  private static let text = "MEDIUMTEXT COLLATE utf8mb4_unicode_ci NULL"
  private static let time = "DATETIME(6) NULL"
  private static let now = "DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6)"

  private static let user = Table(
    name: "User",
    columns: [
      ("id", id), ("identifier", "\(identifier) NOT NULL"), ("metadata", "JSON NULL"),
      ("createdAt", now), ("updatedAt", now),
    ],
    indexes: [Index(name: "User_identifier", columns: "identifier", isUnique: true)])

  private static let thread = Table(
    name: "Thread",
    columns: [
      ("id", id), ("name", "VARCHAR(255) COLLATE utf8mb4_unicode_ci NULL"), ("userId", reference),
      ("userIdentifier", "\(identifier) NULL"), ("tags", "JSON NULL"), ("metadata", "JSON NULL"),
      ("createdAt", now), ("updatedAt", now),
      (
        "lastActivity",
        "DATETIME(6) AS (COALESCE(updatedAt, createdAt, '1970-01-01 00:00:00')) STORED"
      ),
    ],
    indexes: [
      Index(
        name: "Thread_identifier_activity", columns: "userIdentifier, lastActivity, id"),
      Index(
        name: "Thread_user_activity", columns: "userId, userIdentifier, lastActivity, id"),
    ])

  private static let step = Table(
    name: "Step",
    columns: [
      ("id", id), ("threadId", id), ("parentId", reference), ("name", "\(identifier) NULL"),
      ("type", "VARCHAR(32) COLLATE utf8mb4_bin NULL"), ("input", text), ("output", text),
      ("metadata", "JSON NULL"), ("tags", "JSON NULL"), ("createdAt", now), ("startTime", time),
      ("endTime", time), ("isError", "TINYINT(1) NULL DEFAULT 0"), ("generation", "JSON NULL"),
      ("feedback", "JSON NULL"), ("position", "BIGINT UNSIGNED NOT NULL AUTO_INCREMENT"),
    ],
    indexes: [
      Index(name: "Step_position", columns: "position", isUnique: true),
      Index(name: "Step_thread_position", columns: "threadId, position, type"),
    ])

  private static let element = Table(
    name: "Element",
    columns: [
      ("id", id), ("threadId", reference), ("forId", reference), ("name", "VARCHAR(255) NULL"),
      ("type", "VARCHAR(64) NULL"), ("url", "TEXT NULL"), ("path", "TEXT NULL"),
      ("content", "LONGBLOB NULL"), ("mime", "VARCHAR(255) NULL"), ("metadata", "JSON NULL"),
      ("createdAt", now), ("updatedAt", now),
    ],
    indexes: [Index(name: "Element_thread", columns: "threadId, forId")])

  private static let feedback = Table(
    name: "Feedback",
    columns: [
      ("id", id), ("stepId", id),
      ("name", "\(identifier) NOT NULL DEFAULT 'user_feedback'"), ("value", "DOUBLE NULL"),
      ("comment", "MEDIUMTEXT NULL"), ("createdAt", now), ("updatedAt", now),
    ],
    indexes: [Index(name: "Feedback_step_name", columns: "stepId, name", isUnique: true)])
}

extension ArchiveTables.Table {
  /// The statement that makes the table.
  var creation: String {
    var parts = columns.map { "`\($0.name)` \($0.definition)" } + ["PRIMARY KEY (id)"]
    parts += indexes.map { "\($0.isUnique ? "UNIQUE KEY" : "KEY") `\($0.name)` (\($0.columns))" }
    return """
      CREATE TABLE IF NOT EXISTS `\(name)` (\(parts.joined(separator: ", ")))
      ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
      """
  }
}
