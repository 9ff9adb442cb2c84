import SessionCore

/// Whether a thread `t` is a user's: by its own word or, where Chainlit left that out, by the row
/// of its user.
enum Owner {
  static let condition = """
    (t.userIdentifier = ? OR (t.userIdentifier IS NULL AND t.userId = \
    (SELECT u.id FROM `User` u WHERE u.identifier = ?)))
    """

  static func values(_ user: UserID) -> [MySQLValue] { [.text(user.name), .text(user.name)] }

  /// Writes down the owner of every thread whose row tells it by the user's row alone: the original
  /// forgets that when a browser disconnects. From an index; writes nothing when there is none.
  static func writeDown(_ connection: MySQLConnection) throws {
    let threads = "Thread t JOIN `User` u ON u.id = t.userId"
    let found = try connection.query(
      "SELECT 1 FROM \(threads) WHERE t.userIdentifier IS NULL LIMIT 1")
    if found.isEmpty { return }
    try connection.execute(
      "UPDATE \(threads) SET t.userIdentifier = u.identifier WHERE t.userIdentifier IS NULL")
  }
}
