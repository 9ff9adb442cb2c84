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
  /// forgets that when a browser disconnects. From an index, and quick when there is none.
  static func writeDown(_ connection: MySQLConnection) throws {
    try connection.execute(
      """
      UPDATE Thread t JOIN `User` u ON u.id = t.userId SET t.userIdentifier = u.identifier
      WHERE t.userIdentifier IS NULL
      """)
  }
}
