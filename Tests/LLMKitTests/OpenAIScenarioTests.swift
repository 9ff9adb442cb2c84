import FakeOpenAI
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("OpenAI's interface, scenario by scenario", .timeLimit(.minutes(5)))
struct OpenAIScenarioTests {
  static let pieces = ["Voici ", "le résumé 🇫🇷", " en “trois” points."]

  /// What a scenario must come to: text, state and code.
  typealias Outcome = (text: String, state: AnswerState?, code: ResponderError.Code?)

  static let whole: Outcome = (pieces.joined(), .complete, nil)

  /// Every scenario with a fixed name has a line here; those that hold are waited out below.
  static let outcomes: [String: Outcome] = [
    "ok": whole, "no-done": whole, "comments": whole, "crlf": whole, "split-utf8": whole,
    "empty-deltas": whole, "reasoning": whole, "slow-first-byte": whole,
    "unknown-enum": (pieces.joined(), nil, .malformedResponse),
    "stall": whole, "length": (pieces.joined(), .partial, nil),
    "cut": (pieces[0], nil, .cut), "cut-unclean": (pieces[0], nil, .cut),
    "reset": (pieces[0], nil, .cut), "error-mid-stream": (pieces[0], nil, .overloaded),
    "content-filter": (pieces[0], nil, .blocked),
    "rate-limited": ("", nil, .quotaExhausted), "rate-limited-tokens": ("", nil, .quotaExhausted),
    "rate-limited-bare": ("", nil, .quotaExhausted),
    "insufficient-quota": ("", nil, .quotaExhausted), "server-error": ("", nil, .overloaded),
    "overloaded": ("", nil, .overloaded), "loading": ("", nil, .overloaded),
    "bad-gateway-html": ("", nil, .overloaded), "key-invalid": ("", nil, .credentials),
    "country": ("", nil, .serviceRefused), "model-not-found": ("", nil, .modelUnavailable),
    "error-string": ("", nil, .modelUnavailable), "context-length": ("", nil, .tooLong),
    // No tool is declared here; those that are, are called in other tests.
    "tool-call": whole, "parallel-calls": whole,
  ]

  @Test("Every scenario comes to what it means", arguments: OpenAIScenario.all)
  func scenario(_ scenario: OpenAIScenario) async throws {
    let outcome = try #require(Self.outcomes[scenario.name], "\(scenario.name) is not covered")
    let fake = try await FakeOpenAI()
    fake.setAnswer { _ in Self.pieces }
    fake.set(scenario)
    let responder = OpenAIResponder(
      model: "gpt-4o-mini",
      configuration: try OpenAIConfiguration(apiKey: Secret("test-key"), baseURL: fake.baseURL))
    let run = Task { await GeminiBench.run(responder) }
    if scenario == .stall || scenario == .slowFirstByte {
      try await fake.waitForStalls()
      fake.releaseStalls()
    }
    let (text, _, result) = await run.value
    #expect(text == outcome.text)
    #expect(result.code == outcome.code)
    if let summary = try? result.get() {
      #expect(summary.state == outcome.state)
      #expect(summary.model == "gpt-4o-mini" && summary.responseID?.isEmpty == false)
      #expect((summary.usage?.answerTokenCount ?? 0) > 0)
    }
    if case .failure(let error) = result { #expect(!"\(error)".contains("test-key")) }
    await fake.close()
  }
}
