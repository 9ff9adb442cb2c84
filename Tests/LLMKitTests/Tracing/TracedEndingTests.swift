import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("How traced turns end", .timeLimit(.minutes(5)))
struct TracedEndingTests {
  @Test("A turn that is stopped shows what was shown, and is no failure")
  func stopped() async throws {
    let gate = Gate()
    let bench = try TraceBench(
      ScriptedModel(
        "m",
        ScriptedResponder { _, answer in
          try await answer.write(.text("Bon"))
          try await gate.pass()
          return ResponseSummary(state: .complete)
        }))
    let turn = Task { try await bench.ask("Salut") }
    await gate.waitForArrivals(1)
    turn.cancel()
    await #expect(throws: CancellationError.self) { try await turn.value }
    let spans = await bench.spans()
    try #require(spans.map(\.name) == ["chat-turn", "context.load", "generation"])
    for span in [spans[0], spans[2]] {
      #expect(span.statusCode == 0)
      #expect(span["langfuse.observation.status_message"] == "stopped")
      #expect(span["langfuse.observation.output"]?.contains("Bon") == true)
    }
  }

  @Test("A turn that the archive refuses shows as an error, and no model as asked")
  func refusedByTheArchive() async throws {
    let bench = try TraceBench(ScriptedModel("m", ScriptedResponder(saying: "Bonjour")))
    bench.archivePlan.setDown(true)
    await #expect(throws: ArchiveError.self) { try await bench.ask("Salut") }
    let spans = await bench.spans()
    try #require(spans.map(\.name) == ["chat-turn", "context.load"])
    #expect(spans.allSatisfy { $0.statusCode == 2 })
    #expect(spans.allSatisfy { $0["langfuse.observation.level"] == "ERROR" })
    #expect(spans[0]["error.type"]?.hasPrefix("archive.") == true)
  }

  @Test("T2: a turn that was done before is not traced again, one that failed is, without doubles")
  func replays() async throws {
    let isDown = Locked(true)
    let model = ScriptedResponder { _, answer in
      if isDown.withLock({ $0 }) { throw ResponderError(code: .cut, reason: "the end") }
      try await answer.write(.text("Bonjour"))
      return ResponseSummary(state: .complete)
    }
    let bench = try TraceBench()
    let service = ChatService(
      sessions: bench.service.sessions, archive: bench.service.archive,
      responder: bench.tracer.traced(model, as: "m"), observer: bench.tracer, time: bench.time)
    let id = MessageID.generate()
    for _ in 0..<4 {
      _ = try await service.ask(
        "Salut", in: bench.conversation, as: bench.user, options: TurnOptions(questionID: id))
      isDown.withLock { $0 = false }
      bench.time.advance(by: .seconds(1))
    }
    let spans = await bench.spans()
    try #require(
      spans.map(\.name)
        == Array(repeating: ["chat-turn", "context.load", "generation"], count: 2).flatMap(\.self))
    #expect(Set(spans.map(\.id)).count == 6)
    #expect(Set(spans.map(\.trace)).count == 1)
    #expect(spans[0].statusCode == 2)
    #expect(spans[3].statusCode == 1)
  }

  @Test("A turn whose answer somebody else stored meanwhile shows the model that was asked for it")
  func overtaken() async throws {
    let gate = Gate()
    let bench = try TraceBench(
      ScriptedModel(
        "m",
        ScriptedResponder { _, answer in
          try await gate.pass()
          try await answer.write(.text("late"))
          return ResponseSummary(state: .complete)
        }))
    let id = MessageID.generate()
    async let turn = bench.ask("Salut", id: id)
    await gate.waitForArrivals(1)
    _ = try await bench.service.archive.append(
      Message(id: id.answer, role: .assistant, content: "early", createdAt: bench.time.now()),
      to: bench.conversation, of: bench.user)
    gate.open()
    #expect(try await turn.isReplay)
    let spans = await bench.spans()
    try #require(spans.map(\.name) == ["chat-turn", "context.load", "generation"])
    #expect(spans[0]["langfuse.observation.output"] == #""early""#)
  }

  @Test("Without a tracer a turn is the same, and an empty message leaves no trace")
  func untraced() async throws {
    let bench = try TraceBench(ScriptedModel("m", ScriptedResponder(saying: "Bonjour")))
    await #expect(throws: EmptyMessage.self) { try await bench.ask("  ") }
    let untraced = ChatService(
      sessions: bench.service.sessions, archive: bench.service.archive,
      responder: bench.tracer.traced(ScriptedModel("m", ScriptedResponder(saying: "Bonjour"))),
      time: bench.time)
    let turn = try await untraced.ask("Salut", in: bench.conversation, as: bench.user)
    #expect(turn.answer.content == "Bonjour")
    let names = await bench.spans().map(\.name)
    #expect(names == ["chat-turn", "generation"], "the model's own, and nothing of the context")
  }

  @Test("A responder that is asked outside a chat makes a trace of its own, a chain only one")
  func outsideAChat() async throws {
    let bench = try TraceBench()
    let model = ScriptedModel("m", ScriptedResponder(saying: "Bonjour"))
    let refusing = ScriptedModel(
      "n", refusing: ResponderError(code: .overloaded, reason: "503 UNAVAILABLE"))
    let single = bench.tracer.traced(model)
    let chain = bench.tracer.traced(
      FallbackResponder(
        bench.tracer.traced([
          .init(name: "n", responder: refusing), .init(name: "m", responder: model),
        ]), availability: InMemoryModelAvailability(), time: bench.time))
    let prompt = GeminiBench.prompt("un", "deux", "trois")
    for responder in [single, chain] {
      _ = try await responder.respond(to: prompt) { _ in }
      bench.time.advance(by: .seconds(1))
    }
    let spans = await bench.spans()
    try #require(
      spans.map(\.name)
        == ["chat-turn", "generation", "chat-turn", "generation", "generation"])
    #expect(spans[0]["langfuse.observation.input"] == #""trois""#)
    #expect(spans[0]["langfuse.observation.output"] == #""Bonjour""#)
    #expect(spans[2].metadata("passed_over") == "n")
    #expect(spans[3].parent == spans[2].id)
    #expect(spans[4].parent == spans[2].id)
  }
}
