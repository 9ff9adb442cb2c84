import LLMKit
import SessionCore
import TestSupport

/// A chat in memory with a chain of models, traced to a server of the test.
struct TraceBench {
  let server: TraceServer
  let tracer: Tracer
  let time: ManualTime
  let clock = ManualClock()
  let storePlan = FaultPlan()
  let archivePlan = FaultPlan()
  let service: ChatService
  let user: UserID
  let conversation = ConversationID.generate()

  init(
    _ models: any ModelResponder..., time: ManualTime = ManualTime(), server: TraceServer? = nil,
    availability: any ModelAvailability = InMemoryModelAvailability(),
    configure: (inout TracingConfiguration) throws -> Void = { _ in }
  ) throws {
    self.time = time
    self.server = try server ?? TraceServer()
    var configuration = try self.server.langfuse()
    try configure(&configuration)
    tracer = Tracer(
      configuration, client: HTTPClient(), clock: clock, time: time, report: { _ in })
    var links = models.map { FallbackResponder.Link(name: $0.model, responder: $0) }
    links.append(.init(responder: LocalResponder(language: .english)))
    user = try UserID("Awa")
    service = ChatService(
      sessions: FaultySessionStore(InMemorySessionStore(time: time), plan: storePlan),
      archive: FaultyArchive(InMemoryArchive(), plan: archivePlan),
      responder: FallbackResponder(
        tracer.traced(links), availability: availability, waitingBudget: .seconds(2), time: time,
        sleep: { time.advance(by: $0) }, randomness: { 0.5 }),
      scoping: .shared, observer: tracer, time: time)
  }

  @discardableResult
  func ask(_ text: String, id: MessageID? = nil) async throws -> Turn {
    try await service.ask(text, in: conversation, as: user, options: TurnOptions(questionID: id))
  }

  /// Everything that was traced, once all of it has been sent.
  func spans() async -> [TraceServer.Span] {
    await tracer.close()
    return server.spans
  }
}

/// A model that does what the test tells it.
struct ScriptedModel: ModelResponder {
  let model: String
  let service = ModelService(baseURL: "http://127.0.0.1:1", key: nil)
  let script: ScriptedResponder

  init(_ model: String, _ script: ScriptedResponder) {
    self.model = model
    self.script = script
  }

  /// A model that refuses with `error`.
  init(_ model: String, refusing error: ResponderError) {
    self.init(model, ScriptedResponder { _, _ in throw error })
  }

  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    try await script.respond(to: prompt, into: &answer)
  }
}
