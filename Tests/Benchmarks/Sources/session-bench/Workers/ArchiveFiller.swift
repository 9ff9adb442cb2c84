import MySQLKit
import SessionCore

/// Puts many rows into the archive's tables, in the form in which the archive writes them: a server
/// makes a million in seconds, which no client can send in that time.
struct ArchiveFiller {
  let client: MySQLClient

  /// Gives `user` as many threads, of two messages each.
  func fill(_ user: UserID, threadCount: Int) async throws {
    try await add(user)
    guard try await count("SELECT COUNT(*) FROM Thread WHERE userIdentifier = ?", user) == 0 else {
      return
    }
    let name: MySQLValue = .text(user.name)
    _ = try await client.execute(
      """
      INSERT INTO Thread (id, name, userId, userIdentifier, tags, metadata, createdAt, updatedAt)
      SELECT CONCAT(LEFT(UUID(), 24), LPAD(HEX(seq), 12, '0')), CONCAT('Discussion ', seq), u.id, ?,
        '{}', '{}', NOW(6) - INTERVAL seq SECOND, NOW(6) - INTERVAL seq SECOND
      FROM seq_1_to_\(threadCount) JOIN `User` u ON u.identifier = ?
      """, [name, name])
    for type in ["user_message", "assistant_message"] {
      _ = try await client.execute(
        """
        INSERT INTO Step (id, threadId, name, type, output, metadata, tags, generation, feedback,
          createdAt, startTime, endTime)
        SELECT CONCAT(LEFT(UUID(), 24), RIGHT(t.id, 12)), t.id, ?, ?, ?, '{}', '{}', '{}', '{}',
          t.createdAt, t.createdAt, t.createdAt
        FROM Thread t WHERE t.userIdentifier = ?
        """, [name, .text(type), .text(benchText), name])
    }
    try await analyze()
  }

  /// Gives `user` a thread of as many messages.
  func fill(_ thread: ConversationID, of user: UserID, messageCount: Int) async throws {
    try await add(user)
    let id: MySQLValue = .text(thread.description)
    let rows = try await client.query("SELECT COUNT(*) FROM Step WHERE threadId = ?", [id])
    guard try rows.first?.integer(0) == 0 else { return }
    let name: MySQLValue = .text(user.name)
    _ = try await client.execute(
      """
      INSERT INTO Thread (id, name, userId, userIdentifier, tags, metadata)
      SELECT ?, 'Une longue discussion', id, ?, '{}', '{}' FROM `User` WHERE identifier = ?
      """, [id, name, name])
    _ = try await client.execute(
      """
      INSERT INTO Step (id, threadId, name, type, output, metadata, tags, generation, feedback,
        createdAt, startTime, endTime)
      SELECT CONCAT(LEFT(UUID(), 24), LPAD(HEX(seq), 12, '0')), ?, ?,
        IF(seq % 2, 'user_message', 'assistant_message'), ?, '{}', '{}', '{}', '{}',
        t.at, t.at, t.at
      FROM (SELECT seq, '2026-01-01' + INTERVAL seq SECOND AS at FROM seq_1_to_\(messageCount)) t
      ORDER BY seq
      """, [id, name, .text(benchText)])
    try await analyze()
  }

  private func add(_ user: UserID) async throws {
    _ = try await client.execute(
      "INSERT IGNORE INTO `User` (id, identifier, metadata) VALUES (UUID(), ?, '{}')",
      [.text(user.name)])
  }

  private func count(_ sql: String, _ user: UserID) async throws -> Int64 {
    try await client.query(sql, [.text(user.name)]).first?.integer(0) ?? 0
  }

  private func analyze() async throws { _ = try await client.query("ANALYZE TABLE Thread, Step") }
}
