import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Gemini, scenario by scenario")
struct GeminiScenarioTests {
  static let pieces = ["Voici ", "le résumé 🇫🇷", " en “trois” points."]
  static let whole = pieces.joined()

  /// What a scenario must come to.
  enum Outcome {
    case whole(AnswerState, finishReason: String)
    case failure(ResponderError.Code, text: String)
  }

  static let complete = Outcome.whole(.complete, finishReason: "STOP")

  /// Every scenario with a fixed name has a line here; those that hold are in other tests.
  static let outcomes: [String: Outcome] = [
    "ok": complete, "ok-stop-everywhere": complete, "ok-usage-only-chunk": complete,
    "ok-empty-content": complete, "ok-thoughts": complete, "ok-multipart": complete,
    "ok-signature": complete, "rerouted": complete, "split-utf8": complete, "lf-only": complete,
    "cr-only": complete, "no-space": complete, "no-last-blank-line": complete, "bom": complete,
    "comments": complete, "multiline-data": complete,
    "unknown-enum": .failure(.malformedResponse, text: whole),
    "cut": .failure(.cut, text: pieces[0]), "cut-unclean": .failure(.cut, text: pieces[0]),
    "reset": .failure(.cut, text: pieces[0]),
    "error-mid-stream": .failure(.overloaded, text: pieces[0]),
    "error-mid-stream-data-line": .failure(.overloaded, text: pieces[0]),
    "error-mid-stream-array": .failure(.overloaded, text: pieces[0]),
    "blocked-prompt": .failure(.blocked, text: ""),
    "safety-mid": .failure(.blocked, text: pieces[0]),
    "max-tokens-empty": .failure(.outOfTokens, text: ""),
    "malformed-call": .failure(.malformedResponse, text: pieces[0]),
    "quota-minute": .failure(.quotaExhausted, text: ""),
    "quota-day": .failure(.quotaExhausted, text: ""),
    "quota-both": .failure(.quotaExhausted, text: ""),
    "quota-bare": .failure(.quotaExhausted, text: ""),
    "quota-limit-0": .failure(.modelUnavailable, text: ""),
    "quota-zero-delay": .failure(.quotaExhausted, text: ""),
    "quota-message-delay": .failure(.quotaExhausted, text: ""),
    "quota-no-id": .failure(.quotaExhausted, text: ""),
    "quota-no-delay": .failure(.quotaExhausted, text: ""),
    "quota-tokens-minute": .failure(.quotaExhausted, text: ""),
    "quota-tokens-day": .failure(.quotaExhausted, text: ""),
    "quota-minute-paid": .failure(.quotaExhausted, text: ""),
    "quota-day-paid": .failure(.quotaExhausted, text: ""),
    "quota-tokens-minute-paid": .failure(.quotaExhausted, text: ""),
    "capacity": .failure(.overloaded, text: ""), "capacity-503": .failure(.overloaded, text: ""),
    "overloaded": .failure(.overloaded, text: ""),
    "high-demand": .failure(.overloaded, text: ""), "internal": .failure(.overloaded, text: ""),
    "bad-gateway-html": .failure(.overloaded, text: ""),
    "bad-gateway-text": .failure(.overloaded, text: ""),
    "deadline": .failure(.timedOut, text: ""), "cancelled": .failure(.overloaded, text: ""),
    "gone": .failure(.modelUnavailable, text: ""),
    "gone-new-users": .failure(.modelUnavailable, text: ""),
    "not-found": .failure(.modelUnavailable, text: ""),
    "key-invalid": .failure(.credentials, text: ""),
    "key-expired": .failure(.credentials, text: ""),
    "key-missing": .failure(.credentials, text: ""),
    "key-leaked": .failure(.credentials, text: ""),
    "service-disabled": .failure(.serviceRefused, text: ""),
    "unauthenticated": .failure(.credentials, text: ""),
    "location": .failure(.serviceRefused, text: ""),
    "too-many-tokens": .failure(.tooLong, text: ""),
    "error-as-sse": .failure(.overloaded, text: ""),
    "error-in-array": .failure(.overloaded, text: ""),
    "error-with-errors": .failure(.overloaded, text: ""),
  ]

  @Test("Every scenario comes to what the wire reference says", arguments: Scenario.all)
  func scenario(_ scenario: Scenario) async throws {
    guard ![.stall, .slowFirstByte, .functionCall, .parallelCalls].contains(scenario) else {
      return
    }
    let outcome = try #require(Self.outcomes[scenario.name], "\(scenario.name) is not covered")
    let fake = try await FakeGemini()
    fake.setAnswer { _ in Self.pieces }
    fake.set(scenario)
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    switch outcome {
    case .whole(let state, let finishReason):
      #expect(text == Self.whole)
      let summary = try result.get()
      #expect(summary.state == state)
      #expect(summary.finishReason == finishReason)
      #expect(
        summary.model == (scenario == .rerouted ? "gemini-3.5-flash-lite" : "gemini-2.5-flash"))
      let usage = try #require(summary.usage)
      #expect(usage.answerTokenCount > 0)
      #expect(usage.promptTokenCount > 0)
    case .failure(let code, let shown):
      #expect(text == shown)
      #expect(result.code == code)
      if case .failure(let error as ResponderError) = result {
        #expect(!"\(error) \(error.reason)".contains("test-key"))
      }
    }
    await fake.close()
  }

  @Test("Any split of the bytes gives the same answer", arguments: [1, 2, 3, 7, 64])
  func splits(byteCount: Int) async throws {
    let fake = try await FakeGemini()
    fake.setAnswer { _ in Self.pieces }
    fake.set(.ok.split(every: byteCount))
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text == Self.whole)
    #expect(result.code == nil)
    await fake.close()
  }

  @Test(
    "Every finish and block reason has its meaning",
    arguments: [
      ("finish-SAFETY", ResponderError.Code.blocked), ("finish-RECITATION", .blocked),
      ("finish-LANGUAGE", .blocked), ("finish-BLOCKLIST", .blocked), ("finish-SPII", .blocked),
      ("finish-PROHIBITED_CONTENT", .blocked), ("finish-IMAGE_SAFETY", .blocked),
      ("finish-MALFORMED_FUNCTION_CALL", .malformedResponse),
      ("finish-UNEXPECTED_TOOL_CALL", .malformedResponse),
      ("finish-TOO_MANY_TOOL_CALLS", .malformedResponse),
      ("finish-MISSING_THOUGHT_SIGNATURE", .malformedResponse),
      ("finish-OTHER", .malformedResponse), ("finish-NEW", .malformedResponse),
      ("blocked-SAFETY", .blocked), ("blocked-OTHER", .blocked), ("blocked-NEW", .blocked),
    ])
  func reasons(name: String, code: ResponderError.Code) async throws {
    let fake = try await FakeGemini()
    fake.set(try #require(Scenario(name: name)).after(chunkCount: 0))
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text.isEmpty)
    #expect(result.code == code)
    await fake.close()
  }

  @Test("R4 A word for the end that is not known is no success, text or not")
  func otherWithText() async throws {
    let fake = try await FakeGemini()
    fake.setAnswer { _ in Self.pieces }
    fake.set(try #require(Scenario(name: "finish-OTHER")).after(chunkCount: 2))
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text == Self.pieces[0] + Self.pieces[1])
    #expect(result.code == .malformedResponse)
    await fake.close()
  }
}
