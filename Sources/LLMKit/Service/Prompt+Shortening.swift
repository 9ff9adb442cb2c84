package import SessionCore

extension Prompt {
  /// The newest part of the conversation, for a model that finds the whole too long. The whole when
  /// its last message is no question.
  package func shortened(tokenCountMax: Int?) -> Prompt {
    guard let question = messages.last, question.role == .user else { return self }
    let estimate = PromptWindow().estimate
    let half = messages.reduce(0) { $0 + estimate($1.content) } / 2
    // A fifth less than what the model said, for an estimate is one.
    let budget = max(1, min(half, tokenCountMax.map { $0 / 5 * 4 } ?? half))
    var prompt = self
    prompt.messages = PromptWindow(tokenCountMax: budget).messages(for: question, in: messages)
    return prompt
  }

  /// The same question behind the newer half of what was said before, for a model that needs too
  /// long for the whole. Nil when there is nothing to leave out, or the last message is no
  /// question: what a tool gave stays with its call.
  package var withHalfTheHistory: Prompt? {
    guard let question = messages.last, question.role == .user else { return nil }
    let estimate = PromptWindow().estimate
    func cost(_ message: Message) -> Int {
      estimate(message.content) + PromptWindow.messageTokenCount
    }
    let history = messages.dropLast().reduce(0) { $0 + cost($1) }
    let window = PromptWindow(tokenCountMax: cost(question) + history / 2)
    var prompt = self
    prompt.messages = window.messages(for: question, in: messages)
    return prompt.messages.count < messages.count ? prompt : nil
  }
}
