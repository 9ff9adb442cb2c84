public import SessionCore

/// The order rules that the wire reference gives for the turns of a request, applied to a window.
///
/// Messages become turns as the reference wants: roles `user` and `model` only, results of tools in
/// a user's turn, neighbours of one role merged, instructions apart.
public enum GeminiOrderRules {
  private enum Part {
    case text
    case call(ToolCall)
    case response(callID: String)
  }

  private struct Turn {
    let role: String
    var parts: [Part]

    var calls: [ToolCall] {
      parts.compactMap { if case .call(let call) = $0 { call } else { nil } }
    }
    var responses: [String] {
      parts.compactMap { if case .response(let id) = $0 { id } else { nil } }
    }
  }

  /// The first rule that the window breaks; nil when it keeps them all.
  public static func violation(of window: [Message]) -> String? {
    let turns = turns(of: window)
    guard let first = turns.first, let last = turns.last else { return "there is no turn" }
    if first.role != "user" { return "the first turn is not the user's" }
    if last.role != "user" { return "the last turn is not the user's" }
    if !first.responses.isEmpty { return "the first turn answers nothing" }
    for (index, turn) in turns.enumerated() {
      if turn.parts.isEmpty { return "turn \(index) has no part" }
      let before = index == 0 ? [] : turns[index - 1].calls
      if Set(turn.responses) != Set(before.map(\.id)) || turn.responses.count != before.count {
        return "turn \(index) answers \(turn.responses), asked were \(before.map(\.id))"
      }
      if Set(turn.calls.map(\.id)).count != turn.calls.count {
        return "turn \(index) uses an id twice"
      }
    }
    return nil
  }

  private static func turns(of window: [Message]) -> [Turn] {
    var turns: [Turn] = []
    for message in window where message.role != .system {
      var parts: [Part] = message.content.isEmpty ? [] : [.text]
      if message.role == .tool { parts = [.response(callID: message.resultOf?.id ?? "")] }
      parts += message.toolCalls.map(Part.call)
      let role = message.role == .assistant ? "model" : "user"
      if turns.last?.role == role {
        turns[turns.count - 1].parts += parts
      } else {
        turns.append(Turn(role: role, parts: parts))
      }
    }
    return turns
  }
}
