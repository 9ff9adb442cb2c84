import SessionCore
import TestSupport
import Testing

@Suite("The window")
struct PromptWindowTests {
  private let question = RandomConversation.message(.user, "la question")

  private func window(_ history: [Message], tokens: Int = 1_000_000) -> [Message] {
    PromptWindow(tokenCountMax: tokens).messages(for: question, in: history + [question])
  }

  @Test("T8 keeps every rule of order in 100,000 random conversations, whatever the budget")
  func randomConversations() {
    var random = RepeatableRandom(seed: 8)
    for number in 0..<100_000 {
      let history = RandomConversation.history(&random)
      let question = RandomConversation.message(.user, RandomConversation.text(1...20, &random))
      let budget = Int.random(in: 20...200, using: &random)
      let window = PromptWindow(tokenCountMax: budget) { $0.utf8.count }
      let messages = window.messages(for: question, in: history + [question])
      if let problem = violation(of: messages, question, history, budget) {
        Issue.record("conversation \(number): \(problem)\n\(describe(history, messages))")
        return
      }
    }
  }

  private func violation(
    of window: [Message], _ question: Message, _ history: [Message], _ budget: Int
  ) -> String? {
    if let problem = GeminiOrderRules.violation(of: window) { return problem }
    let used = window.reduce(0) { sum, message in
      message.toolCalls.reduce(sum + message.content.utf8.count) {
        $0 + $1.name.utf8.count + $1.arguments.utf8.count
      }
    }
    if used > budget { return "\(used) tokens, \(budget) allowed" }
    guard let last = window.last, last.id == question.id else { return "the question is not last" }
    if last.content != question.content {
      let ends = last.content.split(separator: PromptWindow.mark, omittingEmptySubsequences: false)
      if ends.count != 2 || !question.content.hasPrefix(ends[0])
        || !question.content.hasSuffix(ends[1])
      {
        return "the question was changed"
      }
    }
    let places = window.dropLast().map { message in history.firstIndex { $0.id == message.id } }
    let known = places.compactMap { $0 }
    if known.count != places.count || known != known.sorted() { return "the order changed" }
    if window.contains(where: { $0.answer?.state == .error }) { return "a failure was sent" }
    // The newest part, without a hole: whatever speaks for itself after the oldest message is
    // there.
    let ids = Set(window.map(\.id))
    let missing = history[(known.first ?? history.endIndex)...].first { message in
      !ids.contains(message.id) && message.role == .user && !message.content.isEmpty
    }
    return missing == nil ? nil : "a message in the middle is missing"
  }

  private func describe(_ history: [Message], _ window: [Message]) -> String {
    func line(_ message: Message) -> String {
      "\(message.role) \(message.content.count) \(message.toolCalls.map(\.id)) "
        + (message.resultOf?.id ?? "")
    }
    return (["history:"] + history.map(line) + ["window:"] + window.map(line))
      .joined(separator: "\n")
  }

  @Test("T8 An answer that calls tools is sent with what they gave, or not at all")
  func toolsTogether() {
    let calls = [
      ToolCall(id: "1", name: "météo", arguments: "{}"),
      ToolCall(id: "2", name: "heure", arguments: "{}"),
    ]
    let history = [
      RandomConversation.message(.user, "Quel temps ?"),
      RandomConversation.message(.assistant, "", calls: calls),
      RandomConversation.message(.tool, "30", answering: "1"),
      RandomConversation.message(.tool, "12 h", answering: "2"),
      RandomConversation.message(.assistant, "30 degrés"),
    ]
    #expect(window(history) == history + [question])
    for budget in 1...200 {
      let roles = window(history, tokens: budget).map(\.role)
      #expect([1, 6].contains(roles.count), "\(budget) tokens: \(roles)")
    }
  }

  @Test("T8 Of an answer whose calls were not all answered, the text is sent")
  func unanswered() {
    let call = ToolCall(id: "1", name: "météo", arguments: "{}")
    let asked = RandomConversation.message(.user, "Quel temps ?")
    let said = RandomConversation.message(.assistant, "Je regarde", calls: [call])
    let window = window([asked, said])
    #expect(window.map(\.content) == ["Quel temps ?", "Je regarde", "la question"])
    #expect(window.allSatisfy { $0.toolCalls.isEmpty })
    let lost = RandomConversation.message(.tool, "30", answering: "2")
    #expect(self.window([asked, said, lost]).map(\.content) == window.map(\.content))
  }

  @Test("T8 The window begins with a user's message, also when an answer would still fit")
  func beginsWithUser() {
    let history = [
      RandomConversation.message(.user, String(repeating: "a", count: 300)),
      RandomConversation.message(.assistant, "oui"),
      RandomConversation.message(.user, "b"), RandomConversation.message(.assistant, "non"),
    ]
    #expect(window(history, tokens: 60).map(\.content) == ["b", "non", "la question"])
    #expect(window(Array(history[1...])).map(\.content) == ["b", "non", "la question"])
    #expect(window([history[1]]) == [question])
  }

  @Test("T8 Of a question that is too long the middle is left out, with a mark, and it fits")
  func longQuestion() {
    let family = "👩‍👩‍👧"
    let long = RandomConversation.message(.user, String(repeating: family, count: 100))
    for budget in 20...400 {
      let window = PromptWindow(tokenCountMax: budget) { $0.utf8.count }
      let messages = window.messages(for: long, in: [long])
      #expect(messages.count == 1)
      let content = messages[0].content
      #expect(content.utf8.count + 4 <= max(budget, family.utf8.count + 11))
      let ends = content.split(separator: PromptWindow.mark, omittingEmptySubsequences: false)
      #expect(ends.count == 2)
      #expect(ends.joined().allSatisfy { String($0) == family })
      #expect(!ends[0].isEmpty, "never empty")
    }
  }

  @Test("T8 The beginning and the end of a long question stay, and what is left out is counted")
  func beginningAndEnd() {
    let text = "Résume ceci : " + String(repeating: "blabla ", count: 500) + "en trois points."
    let long = RandomConversation.message(.user, text)
    let earlier = [
      RandomConversation.message(.user, "a"), RandomConversation.message(.assistant, "b"),
    ]
    let (messages, leftOut) = PromptWindow(tokenCountMax: 60).fit(long, in: earlier + [long])
    #expect(messages.count == 1)
    #expect(messages[0].content.hasPrefix("Résume ceci : "))
    #expect(messages[0].content.hasSuffix("en trois points."))
    #expect(leftOut.messageCount == 2)
    let kept = messages[0].content.count - PromptWindow.mark.count
    #expect(leftOut.characterCount == text.count - kept)
    #expect(PromptWindow().fit(long, in: earlier + [long]).leftOut.isEmpty)
  }

  @Test("T8 What was said after the question is not sent")
  func nothingLater() {
    let early = RandomConversation.message(.user, "avant")
    let late = RandomConversation.message(.user, "après")
    let messages = PromptWindow().messages(for: question, in: [early, question, late])
    #expect(messages == [early, question])
  }

  @Test("T8 The budget is counted with the estimator that was given")
  func estimator() {
    let history = (0..<10).map { RandomConversation.message(.user, "\($0)") }
    let window = PromptWindow(tokenCountMax: 4 * 4 + 3 * 100) { $0.count == 1 ? 100 : 0 }
    #expect(
      window.messages(for: question, in: history).map(\.content) == ["7", "8", "9", "la question"])
  }
}
