import SessionCore

/// Hands an answer on, and remembers what decides about another try: whether the reader has seen
/// text, and the tool rounds that are stored.
struct AttemptWriter<Base: AnswerWriter>: AnswerWriter {
  private(set) var base: Base
  private(set) var hasText = false
  private var rounds: [Message] = []
  /// Called before the first text is handed on.
  private let onFirstText: @Sendable () async -> Void

  init(_ base: Base, onFirstText: @escaping @Sendable () async -> Void = {}) {
    self.base = base
    self.onFirstText = onFirstText
  }

  mutating func write(_ part: AnswerPart) async throws {
    if case .text(let text) = part, !text.isEmpty, !hasText {
      hasText = true
      await onFirstText()
    }
    try await base.write(part)
    switch part {
    case .toolCalls(let calls): rounds.append(Message(calls: calls, saying: ""))
    case .toolResult(let result): rounds.append(Message(result))
    default: break
    }
  }

  /// `prompt` with the tool rounds of this try behind it. Right as long as no text was shown.
  func continuing(_ prompt: Prompt) -> Prompt {
    var prompt = prompt
    prompt.messages += rounds
    return prompt
  }
}

extension Message {
  /// A round of calls, for a prompt: what is stored of it has an id and a time of its own.
  init(calls: [ToolCall], saying text: String) {
    self.init(
      id: .generate(), role: .assistant, content: text, createdAt: .now(), toolCalls: calls)
  }

  /// The result of a tool, for a prompt.
  init(_ result: ToolResult) {
    self.init(
      id: .generate(), role: .tool, content: result.content, createdAt: .now(),
      resultOf: result.call)
  }
}
