import SessionCore
import TestSupport
import Testing

@Suite("A turn in trouble")
struct TurnFailureTests {
  @Test(
    "The n-th call of the archive fails: nothing is doubled, and the next turn works",
    arguments: [false, true])
  func failingArchive(actsBeforeFailing: Bool) async throws {
    var survived = false
    var number = 0
    while !survived {
      number += 1
      let bench = try ChatBench(
        limits: SessionLimits(sessionCountMax: 1),
        archivePlan: FaultPlan(failing: [number + 2]), actsBeforeFailing: actsBeforeFailing)
      try await bench.ask("un")
      _ = try await bench.store.close(bench.conversation, in: .shared)
      let id = MessageID.generate()
      do {
        try await bench.ask("deux", id: id)
        survived = true
      } catch is ArchiveError {
        try await bench.ask("deux", id: id)
      }
      bench.archivePlan.heal()
      try await bench.ask("trois")
      let archived = try await bench.archived()
      #expect(
        archived == [
          "user: un", "assistant: Bonjour", "user: deux", "assistant: Bonjour", "user: trois",
          "assistant: Bonjour",
        ], "call \(number)")
      #expect(bench.responder.prompts.last?.messages.map(\.content).dropLast().last == "Bonjour")
      #expect(try await bench.warm() == archived, "call \(number)")
    }
  }

  @Test(
    "The n-th call of the session store fails: the turn is answered from the archive",
    arguments: [false, true])
  func failingStore(actsBeforeFailing: Bool) async throws {
    for number in 1...5 {
      let bench = try ChatBench(
        storePlan: FaultPlan(failing: [number]), actsBeforeFailing: actsBeforeFailing)
      var events: [TurnEvent] = []
      for text in ["un", "deux"] { events += try await bench.events(text) }
      let failures = events.filter { if case .sessionStoreFailed = $0 { true } else { false } }
      #expect(failures.count == (number <= 4 ? 1 : 0), "call \(number)")
      bench.storePlan.heal()
      try await bench.ask("trois")
      let archived = try await bench.archived()
      #expect(archived.count == 6)
      #expect(
        bench.prompt(2) == [
          "user: un", "assistant: Bonjour", "user: deux", "assistant: Bonjour", "user: trois",
        ], "call \(number)")
      #expect(try await bench.warm() == archived, "call \(number)")
    }
  }

  @Test("T6 While the session store is away every turn sees the whole history")
  func storeAway() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    bench.storePlan.setDown(true)
    let events = try await bench.events("deux")
    let failures = events.filter { if case .sessionStoreFailed = $0 { true } else { false } }
    #expect(failures.count == 1, "an outage is told once a turn")
    try await bench.ask("trois")
    #expect(bench.prompt(2).count == 5)
    bench.storePlan.setDown(false)
    let back = try await bench.events("quatre")
    #expect(back.contains(.pagedIn(messageCount: 7)))
    #expect(bench.prompt(3).count == 7, "what went stale meanwhile is not used")
  }

  @Test("T7 A cancelled turn keeps what was shown as partial")
  func cancelled() async throws {
    let gate = Gate()
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        try await answer.write(.text("Bon"))
        try await gate.pass()
        return ResponseSummary(state: .complete)
      })
    let turn = Task { try await bench.ask("Bonjour ?") }
    await gate.waitForArrivals(1)
    turn.cancel()
    await #expect(throws: CancellationError.self) { try await turn.value }
    #expect(try await bench.archived() == ["user: Bonjour ?", "assistant: Bon"])
    let stored = try await bench.archive.newestMessages(
      in: bench.conversation, of: bench.user, limit: 1)
    #expect(stored.first?.answer?.state == .partial)
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("T7 A turn cancelled before any text stores no answer, and can be run again")
  func cancelledEarly() async throws {
    let gate = Gate()
    let isFirst = Locked(true)
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        if isFirst.withLock({ $0 }) { try await gate.pass() }
        try await answer.write(.text("Oui"))
        return ResponseSummary(state: .complete)
      })
    let id = MessageID.generate()
    let turn = Task { try await bench.ask("Bonjour ?", id: id) }
    await gate.waitForArrivals(1)
    turn.cancel()
    await #expect(throws: CancellationError.self) { try await turn.value }
    #expect(try await bench.archived() == ["user: Bonjour ?"])
    isFirst.withLock { $0 = false }
    #expect(try await bench.ask("Bonjour ?", id: id).answer.content == "Oui")
    #expect(try await bench.archived() == ["user: Bonjour ?", "assistant: Oui"])
  }

  @Test("T7 A reader that fails stops the turn, and what it was given is kept")
  func failingReader() async throws {
    struct PipeClosed: Error {}
    let bench = try ChatBench()
    let events = bench.hub.events()
    await #expect(throws: PipeClosed.self) {
      _ = try await bench.service.ask("Bonjour ?", in: bench.conversation, as: bench.user) { _ in
        throw PipeClosed()
      }
    }
    #expect(await bench.turnFinished(events)?.outcome == .stopped)
    #expect(try await bench.archived() == ["user: Bonjour ?", "assistant: Bon"])
  }

  @Test("P9 A scope full of pins does not stop a turn")
  func fullOfPins() async throws {
    let bench = try ChatBench(limits: SessionLimits(sessionCountMax: 1))
    let pinned = ConversationID.generate()
    _ = try await bench.service.ask("épinglée", in: pinned, as: bench.user)
    _ = try await bench.store.setPinned(true, pinned, in: .shared)
    try await bench.ask("un")
    try await bench.ask("deux")
    #expect(bench.prompt(2) == ["user: un", "assistant: Bonjour", "user: deux"])
    #expect(try await bench.warm() == nil)
  }
}
