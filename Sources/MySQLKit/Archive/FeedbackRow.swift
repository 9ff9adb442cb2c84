import SessionCore

/// A judgement as a row of `Feedback`.
enum FeedbackRow {
  /// The name under which Chainlit's page keeps it.
  static let name = "user_feedback"

  static func comparison(_ value: Feedback.Value) -> String {
    switch value {
    case .up: ">= 0.5"
    case .down: "< 0.5"
    }
  }

  static func number(_ value: Feedback.Value) -> MySQLValue { value == .up ? 1.0 : 0.0 }

  static func value(_ number: MySQLValue) -> Feedback.Value {
    switch number {
    case .double(let number): number >= 0.5 ? .up : .down
    case .integer(let number): number >= 1 ? .up : .down
    default: .down
    }
  }

  /// Writes a judgement, in place of an older one.
  static func set(
    _ feedback: Feedback, on message: MessageID, _ connection: MySQLConnection
  ) throws {
    let now = MySQLValue(microseconds: Timestamp.now().columnMicroseconds)
    try connection.execute(
      """
      INSERT INTO Feedback (id, stepId, name, value, comment, createdAt, updatedAt)
      VALUES (?, ?, '\(name)', ?, ?, ?, ?)
      ON DUPLICATE KEY UPDATE value = VALUES(value), comment = VALUES(comment),
        updatedAt = VALUES(updatedAt)
      """,
      [
        .text(MessageID.generate().description), .text(message.description),
        number(feedback.value), MySQLValue(feedback.comment), now, now,
      ])
  }
}
