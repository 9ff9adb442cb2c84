import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The row of a user.
enum UserRow {
  /// The id of the user's row, which is made when it is not there.
  static func id(
    of identifier: String, createdAt: MySQLValue, on connection: MySQLConnection
  ) throws -> String {
    let select = "SELECT id FROM `User` WHERE identifier = ?"
    if let row = try connection.execute(select, [.text(identifier)]).first {
      return try row.text(0)
    }
    // Another process may be as fast: then its row stands.
    try connection.execute(
      """
      INSERT INTO `User` (id, identifier, metadata, createdAt, updatedAt)
      VALUES (?, ?, '{"provider":"chat-cli"}', ?, ?) ON DUPLICATE KEY UPDATE id = id
      """,
      [.text(UUID().uuidString.lowercased()), .text(identifier), createdAt, createdAt])
    guard let row = try connection.execute(select, [.text(identifier)]).first else {
      throw MySQLError(code: .deadlock, reason: "the user was removed at the same time")
    }
    return try row.text(0)
  }
}
