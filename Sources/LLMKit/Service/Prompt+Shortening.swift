package import SessionCore

extension Prompt {
  /// The newest part of the conversation, for a model that finds the whole too long, and what was
  /// left out for it. The whole when its last message is no question.
  ///
  /// The service's own count of tokens is the measure, where it told one: texts differ by more than
  /// any estimate allows for.
  package func shortened(by overflow: Overflow) -> (prompt: Prompt, leftOut: PromptOmission) {
    guard let question = messages.last, question.role == .user else {
      return (self, PromptOmission())
    }
    let window = PromptWindow()
    let instructionCount = window.estimate(instruction ?? "")
    let total = messages.reduce(instructionCount) { $0 + window.cost(of: $1) }
    var budget = total / 2
    if let limit = overflow.tokenCountMax {
      var fitting = limit
      if let count = overflow.tokenCount, count > limit {
        fitting = Int(Double(total) * Double(limit) / Double(count))
      }
      // A fifth less: the answer wants room too, and an estimate is one.
      budget = min(budget, fitting / 5 * 4)
    }
    let fitted = PromptWindow(tokenCountMax: max(1, budget - instructionCount))
      .fit(question, in: messages)
    var prompt = self
    prompt.messages = fitted.messages
    return (prompt, fitted.leftOut)
  }

  /// The newest part of the conversation, for a model that takes so many tokens.
  package func shortened(tokenCountMax: Int?) -> Prompt {
    shortened(by: Overflow(tokenCountMax: tokenCountMax)).prompt
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
