import SessionCore
import TestSupport
import Testing

@Suite("Tool rounds")
struct ToolRoundTests {
  static let weather = ToolCall(
    id: "c1", name: "weather", arguments: #"{"city":"Dakar"}"#, signature: "c2ln")
  static let clock = ToolCall(id: "c2", name: "clock", arguments: "{}")

  /// A responder that calls both tools in one round, as often as there is no result yet.
  static func responder(failingAt moment: Int = .max) -> ScriptedResponder {
    let step = Locked(0)
    return ScriptedResponder { prompt, answer in
      func mayFail() throws {
        let isNow = step.withLock { step in
          step += 1
          return step == moment
        }
        if isNow { throw CancellationError() }
      }
      var answered = Set(prompt.messages.compactMap(\.resultOf?.id))
      if !prompt.messages.contains(where: { !$0.toolCalls.isEmpty }) {
        try await answer.write("Voyons. ")
        try mayFail()
        try await answer.write(.toolCalls([weather, clock]))
        try mayFail()
      }
      for call in [weather, clock] where !answered.contains(call.id) {
        try await answer.write(.toolResult(ToolResult(call: call, content: "{\"r\":1}")))
        answered.insert(call.id)
        try mayFail()
      }
      try await answer.write("Il fait 30 °C.")
      return .complete
    }
  }

  @Test("T9 The calls and the results of a round are messages, with roles, in both tiers")
  func stored() async throws {
    let bench = try ChatBench(Self.responder())
    let turn = try await bench.ask("Quel temps ?")
    let lines = [
      "user: Quel temps ?", "assistant: Voyons. ", "tool: {\"r\":1}", "tool: {\"r\":1}",
      "assistant: Il fait 30 °C.",
    ]
    #expect(try await bench.archived() == lines)
    #expect(try await bench.warm() == lines)
    let messages = try await bench.archive.newestMessages(
      in: bench.conversation, of: bench.user, limit: 10)
    #expect(messages[1].toolCalls == [Self.weather, Self.clock])
    #expect(messages[2].resultOf == Self.weather)
    #expect(messages[3].resultOf == Self.clock)
    #expect(turn.rounds == Array(messages[1...3]))
    #expect(turn.answer == messages[4])
  }

  @Test("T9 A reader is told that a tool is called and what came, after each is durable")
  func told() async throws {
    let bench = try ChatBench(Self.responder())
    var events: [TurnEvent] = []
    for try await event in bench.service.stream("Temps ?", in: bench.conversation, as: bench.user) {
      switch event {
      case .toolCall: #expect(try await bench.archived().count == 2)
      case .toolResult: #expect(try await bench.archived().count >= 3)
      default: break
      }
      if case .finished = event { continue }
      events.append(event)
    }
    let result = ToolResult(call: Self.weather, content: "{\"r\":1}")
    #expect(
      events == [
        .text("Voyons. "), .toolCall(Self.weather), .toolCall(Self.clock), .toolResult(result),
        .toolResult(ToolResult(call: Self.clock, content: "{\"r\":1}")), .text("Il fait 30 °C."),
      ])
  }

  @Test(
    "T9 A turn that was broken off at any moment is run again without a call that has a result",
    arguments: 1...4)
  func resumed(moment: Int) async throws {
    let bench = try ChatBench(Self.responder(failingAt: moment))
    let id = MessageID.generate()
    await #expect(throws: CancellationError.self) { try await bench.ask("Quel temps ?", id: id) }
    let before = try await bench.archived().count
    // What was shown before the first round is stored as partial: the turn is done.
    if moment == 1 {
      #expect(try await bench.ask("Quel temps ?", id: id).answer.answer?.state == .partial)
      return
    }
    _ = try await bench.store.close(bench.conversation, in: .shared)
    let turn = try await bench.ask("Quel temps ?", id: id)
    #expect(turn.answer.content == "Il fait 30 °C.")
    #expect(bench.responder.prompts.last?.messages.count == before)
    let stored = try await bench.archived()
    #expect(stored.filter { $0.hasPrefix("tool") }.count == 2, "each result is stored once")
    #expect(stored.count == 5)
  }

  @Test("T9 After a call without a result the thread goes on, and the call is not sent")
  func interrupted() async throws {
    let bench = try ChatBench(Self.responder(failingAt: 2))
    await #expect(throws: CancellationError.self) { try await bench.ask("Quel temps ?") }
    _ = try await bench.ask("Et demain ?")
    let prompt = try #require(bench.responder.prompts.last)
    #expect(prompt.messages.allSatisfy { $0.toolCalls.isEmpty && $0.role != .tool })
    #expect(prompt.question == "Et demain ?")
  }

  @Test("T9 A fork and a rewind keep a round whole")
  func forked() async throws {
    let bench = try ChatBench(Self.responder())
    let turn = try await bench.ask("Quel temps ?")
    let copy = try await bench.service.fork(
      bench.conversation, as: bench.user, through: turn.answer.id)
    let messages = try await bench.archive.newestMessages(in: copy.id, of: bench.user, limit: 10)
    #expect(messages.map(\.resultOf) == [nil, nil, Self.weather, Self.clock, nil])
    #expect(messages[1].toolCalls == [Self.weather, Self.clock])
    // The copy of a question knows the rounds of its turn by their ids.
    #expect(messages[1...3].allSatisfy { $0.id.isStep(of: messages[0].id) })
    #expect(
      try await bench.service.rewind(bench.conversation, as: bench.user, to: turn.question.id) == 4)
  }

  @Test("T9 Rounds wait in the journal while the archive is away, and are flushed in order")
  func journaled() async throws {
    let bench = try ChatBench(Self.responder(), journaling: true)
    bench.archivePlan.setDown(true)
    try await bench.ask("Quel temps ?")
    bench.archivePlan.setDown(false)
    try await bench.service.flushJournal()
    #expect(
      try await bench.archived().map { $0.prefix(4) } == ["user", "assi", "tool", "tool", "assi"])
  }
}
