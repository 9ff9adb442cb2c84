import SessionCore
import TestSupport
import Testing

@Suite("The time that a turn waits for its tiers")
struct TurnBudgetTests {
  private static let short = TurnBudget(archive: .milliseconds(50), sessions: .milliseconds(50))

  @Test("T12 An archive that does not answer is given up, and the turn goes on with the journal")
  func silentArchive() async throws {
    let bench = try ChatBench(journaling: true, budget: Self.short)
    let gate = Gate()
    bench.archivePlan.hold("append", at: gate)
    let turn = try await bench.ask("un")
    #expect(turn.answer.content == "Bonjour")
    #expect(bench.service.statistics.journalDepth == 2)
    gate.open()
    bench.time.advance(by: .seconds(60))
    try await bench.service.flushJournal()
    #expect(try await bench.archived() == ["user: un", "assistant: Bonjour"])
  }

  @Test("T12 An archive that failed in a turn is not waited for again in it, however long it takes")
  func failedOnce() async throws {
    let time = ManualTime()
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        time.advance(by: .seconds(3600))
        try await answer.write("Bonjour")
        return .complete
      }, time: time, journaling: true)
    bench.archivePlan.setDown(true)
    try await bench.ask("un")
    #expect(bench.archivePlan.calls == ["append"])
    // The next turn tries again.
    try await bench.ask("deux")
    #expect(bench.archivePlan.calls == ["append", "append"])
  }

  @Test("T12 A session store that does not answer is given up, and one in memory stands in")
  func silentStore() async throws {
    let plan = FaultPlan()
    let gate = Gate()
    plan.hold("append", at: gate)
    let sessions = FailoverSessionStore(
      FaultySessionStore(InMemorySessionStore(), plan: plan))
    let service = ChatService(
      sessions: sessions, archive: InMemoryArchive(),
      responder: ScriptedResponder(saying: "Bonjour"), budget: Self.short)
    let turn = try await service.ask("un", in: .generate(), as: try UserID("Awa"))
    #expect(turn.answer.content == "Bonjour")
    #expect(sessions.isStandIn)
    #expect(plan.calls == ["append"])
    gate.open()
  }

  @Test("T6 An archive that can be read and not written is told away once, and back once")
  func readable() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    let modes = try await bench.told {
      let calls = bench.archivePlan.calls.count
      // The appends of two turns; what is read in between succeeds.
      bench.archivePlan.fail([calls + 1, calls + 3])
      try await bench.ask("deux")
      _ = try await bench.service.setPinned(true, bench.conversation, as: bench.user)
      bench.time.advance(by: .seconds(3600))
      try await bench.ask("trois")
      bench.archivePlan.heal()
      bench.time.advance(by: .seconds(3600))
      try await bench.ask("quatre")
    }.compactMap { event -> Bool? in
      if case .modeChanged(let change) = event { change.isAvailable } else { nil }
    }
    #expect(modes == [false, true])
  }
}

@Suite("The smallest archive")
struct SmallestArchiveTests {
  /// What an importer has to write.
  private struct TurnsOnly: ConversationArchive {
    let base = InMemoryArchive()

    func append(
      _ message: Message, to thread: ConversationID, of user: UserID
    ) async throws -> AppendReceipt {
      try await base.append(message, to: thread, of: user)
    }

    func newestMessages(
      in thread: ConversationID, of user: UserID, limit: Int
    ) async throws -> [Message] {
      await base.newestMessages(in: thread, of: user, limit: limit)
    }

    func messageCount(
      in thread: ConversationID, of user: UserID, through last: MessageID
    ) async throws -> Int {
      await base.messageCount(in: thread, of: user, through: last)
    }

    func message(
      _ id: MessageID, in thread: ConversationID, of user: UserID
    ) async throws -> Message? {
      await base.message(id, in: thread, of: user)
    }
  }

  @Test("T1 Four methods carry turns, page-ins and replays; what needs more is refused in words")
  func carriesTurns() async throws {
    let responder = ScriptedResponder(saying: "Bonjour")
    let service = ChatService(
      sessions: InMemorySessionStore(limits: SessionLimits(sessionCountMax: 1)),
      archive: TurnsOnly(), responder: responder)
    let user = try UserID("Awa")
    let (first, second) = (ConversationID.generate(), ConversationID.generate())
    let asked = try await service.ask("un", in: first, as: user).question
    _ = try await service.ask("autre", in: second, as: user)
    let options = TurnOptions(questionID: asked.id)
    #expect(try await service.ask("un", in: first, as: user, options: options).isReplay)
    _ = try await service.ask("deux", in: first, as: user)
    #expect(responder.prompts.last?.messages.map(\.content) == ["un", "Bonjour", "deux"])
    let error = await #expect(throws: ArchiveError.self) {
      try await service.rename(first, as: user, to: "Nom")
    }
    #expect(error?.code == .refused)
    #expect(error?.reason.contains("CompleteArchive") == true)
  }

  @Test("A1 A service judges the user's own messages alone, and prunes by age with a count")
  func judgesAndPrunes() async throws {
    let time = ManualTime()
    let archive = InMemoryArchive()
    let service = ChatService(
      sessions: InMemorySessionStore(time: time), archive: archive,
      responder: ScriptedResponder(saying: "Bonjour"), time: time)
    let (user, other) = (try UserID("Awa"), try UserID("Moussa"))
    let conversation = ConversationID.generate()
    let turn = try await service.ask("un", in: conversation, as: user)
    let judgement = Feedback(value: .up, comment: "bien")
    try await service.judge(turn.answer.id, in: conversation, as: user, judgement)
    let error = await #expect(throws: ArchiveError.self) {
      try await service.judge(turn.answer.id, in: conversation, as: other, nil)
    }
    #expect(error?.code == .notFound)
    let judged = await archive.feedback(in: conversation, of: user)
    #expect(judged == [turn.answer.id: judgement])
    let later = time.now() + .seconds(1)
    #expect(try await service.prune(untouchedSince: later, dryRun: true).threads == 1)
    #expect(try await service.prune(untouchedSince: later).threads == 1)
    #expect(try await service.prune(untouchedSince: later).threads == 0)
    #expect(try await service.adopt(by: user) == AdoptionCounts(threads: 0, messages: 0))
  }
}
