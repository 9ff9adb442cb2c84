import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("What is stored of an answer that came to no good end", .timeLimit(.minutes(5)))
struct BrokenAnswerTests {
  private let archive = InMemoryArchive()
  private let conversation = ConversationID.generate()
  private let user: UserID

  init() throws { user = try UserID("Awa") }

  private func service(_ responder: any Responder) -> ChatService {
    ChatService(sessions: InMemorySessionStore(), archive: archive, responder: responder)
  }

  private func gemini(_ fake: FakeGemini) throws -> GeminiResponder {
    GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
  }

  private func storedAnswer() async throws -> Message {
    let messages = await archive.newestMessages(in: conversation, of: user, limit: 10)
    return try #require(messages.last { $0.role == .assistant })
  }

  @Test(
    "T1 Model, tokens and id are kept of an answer that is cut, blocked or spoilt",
    arguments: [
      (Scenario.cut, AnswerState.partial, nil), (.cutUnclean, .partial, nil),
      (.reset, .partial, nil), (.errorMidStream, .partial, nil),
      (.safetyMid, .partial, "SAFETY"), (.malformedCall, .partial, "MALFORMED_FUNCTION_CALL"),
      (.blockedPrompt, .error, nil), (.maxTokensEmpty, .error, "MAX_TOKENS"),
    ] as [(Scenario, AnswerState, String?)])
  func failed(scenario: Scenario, state: AnswerState, finishReason: String?) async throws {
    let fake = try await FakeGemini()
    fake.setAnswer { _ in ["Un ", "deux ", "trois"] }
    fake.set(scenario)
    let turn = try await service(gemini(fake)).ask("Bonjour", in: conversation, as: user)
    #expect(turn.failure != nil)
    let answer = try await storedAnswer()
    let details = try #require(answer.answer)
    #expect(details.state == state)
    #expect(details.model == "gemini-2.5-flash")
    #expect(details.responseID?.isEmpty == false)
    #expect((details.usage?.promptTokenCount ?? 0) > 0)
    #expect((details.usage?.answerTokenCount ?? 0) > 0 || state == .error)
    #expect(details.finishReason == finishReason)
    await fake.close()
  }

  @Test("T7 Model, tokens and id are kept of an answer that the user stopped")
  func stopped() async throws {
    let fake = try await FakeGemini()
    fake.setAnswer { _ in ["Un ", "deux"] }
    fake.set(.stall)
    let service = service(
      FallbackResponder(
        [
          .init(name: "gemini-2.5-flash", responder: try gemini(fake)),
          .init(name: "local", responder: LocalResponder(language: .french)),
        ], availability: InMemoryModelAvailability()))
    let task = Task { try await service.ask("Bonjour", in: conversation, as: user) }
    try await fake.waitForStalls()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let answer = try await storedAnswer()
    #expect(answer.content == "Un ")
    #expect(answer.answer?.state == .partial)
    #expect(answer.answer?.model == "gemini-2.5-flash")
    #expect(answer.answer?.responseID?.isEmpty == false)
    #expect((answer.answer?.usage?.answerTokenCount ?? 0) > 0)
    await fake.close()
  }

  @Test("What a model left behind is not taken for what the next one says")
  func fallback() async throws {
    let broken = ScriptedResponder { _, answer in
      try await answer.write(
        .progress(ResponseSummary(state: .partial, model: "first", responseID: "1")))
      throw ResponderError(code: .malformedResponse, reason: "of no use")
    }
    let cut = ScriptedResponder(
      saying: "Un", thenThrowing: ResponderError(code: .cut, reason: "cut"))
    let chain = FallbackResponder(
      [.init(name: "first", responder: broken), .init(name: "second", responder: cut)],
      availability: InMemoryModelAvailability())
    let turn = try await service(chain).ask("Bonjour", in: conversation, as: user)
    #expect(turn.answer.answer?.state == .partial)
    #expect(turn.answer.answer?.model == nil)
    #expect(turn.answer.answer?.responseID == nil)
  }

  @Test("Tokens of all requests of a turn count, also when the last one fails")
  func rounds() async throws {
    let fake = try await FakeGemini()
    fake.enqueue(.functionCall, .cut)
    var configuration = try GeminiBench.configuration(fake.baseURL)
    try configuration.declare([Tool(name: "lookup", description: "") { _ in 1 }])
    let responder = GeminiResponder(model: "gemini-2.5-flash", configuration: configuration)
    let calls = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let turn = try await service(responder).ask("Bonjour", in: conversation, as: user)
    let both = try #require(turn.answer.answer?.usage?.promptTokenCount)
    fake.enqueue(.cut)
    let other = try await service(calls).ask("Bonjour", in: .generate(), as: user)
    let one = try #require(other.answer.answer?.usage?.promptTokenCount)
    #expect(both >= 2 * one, "the prompt was sent twice, longer the second time")
    await fake.close()
  }

  @Test("Model and id of a turn's earlier request are kept when the next one is refused")
  func refusedAfterCall() async throws {
    let fake = try await FakeGemini()
    fake.enqueue(.functionCall, .overloaded)
    var configuration = try GeminiBench.configuration(fake.baseURL)
    try configuration.declare([Tool(name: "lookup", description: "") { _ in 1 }])
    let responder = GeminiResponder(model: "gemini-2.5-flash", configuration: configuration)
    let turn = try await service(responder).ask("Bonjour", in: conversation, as: user)
    #expect(turn.failure != nil)
    let details = try #require(try await storedAnswer().answer)
    #expect(details.model == "gemini-2.5-flash")
    #expect(details.responseID?.isEmpty == false)
    #expect((details.usage?.promptTokenCount ?? 0) > 0)
    await fake.close()
  }

  @Test("The trace of an attempt that failed says what it used")
  func traced() async throws {
    let fake = try await FakeGemini()
    fake.setAnswer { _ in ["Un ", "deux"] }
    fake.set(.cut)
    let bench = try TraceBench(gemini(fake))
    let turn = try await bench.ask("Bonjour")
    let usage = try #require(turn.answer.answer?.usage)
    let span = try #require(await bench.spans().first { $0.name == "generation" })
    #expect(span["error.type"] == "cut")
    #expect(span["gen_ai.response.model"] == "gemini-2.5-flash")
    #expect(
      span["langfuse.observation.usage_details"]?.contains("\"input\":\(usage.promptTokenCount)")
        == true)
    await fake.close()
  }

  @Test("A service that speaks OpenAI's interface tells what is known too")
  func compatible() async throws {
    let server = try RawServer { connection, _ in
      guard connection.readRequest() != nil else { return }
      connection.respond(
        200, #"data: {"id":"c-1","model":"m","choices":[{"delta":{"content":"Un"}}]}"# + "\n\n")
    }
    let responder = OpenAIResponder(
      model: "m:1b",
      configuration: try OpenAIConfiguration(apiKey: nil, baseURL: server.baseURL + "/v1"))
    let turn = try await service(responder).ask("Bonjour", in: conversation, as: user)
    #expect(turn.answer.answer?.state == .partial)
    #expect(turn.answer.answer?.model == "m")
    #expect(turn.answer.answer?.responseID == "c-1")
  }
}
