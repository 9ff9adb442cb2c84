import SessionCore
import TestSupport
import Testing

@Suite("The life of a service")
struct ServiceLifeTests {
  /// A service on tiers whose archive can be made to fail, with a journal that drains by itself.
  private struct Life {
    let archivePlan = FaultPlan()
    let archive: FaultyArchive
    let base = InMemoryArchive()
    let hub = EventHub()
    let service: ChatService
    let user: UserID
    let directory: TemporaryDirectory

    init(_ responder: ScriptedResponder = ScriptedResponder(saying: "Bon", "jour")) throws {
      archive = FaultyArchive(base, plan: archivePlan)
      directory = try TemporaryDirectory()
      user = try UserID("Awa")
      service = try ChatService(
        sessions: InMemorySessionStore(), archive: archive, responder: responder,
        journal: directory.file("journal"), events: hub)
    }

    func messages(_ conversation: ConversationID) async -> [String] {
      await base.newestMessages(in: conversation, of: user, limit: 100).map(\.content)
    }

    /// Waits until `count` messages of the journal are in the archive.
    func flushed(_ count: Int, _ events: SessionEvents) async {
      var sent = 0
      for await event in events {
        if case .journalFlushed(let flush) = event { sent += flush.sentCount }
        if sent >= count { return }
      }
    }
  }

  @Test("T6 The journal drains by itself within 2 s of the archive's return, without any turn")
  func drains() async throws {
    let life = try Life()
    let conversations = (0..<20).map { _ in ConversationID.generate() }
    life.archivePlan.setDown(true)
    for conversation in conversations {
      _ = try await life.service.ask("un", in: conversation, as: life.user)
      _ = try await life.service.ask("deux", in: conversation, as: life.user)
    }
    let events = life.hub.events(bufferCountMax: 1000)
    let start = ContinuousClock.now
    life.archivePlan.setDown(false)
    await life.flushed(80, events)
    #expect(ContinuousClock.now - start < .seconds(3))
    for conversation in conversations {
      #expect(await life.messages(conversation) == ["un", "Bonjour", "deux", "Bonjour"])
    }
    #expect(life.service.statistics.journalDepth == 0)
  }

  @Test("T6 A turn of another conversation does not wait for what waits in the journal")
  func others() async throws {
    let life = try Life()
    let (waiting, other) = (ConversationID.generate(), ConversationID.generate())
    life.archivePlan.setDown(true)
    _ = try await life.service.ask("un", in: waiting, as: life.user)
    let gate = Gate()
    let drained = life.hub.events(bufferCountMax: 1000)
    life.archivePlan.hold(life.archivePlan.calls.count + 1, at: gate)
    life.archivePlan.setDown(false)
    await gate.waitForArrivals(1)
    // The drain stands still at its first message.
    let turn = try await life.service.ask("salut", in: other, as: life.user)
    #expect(turn.answer.content == "Bonjour")
    #expect(await life.messages(waiting) == [])
    gate.open()
    for await _ in drained where life.service.statistics.journalDepth == 0 { break }
    #expect(await life.messages(waiting) == ["un", "Bonjour"])
    #expect(await life.messages(other) == ["salut", "Bonjour"])
  }

  @Test("T6 What an earlier run left in the journal is sent without a turn")
  func leftOver() async throws {
    let life = try Life()
    let conversation = ConversationID.generate()
    life.archivePlan.setDown(true)
    _ = try await life.service.ask("un", in: conversation, as: life.user)
    await life.service.close(within: .milliseconds(10))
    #expect(await life.messages(conversation) == [])
    let hub = EventHub()
    let events = hub.events(bufferCountMax: 100)
    let next = try ChatService(
      sessions: InMemorySessionStore(), archive: life.base,
      responder: ScriptedResponder(saying: "x"), journal: life.directory.file("journal"),
      events: hub)
    await life.flushed(2, events)
    #expect(await life.messages(conversation) == ["un", "Bonjour"])
    await next.close()
  }

  @Test("T6 Closing sends what waits in the journal, when the archive is there")
  func closingDrains() async throws {
    let life = try Life()
    let conversation = ConversationID.generate()
    life.archivePlan.setDown(true)
    _ = try await life.service.ask("un", in: conversation, as: life.user)
    life.archivePlan.setDown(false)
    await life.service.close()
    #expect(await life.messages(conversation) == ["un", "Bonjour"])
    await #expect(throws: ServiceClosed.self) {
      try await life.service.ask("deux", in: conversation, as: life.user)
    }
  }

  @Test("T7 Closing stops a turn that is read, and what was read is stored as partial")
  func closingStops() async throws {
    let gate = Gate()
    let life = try Life(
      ScriptedResponder { _, answer in
        try await answer.write("Bon")
        try await gate.pass()
        return .complete
      })
    let conversation = ConversationID.generate()
    let stream = life.service.stream("un", in: conversation, as: life.user)
    let reader = Task { for try await _ in stream {} }
    await gate.waitForArrivals(1)
    await life.service.close()
    await #expect(throws: CancellationError.self) { try await reader.value }
    #expect(await life.messages(conversation) == ["un", "Bon"])
  }

  @Test("A service that runs ends when its task is cancelled, and is closed then")
  func running() async throws {
    let life = try Life()
    let run = Task { await life.service.run() }
    _ = try await life.service.ask("un", in: .generate(), as: life.user)
    run.cancel()
    await run.value
    await #expect(throws: ServiceClosed.self) {
      try await life.service.ask("deux", in: .generate(), as: life.user)
    }
  }

  @Test("T6 An archive that goes away right behind a question does not end the turn")
  func awayBehindTheQuestion() async throws {
    let bench = try ChatBench(journaling: true)
    try await bench.ask("un")
    // The warm copy is gone: the next turn reads the archive after it stored the question.
    _ = try await bench.store.close(bench.conversation, in: .shared)
    let gate = Gate()
    bench.archivePlan.hold("newestMessages", at: gate)
    async let turn = bench.ask("deux")
    await gate.waitForArrivals(1)
    bench.archivePlan.setDown(true)
    gate.open()
    #expect(try await turn.answer.content == "Bonjour")
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    try await bench.service.flushJournal()
    #expect(
      try await bench.archived() == [
        "user: un", "assistant: Bonjour", "user: deux", "assistant: Bonjour",
      ])
  }

  @Test("A4 A forgotten user is gone from archive, sessions and journal, and the receipt says so")
  func forgets() async throws {
    let life = try Life()
    let conversation = ConversationID.generate()
    _ = try await life.service.ask("canary-1", in: conversation, as: life.user)
    life.archivePlan.setDown(true)
    _ = try await life.service.ask("canary-2", in: conversation, as: life.user)
    // Nobody drains while the archive is away.
    await #expect(throws: ArchiveError.self) { try await life.service.forget(life.user) }
    life.archivePlan.setDown(false)
    let receipt = try await life.service.forget(life.user)
    #expect(receipt.archive.threads == 1)
    #expect(receipt.sessions == 1)
    #expect(await life.messages(conversation) == [])
    #expect(try await life.service.warmSessions(as: life.user).value.isEmpty)
    let journal = life.directory.bytes(of: "journal") ?? []
    #expect(!String(decoding: journal, as: UTF8.self).contains("canary"))
    #expect(receipt.description.hasPrefix("1 threads, "))
  }
}
