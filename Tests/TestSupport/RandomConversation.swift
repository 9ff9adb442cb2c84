public import SessionCore

/// Conversations that a seed repeats, with everything in them that a window has to deal with.
public enum RandomConversation {
  /// A message with what matters here.
  public static func message(
    _ role: Role, _ content: String, calls: [ToolCall] = [], answering id: String? = nil,
    state: AnswerState? = nil
  ) -> Message {
    Message(
      id: .generate(), role: role, content: content, createdAt: Timestamp(milliseconds: 0),
      answer: state.map { AnswerDetails(state: $0) }, toolCalls: calls,
      resultOf: id.map { ToolCall(id: $0, name: "outil", arguments: "{}") })
  }

  /// Text of a length in `length`.
  public static func text(
    _ length: ClosedRange<Int>, _ random: inout RepeatableRandom
  ) -> String {
    String(repeating: "é", count: Int.random(in: length, using: &random))
  }

  /// The newest part of a conversation: whole exchanges with tools, and everything that can be
  /// wrong with one.
  public static func history(_ random: inout RepeatableRandom) -> [Message] {
    var history: [Message] = []
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<3: history.append(message(.user, text(0...20, &random)))
      case 3, 4:
        history.append(message(.assistant, text(0...20, &random), state: .complete))
      case 5: history.append(message(.assistant, "échec", state: .error))
      case 6: history.append(message(.system, text(0...5, &random)))
      case 7: history.append(message(.tool, "perdu", answering: "c0"))
      default:
        let count = Int.random(in: 1...3, using: &random)
        let calls = (0..<count).map { number in
          ToolCall(
            id: "c\(Int.random(in: 0..<12, using: &random) == 0 ? 0 : number)", name: "outil",
            arguments: "{}")
        }
        history.append(
          message(.assistant, text(0...5, &random), calls: calls, state: .complete))
        var results = calls.map {
          message(.tool, text(0...5, &random), answering: $0.id)
        }
        if Int.random(in: 0..<4, using: &random) == 0 { results.shuffle(using: &random) }
        if Int.random(in: 0..<4, using: &random) == 0 { results.removeLast() }
        history += results
      }
    }
    // What is warm begins anywhere, also between a call and its answer.
    return history.suffix(Int.random(in: 0...12, using: &random))
  }
}
