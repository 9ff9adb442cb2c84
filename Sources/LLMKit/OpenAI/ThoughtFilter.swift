/// Takes the thoughts out of a text that begins with them: `<think>…</think>` and its like, in any
/// split. What stands in the middle of an answer is its text.
struct ThoughtFilter: Sendable {
  private enum State {
    /// Nothing but white space has come, or the beginning of what may be a tag.
    case start
    case thought(end: String)
    case text
  }

  private var state = State.start
  /// What has come and is not decided yet; within a thought, what may be the beginning of its end.
  private var held = ""
  /// Whether white space is between a thought and the text, where nobody wants it.
  private var isBehindThought = false

  /// The tags of DeepSeek and Qwen, of Gemini's OpenAI interface, and of Mistral.
  private static let tags = [
    (begin: "<think>", end: "</think>"), (begin: "<thinking>", end: "</thinking>"),
    (begin: "<thought>", end: "</thought>"), (begin: "[THINK]", end: "[/THINK]"),
  ]

  /// What of `piece` is text, together with what was held back before.
  mutating func text(of piece: String) -> String {
    if case .text = state { return piece }
    held += piece
    while true {
      switch state {
      case .text: return release()
      case .start:
        let rest = held.drop(while: \.isWhitespace)
        if rest.isEmpty { return "" }
        if let tag = Self.tags.first(where: { rest.hasPrefix($0.begin) }) {
          held = String(rest.dropFirst(tag.begin.count))
          state = .thought(end: tag.end)
        } else if Self.tags.contains(where: { $0.begin.hasPrefix(rest) }) {
          return ""
        } else {
          if isBehindThought { held = String(rest) }
          state = .text
        }
      case .thought(let end):
        guard let range = held.firstRange(of: end) else {
          // Only what may be the beginning of the end is looked at again.
          held = String(held.suffix(end.count - 1))
          return ""
        }
        held = String(held[range.upperBound...])
        isBehindThought = true
        state = .start
      }
    }
  }

  /// What is still held back of the text, now that nothing more comes.
  mutating func end() -> String {
    guard case .start = state else { return "" }
    state = .text
    return isBehindThought && held.allSatisfy(\.isWhitespace) ? "" : release()
  }

  private mutating func release() -> String {
    defer { held = "" }
    return held
  }
}
