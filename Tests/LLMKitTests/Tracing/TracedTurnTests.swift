import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Traced turns", .timeLimit(.minutes(5)))
struct TracedTurnTests {
  private static let quota = ResponderError(
    code: .quotaExhausted, reason: "429 RESOURCE_EXHAUSTED PerDay", httpStatus: 429,
    retryAt: Timestamp(milliseconds: 1_795_390_060_000))

  /// A model that thinks for 300 ms, says two pieces 100 ms apart, and is done.
  private static func speaker(_ time: ManualTime) -> ScriptedResponder {
    ScriptedResponder { _, answer in
      time.advance(by: .milliseconds(300))
      try await answer.write(.text("Bon"))
      time.advance(by: .milliseconds(100))
      try await answer.write(.text("jour !"))
      return ResponseSummary(
        state: .complete, model: "gemini-2.5-flash-001",
        usage: TokenUsage(promptTokenCount: 9, answerTokenCount: 2, totalTokenCount: 11),
        finishReason: "STOP")
    }
  }

  @Test("A turn is a root, the loading of its context, and one span per question to a model")
  func tree() async throws {
    let time = ManualTime()
    let bench = try TraceBench(
      ScriptedModel("gemini-3.5-flash", refusing: Self.quota),
      ScriptedModel("gemini-2.5-flash", Self.speaker(time)), time: time)
    let id = try #require(MessageID("0198a0b1-7c00-7000-8000-000000000001"))
    let turn = try await bench.ask("Salut", id: id)
    #expect(turn.answer.content == "Bonjour !")
    let spans = await bench.spans()
    try #require(spans.map(\.name) == ["chat-turn", "context.load", "generation", "generation"])
    let root = spans[0]
    #expect(root.parent == nil)
    #expect(root.statusCode == 1)
    #expect(root["langfuse.observation.type"] == "span")
    #expect(root["langfuse.observation.input"] == #""Salut""#)
    #expect(root["langfuse.observation.output"] == #""Bonjour !""#)
    #expect(root.metadata("state") == "complete")
    #expect(root.metadata("passed_over") == "gemini-3.5-flash")
    for span in spans {
      #expect(span.trace == TraceID(question: id).description)
      #expect(span["session.id"] == bench.conversation.description)
      #expect(span["user.id"] == "Awa")
      #expect(span["langfuse.trace.name"] == "chat-turn")
    }
    #expect(spans[1...].allSatisfy { $0.parent == root.id })
    #expect(Set(spans.map(\.id)).count == 4)
    #expect(spans[1].metadata("source") == "hot")
    #expect(spans[1].metadata("message_count") == "1")
    let refused = spans[2]
    #expect(refused.statusCode == 2)
    #expect(refused["langfuse.observation.level"] == "WARNING")
    #expect(
      refused["langfuse.observation.status_message"] == "429 RESOURCE_EXHAUSTED PerDay")
    #expect(refused["error.type"] == "quotaExhausted")
    #expect(refused["langfuse.observation.model.name"] == "gemini-3.5-flash")
    #expect(refused.metadata("attempt") == "1")
    #expect(refused.metadata("model") == "gemini-3.5-flash")
    #expect(refused.metadata("retry_delay_ms") == "60000")
    let answered = spans[3]
    #expect(answered.statusCode == 1)
    #expect(answered["langfuse.observation.level"] == "DEFAULT")
    #expect(answered["langfuse.observation.type"] == "generation")
    #expect(answered["langfuse.observation.model.name"] == "gemini-2.5-flash-001")
    #expect(answered["gen_ai.request.model"] == "gemini-2.5-flash")
    #expect(
      answered["langfuse.observation.input"] == #"[{"content":"Salut","role":"user"}]"#)
    #expect(
      answered["langfuse.observation.output"] == #"{"content":"Bonjour !","role":"assistant"}"#)
    #expect(
      answered["langfuse.observation.usage_details"] == #"{"input":9,"output":2,"total":11}"#)
    #expect(
      answered["langfuse.observation.completion_start_time"] == "2026-11-22T23:26:40.300Z")
    #expect(answered.endedAt - answered.startedAt == 400_000_000)
    #expect(root.endedAt - root.startedAt == 400_000_000)
  }

  @Test("R1: a local answer is a span of its own that says what the turn fell back from")
  func fallback() async throws {
    let bench = try TraceBench(ScriptedModel("gemini-2.5-flash", refusing: Self.quota))
    let turn = try await bench.ask("Salut")
    let spans = await bench.spans()
    try #require(spans.map(\.name) == ["chat-turn", "context.load", "generation", "fallback"])
    #expect(spans[0]["langfuse.observation.level"] == "WARNING")
    #expect(spans[0].metadata("state") == "fallback")
    #expect(spans[3]["langfuse.observation.level"] == "WARNING")
    #expect(spans[3]["langfuse.observation.type"] == "span")
    #expect(
      spans[3]["langfuse.observation.status_message"] == "429 RESOURCE_EXHAUSTED PerDay")
    #expect(spans[3].parent == spans[0].id)
    #expect(
      spans[3]["langfuse.observation.output"] == JSONValue.string(turn.answer.content).jsonText)
  }

  @Test("R1: a turn without any model is traced too")
  func onlyLocal() async throws {
    let bench = try TraceBench()
    try await bench.ask("Salut")
    let spans = await bench.spans()
    try #require(spans.map(\.name) == ["chat-turn", "context.load", "fallback"])
    #expect(spans[0].metadata("state") == "fallback")
    #expect(spans[2].metadata("passed_over") == nil)
  }

  @Test("A model that is closed is passed over and not shown as asked")
  func closedModel() async throws {
    let time = ManualTime()
    let availability = InMemoryModelAvailability(time: time)
    let closed = ScriptedModel("closed", refusing: Self.quota)
    let bench = try TraceBench(
      closed, ScriptedModel("open", ScriptedResponder(saying: "Bonjour")), time: time,
      availability: availability)
    await availability.close(
      closed.service.recordName(of: closed.model), until: time.now() + .seconds(60))
    try await bench.ask("Salut")
    let spans = await bench.spans()
    try #require(spans.map(\.name) == ["chat-turn", "context.load", "generation"])
    #expect(spans[2].metadata("model") == "open")
    #expect(spans[0].metadata("passed_over") == "closed")
  }

  @Test("Every try of one model is a span")
  func retries() async throws {
    let failures = Locked(0)
    let model = ScriptedResponder { _, answer in
      let count = failures.withLock { count in
        count += 1
        return count
      }
      if count < 3 { throw ResponderError(code: .malformedResponse, reason: "x") }
      try await answer.write(.text("Bonjour"))
      return ResponseSummary(state: .complete)
    }
    let bench = try TraceBench(ScriptedModel("a", model), ScriptedModel("b", model))
    try await bench.ask("Salut")
    let generations = await bench.spans().filter { $0.name == "generation" }
    #expect(generations.map { $0.metadata("attempt") } == ["1", "2", "3"])
    #expect(generations.map { $0.metadata("model") } == ["a", "a", "b"])
    try #require(generations.map(\.statusCode) == [2, 2, 1])
  }

  @Test("A conversation that came back from the archive says so, as does one served without Redis")
  func sources() async throws {
    let bench = try TraceBench(ScriptedModel("m", ScriptedResponder(saying: "Bonjour")))
    try await bench.ask("un")
    _ = try await bench.service.sessions.close(bench.conversation, in: .shared)
    try await bench.ask("deux")
    bench.storePlan.setDown(true)
    try await bench.ask("trois")
    let loads = await bench.spans().filter { $0.name == "context.load" }
    #expect(loads.map { $0.metadata("source") } == ["hot", "rehydrated", "archive"])
    #expect(loads.map { $0.metadata("message_count") } == ["1", "3", "5"])
    #expect(loads.map { $0["langfuse.observation.level"] } == ["DEFAULT", "DEFAULT", "WARNING"])
  }

  @Test("What happens to the session while the answer comes is not taken for where it came from")
  func closedMeanwhile() async throws {
    let closing = Locked<(@Sendable () async throws -> Void)?>(nil)
    let bench = try TraceBench(
      ScriptedModel(
        "m",
        ScriptedResponder { _, answer in
          try await closing.withLock { $0 }?()
          try await answer.write(.text("Bonjour"))
          return ResponseSummary(state: .complete)
        }))
    let (sessions, conversation) = (bench.service.sessions, bench.conversation)
    closing.withLock { $0 = { _ = try await sessions.close(conversation, in: .shared) } }
    let wasPagedIn = Locked(false)
    _ = try await bench.service.ask(
      "Salut", in: conversation, as: bench.user
    ) { event in
      if case .pagedIn = event { wasPagedIn.withLock { $0 = true } }
    }
    #expect(wasPagedIn.withLock { $0 })
    let load = try #require(await bench.spans().first { $0.name == "context.load" })
    #expect(load.metadata("source") == "hot")
  }
}
