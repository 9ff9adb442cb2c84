import FakeGemini
import FakeLangfuse
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Langfuse", .timeLimit(.minutes(5)))
struct LangfuseTests {
  private let clock = ManualClock()
  private let reports = Locked<[String]>([])

  private func tracer(_ langfuse: FakeLangfuse, time: ManualTime = ManualTime()) throws -> Tracer {
    let reports = reports
    return Tracer(
      try TracingConfiguration(
        langfusePublicKey: "pk-lf-test", secretKey: Secret("sk-lf-test"), host: langfuse.baseURL),
      client: HTTPClient(), clock: clock, time: time,
      report: { report in reports.withLock { $0.append(report) } })
  }

  private static func spans(_ count: Int) -> [TraceSpan] {
    let context = TraceContext(id: TraceID(seed: "t"), name: "chat-turn", session: "s")
    return (0..<count).map { number in
      TraceSpan(
        "span-\(number)", of: context, id: SpanID(seed: "\(number)"),
        parent: number == 0 ? nil : SpanID(seed: "0"), from: Timestamp(milliseconds: 0),
        to: Timestamp(milliseconds: 1))
    }
  }

  @Test("Turns on real models leave traces that Langfuse takes and has nothing against")
  func turns() async throws {
    let langfuse = try await FakeLangfuse()
    let time = ManualTime()
    let gemini = try await FakeGemini(time: time)
    let tracer = try tracer(langfuse, time: time)
    let configuration = try GeminiConfiguration(
      apiKey: Secret("test-key"), baseURL: gemini.baseURL)
    var links = ["gemini-3.5-flash", "gemini-2.5-flash"].map {
      FallbackResponder.Link(
        name: $0, responder: GeminiResponder(model: $0, configuration: configuration, time: time))
    }
    links.append(.init(name: "local", responder: LocalResponder(language: .french)))
    let service = ChatService(
      sessions: InMemorySessionStore(time: time), archive: InMemoryArchive(),
      responder: FallbackResponder(
        tracer.traced(links), availability: InMemoryModelAvailability(time: time), time: time),
      instruction: "Tu es un assistant.", observer: tracer, time: time)
    gemini.enqueue(.ok, .safetyMid, for: "gemini-3.5-flash")
    gemini.set(.quotaDay, for: "gemini-3.5-flash")
    gemini.set(.quotaDay, for: "gemini-2.5-flash")
    // Not ASCII, and longer than Langfuse takes.
    let user = try UserID(String(repeating: "é", count: 255))
    let conversation = ConversationID.generate()
    var ids: [MessageID] = []
    for text in ["Bonjour", "Et \"puis\" ?\n\u{1}", "👩‍👩‍👧", "encore"] {
      let turn = try await service.ask(text, in: conversation, as: user)
      ids.append(turn.question.id)
    }
    await tracer.close()
    #expect(langfuse.complaints == [])
    #expect(langfuse.duplicateSpanIDs == [])
    #expect(langfuse.tracesWithoutOneRoot == [])
    #expect(langfuse.orphans == [])
    #expect(langfuse.spansWithoutSession == [])
    #expect(Set(langfuse.traces.keys) == Set(ids.map { TraceID(question: $0).description }))
    let names = ids.map { id in
      langfuse.traces[TraceID(question: id).description]?.map(\.name) ?? []
    }
    #expect(
      names == [
        ["chat-turn", "context.load", "generation"], ["chat-turn", "context.load", "generation"],
        ["chat-turn", "context.load", "generation", "generation", "fallback"],
        ["chat-turn", "context.load", "fallback"],
      ])
    #expect(tracer.statistics.sentCount == langfuse.spans.count)
    #expect(langfuse.journal.count == 1)
    await gemini.close()
    await langfuse.close()
  }

  @Test(
    "A fault that passes costs a retry, and every span is stored once",
    arguments: [
      LangfuseFault.rateLimited, .unavailable, .internalError, .badGateway, .gatewayTimeout,
      .requestTimeout, .cut, .reset,
    ])
  func passingFault(fault: LangfuseFault) async throws {
    let langfuse = try await FakeLangfuse()
    langfuse.enqueue(fault)
    let tracer = try tracer(langfuse)
    tracer.record(Self.spans(50))
    await clock.waitForSleeper()
    #expect(langfuse.spans.isEmpty)
    clock.advance(by: .seconds(2))
    try await langfuse.waitForSpans(50)
    await tracer.close()
    #expect(langfuse.spans.count == 50)
    #expect(langfuse.duplicateSpanIDs == [])
    #expect(tracer.statistics.sentCount == 50)
    #expect(tracer.statistics.retriedCount == 1)
    #expect(reports.withLock { $0 } == [])
    await langfuse.close()
  }

  @Test("Three failures in a row and a server that is gone for a while lose nothing")
  func outage() async throws {
    let langfuse = try await FakeLangfuse()
    langfuse.enqueue(.unavailable, .unavailable, .unavailable)
    let tracer = try tracer(langfuse)
    tracer.record(Self.spans(50))
    for _ in 0..<3 {
      await clock.waitForSleeper()
      clock.advance(by: .seconds(10))
    }
    try await langfuse.waitForSpans(50)
    await langfuse.close()
    tracer.record(Self.spans(100).suffix(50))
    for number in 0..<3 {
      await clock.waitForSleeper()
      if number == 2 { try langfuse.reopen() }
      clock.advance(by: .seconds(10))
    }
    try await langfuse.waitForSpans(100)
    await tracer.close()
    #expect(langfuse.duplicateSpanIDs == [])
    #expect(tracer.statistics.sentCount == 100)
    #expect(tracer.statistics.retriedCount == 6)
    await langfuse.close()
  }

  @Test("What is too long comes in parts")
  func tooLarge() async throws {
    let langfuse = try await FakeLangfuse()
    langfuse.enqueue(.tooLarge, .tooLarge)
    let tracer = try tracer(langfuse)
    tracer.record(Self.spans(8))
    await tracer.close()
    #expect(langfuse.spans.map(\.name) == (0..<8).map { "span-\($0)" })
    #expect(tracer.statistics.sentCount == 8)
    await langfuse.close()
  }

  @Test(
    "Keys of another host and a used-up plan end it with one report",
    arguments: [LangfuseFault.wrongHost, .suspended])
  func disabled(fault: LangfuseFault) async throws {
    let langfuse = try await FakeLangfuse()
    langfuse.set(fault)
    let tracer = try tracer(langfuse)
    for _ in 0..<3 { tracer.record(Self.spans(50)) }
    try await langfuse.waitForRequests(1)
    await tracer.close()
    #expect(langfuse.journal.count == 1)
    #expect(reports.withLock { $0 }.count == 1)
    #expect(tracer.statistics.isDisabled)
    #expect(tracer.statistics.refusedCount + tracer.statistics.droppedCount == 150)
    await langfuse.close()
  }

  @Test("Feedback is a score that is replaced and taken back under one id")
  func scores() async throws {
    let langfuse = try await FakeLangfuse()
    let tracer = try tracer(langfuse)
    let (answer, conversation) = (MessageID.generate(), ConversationID.generate())
    for isUp in [true, false] {
      tracer.record(TraceScore(feedback: "fb-1", on: answer, in: conversation, isUp: isUp))
    }
    try await langfuse.waitForScores(2)
    #expect(langfuse.scores.count == 1)
    #expect(langfuse.scores["fb-1"]?["value"] == 0)
    #expect(
      langfuse.scores["fb-1"]?["traceId"]?.text == TraceID(question: answer.answer).description)
    tracer.record(TraceScore(id: "x", trace: TraceID(seed: ""), name: "", value: .numeric(1)))
    tracer.removeScore("fb-1")
    await tracer.close()
    #expect(langfuse.scores.isEmpty)
    #expect(tracer.statistics.sentCount == 3)
    #expect(tracer.statistics.refusedCount == 1)
    await langfuse.close()
  }

  @Test("R3: a turn is answered and done while Langfuse hangs, and is stored when it does not")
  func hang() async throws {
    let langfuse = try await FakeLangfuse()
    langfuse.enqueue(.hang)
    let tracer = try tracer(langfuse)
    tracer.record(Self.spans(50))
    try await langfuse.waitForStalls(1)
    let service = ChatService(
      sessions: InMemorySessionStore(), archive: InMemoryArchive(),
      responder: tracer.traced(ScriptedResponder(saying: "Bonjour"), as: "m"), observer: tracer)
    let turn = try await service.ask(
      "Salut", in: .generate(), as: UserID("Awa"))
    #expect(turn.answer.content == "Bonjour")
    // The request that came before the turn still waits for its answer.
    #expect(langfuse.spans.isEmpty)
    #expect(tracer.statistics.waitingCount == 53)
    langfuse.releaseStalls()
    await clock.waitForSleeper()
    clock.advance(by: .seconds(2))
    try await langfuse.waitForSpans(50)
    await tracer.close()
    #expect(langfuse.spans.count == 53)
    #expect(langfuse.duplicateSpanIDs == [])
    await langfuse.close()
  }
}
