import SessionCore

extension Prompt {
  /// The newest part of the conversation, for a model that finds the whole too long.
  func shortened(tokenCountMax: Int?) -> Prompt {
    guard let question = messages.last else { return self }
    let estimate = PromptWindow().estimate
    let half = messages.reduce(0) { $0 + estimate($1.content) } / 2
    // A fifth less than what the model said, for an estimate is one.
    let budget = max(1, min(half, tokenCountMax.map { $0 / 5 * 4 } ?? half))
    var prompt = self
    prompt.messages = PromptWindow(tokenCountMax: budget).messages(for: question, in: messages)
    return prompt
  }
}
