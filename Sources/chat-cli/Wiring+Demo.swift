import MySQLKit
import RedisKit
import SessionCore

/// What the demonstration shows of the servers, as it is there.
extension Wiring {
  /// The length and the seconds left of a list in Redis; nil when it is not there.
  func redisList(_ key: String) async throws -> (count: Int64, seconds: Int64)? {
    guard let redis else { return nil }
    let replies = try await redis.pipeline([
      RedisCommand("LLEN", .text(key)), RedisCommand("TTL", .text(key)),
    ])
    guard replies.count == 2, let count = replies[0].integer, count > 0,
      let seconds = replies[1].integer
    else { return nil }
    return (count, seconds)
  }

  /// The rows of a user in the archive's database.
  func rows(of user: UserID) async throws -> (threads: Int64, steps: Int64) {
    guard let mysql else { return (0, 0) }
    let result = try await mysql.query(
      """
      SELECT COUNT(DISTINCT t.id), COUNT(s.id)
      FROM Thread t LEFT JOIN Step s ON s.threadId = t.id WHERE t.userIdentifier = ?
      """, [.text(user.name)])
    guard let row = result.first else { return (0, 0) }
    return (try row.integer(0), try row.integer(1))
  }
}
