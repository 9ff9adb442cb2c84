import SessionCore
import TestSupport
import Testing

@Suite("A turn while the archive is away")
struct ArchiveAwayTests {
  private let whole = [
    "user: un", "assistant: Bonjour", "user: deux", "assistant: Bonjour", "user: trois",
    "assistant: Bonjour",
  ]

  @Test(
    "T6 goes on: the model sees the warm copy with what waits, and all is stored in order later")
  func goesOn() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    bench.archivePlan.setDown(true)
    try await bench.ask("deux")
    try await bench.ask("trois")
    #expect(bench.prompt(1) == Array(whole[..<3]))
    #expect(bench.prompt(2) == Array(whole[..<5]))
    #expect(bench.service.statistics.journalDepth == 4)
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    try await bench.ask("quatre")
    #expect(try await bench.archived().dropLast(2) == whole[...])
    #expect(bench.prompt(3) == whole + ["user: quatre"])
    #expect(try await bench.warm() == bench.archived())
    #expect(bench.service.statistics.journalDepth == 0)
  }

  @Test("T1 A turn goes on with its answer only when its question is in the journal")
  func questionFirst() async throws {
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        try await answer.write(.text("Bonjour"))
        return ResponseSummary(state: .complete)
      }, journaling: true)
    bench.archivePlan.setDown(true)
    let events = try await bench.told { try await bench.ask("un") }
    let journaled = events.filter { if case .messageJournaled = $0 { true } else { false } }
    #expect(journaled.count == 2)
    let journal = try #require(bench.service.journal)
    #expect(try await journal.countWaiting() == 2)
  }

  @Test("T6 An archive that goes away during an answer costs nothing: the answer waits")
  func goesAwayMeanwhile() async throws {
    let plan = FaultPlan()
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        plan.setDown(true)
        try await answer.write(.text("Bonjour"))
        return ResponseSummary(state: .complete)
      }, archivePlan: plan, journaling: true)
    try await bench.ask("un")
    #expect(bench.service.statistics.journalDepth == 1)
    plan.setDown(false)
    bench.time.advance(by: .seconds(60))
    try await bench.service.flushJournal()
    #expect(try await bench.archived() == Array(whole[..<2]))
  }

  @Test("A9 What was deleted while the session store was away is not read from it later")
  func deletedWhileStoreAway() async throws {
    let bench = try ChatBench(scoping: .perUser, journaling: true)
    try await bench.ask("secret")
    bench.storePlan.setDown(true)
    _ = try await bench.service.delete(bench.conversation, as: bench.user)
    bench.storePlan.setDown(false)
    bench.archivePlan.setDown(true)
    // Another process, which shares the journal's file alone.
    let other = try bench.another()
    let options = TurnOptions(questionID: .generate())
    _ = try await other.ask("deux", in: bench.conversation, as: bench.user, options: options)
    #expect(bench.responder.prompts.last?.messages.map(\.content) == ["deux"])
    #expect(try await bench.service.warmSessions(as: bench.user).value.isEmpty)
  }

  @Test("A deletion that reached both tiers is not remembered, and hides no warm copy")
  func deletedFromBoth() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    _ = try await bench.service.delete(bench.conversation, as: bench.user)
    try await bench.ask("deux")
    bench.archivePlan.setDown(true)
    try await bench.ask("trois")
    #expect(
      bench.responder.prompts.last?.messages.map(\.content) == ["deux", "Bonjour", "trois"])
  }

  @Test("T6 With both tiers away a turn is refused, says why, and stores nothing")
  func bothAway() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    bench.archivePlan.setDown(true)
    bench.storePlan.setDown(true)
    let error = await #expect(throws: ArchiveError.self) { try await bench.ask("deux") }
    #expect(error?.code == .unavailable)
    #expect(error?.reason.contains("neither the archive nor the session store") == true)
    #expect(bench.responder.prompts.count == 1)
    #expect(bench.service.statistics.journalDepth == 0)
    bench.archivePlan.setDown(false)
    bench.storePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    try await bench.ask("deux")
    #expect(try await bench.archived() == Array(whole[..<4]))
  }

  @Test("T6 A stand-in for the session store does not count as one when the archive is away too")
  func standIn() async throws {
    let bench = try ChatBench(journaling: true)
    let store = FailoverSessionStore(bench.store, time: bench.time, events: bench.hub)
    let service = try bench.another(sessions: store)
    bench.storePlan.setDown(true)
    _ = try await service.ask("un", in: bench.conversation, as: bench.user)
    bench.archivePlan.setDown(true)
    let error = await #expect(throws: ArchiveError.self) {
      _ = try await service.ask("deux", in: bench.conversation, as: bench.user)
    }
    #expect(error?.code == .unavailable)
    #expect(service.statistics.journalDepth == 0)
  }

  @Test("T6 Without a journal a turn is refused with the archive's own error")
  func noJournal() async throws {
    let bench = try ChatBench()
    bench.archivePlan.setDown(true)
    let error = await #expect(throws: ArchiveError.self) { try await bench.ask("un") }
    #expect(error?.code == .unavailable)
    #expect(bench.responder.prompts.isEmpty)
  }

  @Test("T6 A full journal refuses the turn with a clear error, and nothing is lost or doubled")
  func full() async throws {
    let directory = try TemporaryDirectory()
    let bench = try ChatBench()
    let journal = try MessageJournal(
      path: directory.file("j"), limits: MessageJournal.Limits(byteCountMax: 400))
    let service = ChatService(
      sessions: bench.store, archive: bench.archive, responder: bench.responder,
      journal: journal, time: bench.time)
    bench.archivePlan.setDown(true)
    let id = MessageID.generate()
    let error = await #expect(throws: JournalError.self) {
      let long = String(repeating: "long ", count: 200)
      _ = try await service.ask(
        long, in: bench.conversation, as: bench.user, options: TurnOptions(questionID: id))
    }
    #expect(error?.code == .full)
    #expect(bench.responder.prompts.isEmpty)
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    _ = try await service.ask(
      "un", in: bench.conversation, as: bench.user, options: TurnOptions(questionID: id))
    #expect(try await bench.archived() == Array(whole[..<2]))
  }

  @Test("T2 A turn that is run again while the archive is away changes nothing")
  func replay() async throws {
    let bench = try ChatBench(journaling: true)
    let (before, during) = (MessageID.generate(), MessageID.generate())
    try await bench.ask("un", id: before)
    bench.archivePlan.setDown(true)
    try await bench.ask("deux", id: during)
    for id in [before, during] {
      let turn = try await bench.ask("autre texte", id: id)
      #expect(turn.isReplay)
      #expect(turn.answer.content == "Bonjour")
    }
    #expect(bench.responder.prompts.count == 2)
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    #expect(try await bench.ask("encore", id: during).isReplay)
    #expect(try await bench.archived() == Array(whole[..<4]))
  }

  @Test("T2 What the archive took before it failed is not doubled by the journal")
  func actsBeforeFailing() async throws {
    let bench = try ChatBench(actsBeforeFailing: true, journaling: true)
    bench.archivePlan.setDown(true)
    try await bench.ask("un")
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    try await bench.ask("deux")
    #expect(try await bench.archived() == Array(whole[..<4]))
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("T4 A conversation that is not warm begins with what waits, and comes back whole later")
  func cold() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    _ = try await bench.store.close(bench.conversation, in: .shared)
    bench.archivePlan.setDown(true)
    try await bench.ask("deux")
    #expect(bench.prompt(1) == ["user: deux"])
    #expect(try await bench.warm() == nil, "a part of a conversation never becomes warm")
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    try await bench.ask("trois")
    #expect(bench.prompt(2) == Array(whole[..<5]))
    #expect(try await bench.warm() == whole)
  }

  @Test("T4 What another process wrote during the outage is seen when it is over")
  func overtaken() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    bench.archivePlan.setDown(true)
    try await bench.ask("deux")
    bench.archivePlan.setDown(false)
    let foreign = Message(
      id: .generate(), role: .user, content: "d'ailleurs", createdAt: bench.time.now())
    _ = try await bench.archive.append(foreign, to: bench.conversation, of: bench.user)
    bench.time.advance(by: .seconds(60))
    try await bench.ask("trois")
    #expect(
      bench.prompt(2) == whole[..<2] + ["user: d'ailleurs"] + whole[2..<4] + ["user: trois"])
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("T6 An archive that is away is not waited for again until a pause is over")
  func circuit() async throws {
    let bench = try ChatBench(journaling: true)
    bench.archivePlan.setDown(true)
    try await bench.ask("un")
    #expect(bench.archivePlan.calls == ["append"])
    try await bench.ask("deux")
    #expect(bench.archivePlan.calls.count == 1)
    bench.time.advance(by: .seconds(1))
    try await bench.ask("trois")
    #expect(bench.archivePlan.calls.count == 2)
  }

  @Test("T6 What waits is flushed by whichever process comes first, and the other one notices")
  func otherProcess() async throws {
    let bench = try ChatBench(journaling: true)
    bench.archivePlan.setDown(true)
    try await bench.ask("un")
    bench.archivePlan.setDown(false)
    let other = try bench.another()
    #expect(try await other.flushJournal().sentCount == 2)
    #expect(try await bench.archived() == Array(whole[..<2]))
    // Without waiting for the pause: the empty journal shows that the archive is there.
    try await bench.ask("deux")
    #expect(try await bench.archived() == Array(whole[..<4]))
    #expect(bench.prompt(1) == Array(whole[..<3]))
  }

  @Test("T6 Nothing overtakes what waits: a message is stored behind it, or waits behind it")
  func nothingOvertakes() async throws {
    let bench = try ChatBench(journaling: true)
    bench.archivePlan.setDown(true)
    try await bench.ask("un")
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    let other = try bench.another()
    _ = try await other.ask("deux", in: bench.conversation, as: bench.user)
    #expect(try await bench.archived() == Array(whole[..<4]))
  }

  @Test("T6 Going away and coming back are told once each")
  func modeChanges() async throws {
    let bench = try ChatBench(journaling: true)
    let events = try await bench.told {
      bench.archivePlan.setDown(true)
      for text in ["un", "deux"] { try await bench.ask(text) }
      bench.archivePlan.setDown(false)
      bench.time.advance(by: .seconds(60))
      for text in ["trois", "quatre"] { try await bench.ask(text) }
    }
    let modes = events.filter { if case .modeChanged = $0 { true } else { false } }
    #expect(
      modes == [
        .modeChanged(ModeChange(tier: .archive, isAvailable: false, reason: "injected fault")),
        .modeChanged(ModeChange(tier: .archive, isAvailable: true)),
      ])
    let flushes = events.compactMap {
      if case .journalFlushed(let flush) = $0 { flush } else { nil }
    }
    #expect(flushes.map(\.sentCount) == [4])
  }

  @Test("T6 Opening a conversation while the archive is away shows what is known of it")
  func open() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    bench.archivePlan.setDown(true)
    try await bench.ask("deux")
    let session = try await bench.service.open(bench.conversation, as: bench.user)
    #expect(session.messages.map(\.content) == ["un", "Bonjour", "deux", "Bonjour"])
    #expect(session.messageCount == 4)
  }

  @Test(
    "T6 Whichever call of the archive fails, a turn with a journal is stored once and in order",
    arguments: [false, true], [false, true])
  func everyCall(actsBeforeFailing: Bool, isCold: Bool) async throws {
    var number = 0
    var isOver = false
    while !isOver {
      number += 1
      let bench = try ChatBench(
        archivePlan: FaultPlan(failing: [number + 2]), actsBeforeFailing: actsBeforeFailing,
        journaling: true)
      try await bench.ask("un")
      if isCold { _ = try await bench.store.close(bench.conversation, in: .shared) }
      let id = MessageID.generate()
      do {
        try await bench.ask("deux", id: id)
      } catch let error as ArchiveError {
        // Paging in was not possible, so there was no history to ask with.
        #expect(error.code == .unavailable)
        #expect(isCold)
        try await bench.ask("deux", id: id)
      }
      isOver = bench.archivePlan.calls.count < number + 2
      bench.archivePlan.heal()
      bench.time.advance(by: .seconds(60))
      try await bench.ask("trois")
      #expect(try await bench.archived() == whole, "call \(number)")
      #expect(try await bench.warm() == whole, "call \(number)")
      #expect(bench.responder.prompts.last?.messages.count == 5, "call \(number)")
    }
  }
}
