/// The tables of the archive, with the names and columns that Chainlit's MySQL layers use. Columns
/// of ours have defaults, so that a row which Chainlit writes needs none of them.
///
/// Identifiers compare to the byte; texts, so that a search finds `École` under `ecole`, do not.
enum ArchiveTables {
  /// In the order in which they can be created.
  static let all = [user, thread, step, element, feedback]

  private static let options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"

  private static let user = """
    CREATE TABLE IF NOT EXISTS `User` (
      id CHAR(36) NOT NULL PRIMARY KEY,
      identifier VARCHAR(255) NOT NULL,
      metadata JSON NULL,
      createdAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      updatedAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      UNIQUE KEY User_identifier (identifier)
    ) \(options)
    """

  private static let thread = """
    CREATE TABLE IF NOT EXISTS Thread (
      id CHAR(36) NOT NULL PRIMARY KEY,
      name VARCHAR(255) COLLATE utf8mb4_unicode_ci NULL,
      userId CHAR(36) NULL,
      userIdentifier VARCHAR(255) NULL,
      tags JSON NULL,
      metadata JSON NULL,
      createdAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      updatedAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      lastActivity DATETIME(6) AS
        (COALESCE(updatedAt, createdAt, '1970-01-01 00:00:00')) STORED,
      KEY Thread_identifier_activity (userIdentifier, lastActivity, id),
      KEY Thread_user_activity (userId, userIdentifier, lastActivity, id),
      CONSTRAINT Thread_user FOREIGN KEY (userId) REFERENCES `User` (id) ON DELETE CASCADE
    ) \(options)
    """

  private static let step = """
    CREATE TABLE IF NOT EXISTS Step (
      id CHAR(36) NOT NULL PRIMARY KEY,
      threadId CHAR(36) NOT NULL,
      parentId CHAR(36) NULL,
      name VARCHAR(255) NULL,
      type VARCHAR(32) NULL,
      input MEDIUMTEXT COLLATE utf8mb4_unicode_ci NULL,
      output MEDIUMTEXT COLLATE utf8mb4_unicode_ci NULL,
      metadata JSON NULL,
      tags JSON NULL,
      createdAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      startTime DATETIME(6) NULL,
      endTime DATETIME(6) NULL,
      isError TINYINT(1) NULL DEFAULT 0,
      generation JSON NULL,
      feedback JSON NULL,
      position BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      UNIQUE KEY Step_position (position),
      KEY Step_thread_position (threadId, position, type),
      CONSTRAINT Step_thread FOREIGN KEY (threadId) REFERENCES Thread (id) ON DELETE CASCADE
    ) \(options)
    """

  private static let element = """
    CREATE TABLE IF NOT EXISTS Element (
      id CHAR(36) NOT NULL PRIMARY KEY,
      threadId CHAR(36) NULL,
      forId CHAR(36) NULL,
      name VARCHAR(255) NULL,
      type VARCHAR(64) NULL,
      url TEXT NULL,
      path TEXT NULL,
      content LONGBLOB NULL,
      mime VARCHAR(255) NULL,
      metadata JSON NULL,
      createdAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      updatedAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      KEY Element_thread (threadId, forId),
      CONSTRAINT Element_thread FOREIGN KEY (threadId) REFERENCES Thread (id) ON DELETE CASCADE
    ) \(options)
    """

  private static let feedback = """
    CREATE TABLE IF NOT EXISTS Feedback (
      id CHAR(36) NOT NULL PRIMARY KEY,
      stepId CHAR(36) NOT NULL,
      name VARCHAR(255) NOT NULL DEFAULT 'user_feedback',
      value DOUBLE NULL,
      comment MEDIUMTEXT NULL,
      createdAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      updatedAt DATETIME(6) NULL DEFAULT CURRENT_TIMESTAMP(6),
      UNIQUE KEY Feedback_step_name (stepId, name),
      CONSTRAINT Feedback_step FOREIGN KEY (stepId) REFERENCES Step (id) ON DELETE CASCADE
    ) \(options)
    """
}
