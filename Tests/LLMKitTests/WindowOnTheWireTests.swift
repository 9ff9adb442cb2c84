import FakeHTTP
import SessionCore
import TestSupport
import Testing

@testable import FakeGemini
@testable import LLMKit

@Suite("Windows on the wire")
struct WindowOnTheWireTests {
  @Test("T8 Gemini's own rules accept the window of every one of 100,000 random conversations")
  func accepted() async throws {
    var random = RepeatableRandom(seed: 88)
    let configuration = try GeminiConfiguration(apiKey: Secret("test-key"))
    let models = ["gemini-2.5-flash", "gemini-3.5-flash"]
    for number in 0..<100_000 {
      // The loop is long, and Swift has few threads for all tests.
      if number % 100 == 0 { await Task.yield() }
      let history = RandomConversation.history(&random)
      let question = RandomConversation.message(.user, RandomConversation.text(1...20, &random))
      let budget = Int.random(in: 20...200, using: &random)
      let window = PromptWindow(tokenCountMax: budget) { $0.utf8.count }
      let prompt = Prompt(
        conversation: .generate(),
        messages: window.messages(for: question, in: history + [question]))
      let model = models[number % models.count]
      let request = try GeminiRequest(prompt, model: model, configuration: configuration)
      var bytes: [UInt8] = []
      request.json.write(to: &bytes)
      let rules = ContentRules(
        try JSONDocument(parsing: bytes), family: ModelFamily(of: model))
      if let refusal = rules.violation() {
        Issue.record("conversation \(number): \(refusal)")
        return
      }
    }
  }
}
