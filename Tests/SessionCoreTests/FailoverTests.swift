import TestSupport
import Testing

@testable import SessionCore

@Suite("A session store with a stand-in")
struct FailoverTests {
  @Test(
    "P8 keeps the contract of session stores while the first store answers",
    arguments: SessionStoreContract.rules)
  func contractOfFirst(rule: SessionStoreContract.Rule) async throws {
    try await rule.check { limits, time in
      FailoverSessionStore(InMemorySessionStore(limits: limits, time: time), time: time)
    }
  }

  @Test(
    "T6 keeps the contract of session stores while the first store is away",
    arguments: SessionStoreContract.rules)
  func contractOfStandIn(rule: SessionStoreContract.Rule) async throws {
    try await rule.check { limits, time in
      let plan = FaultPlan()
      plan.setDown(true)
      let store = FaultySessionStore(
        InMemorySessionStore(limits: limits, time: time), plan: plan)
      return FailoverSessionStore(store, time: time)
    }
  }

  @Test("T6 A turn whose session store is away is served from memory, under the same limits")
  func turn() async throws {
    let bench = try FailoverBench(limits: SessionLimits(sessionCountMax: 1))
    bench.plan.setDown(true)
    #expect(try await bench.ask("un").isEmpty)
    #expect(bench.store.isStandIn)
    #expect(try await bench.ask("deux").isEmpty, "warm in memory: nothing is paged in")
    let removed = try await bench.ask("ailleurs", in: .generate())
    #expect(removed == [.removed(Removal(id: bench.conversation, cause: .evicted))])
    #expect(try await bench.ask("trois").contains(.pagedIn(messageCount: 5)))
    #expect(bench.prompts.last?.count == 5)
  }

  @Test("T6 Back with a copy from before the outage, the first store is not believed")
  func staleFirst() async throws {
    let bench = try FailoverBench()
    _ = try await bench.ask("un")
    bench.plan.setDown(true)
    _ = try await bench.ask("deux")
    bench.plan.setDown(false)
    bench.time.advance(by: .seconds(60))
    #expect(try await bench.ask("trois").contains(.pagedIn(messageCount: 5)))
    #expect(bench.prompts.last?.map(\.content) == ["un", "Oui", "deux", "Oui", "trois"])
    #expect(!bench.store.isStandIn)
  }

  @Test("T6 What the memory held in one outage is not there in the next")
  func staleStandIn() async throws {
    let bench = try FailoverBench()
    bench.plan.setDown(true)
    _ = try await bench.ask("un")
    bench.plan.setDown(false)
    bench.time.advance(by: .seconds(60))
    _ = try await bench.ask("deux")
    bench.plan.setDown(true)
    #expect(try await bench.store.list(in: .shared).value.isEmpty)
    #expect(try await bench.ask("trois").contains(.pagedIn(messageCount: 5)))
    #expect(bench.prompts.last?.count == 5)
  }

  @Test("T6 A rewind or a deletion during an outage is not undone by it")
  func rewoundMeanwhile() async throws {
    let bench = try FailoverBench()
    _ = try await bench.ask("un")
    _ = try await bench.ask("deux")
    bench.plan.setDown(true)
    let messages = await bench.archive.newestMessages(
      in: bench.conversation, of: bench.user, limit: 9)
    _ = try await bench.service.rewind(bench.conversation, as: bench.user, to: messages[1].id)
    bench.plan.setDown(false)
    bench.time.advance(by: .seconds(60))
    _ = try await bench.ask("autrement")
    #expect(bench.prompts.last?.map(\.content) == ["un", "Oui", "autrement"])
  }

  @Test("T6 A store that is away is tried once a pause, and each failure doubles the pause")
  func backoff() async throws {
    let bench = try FailoverBench()
    bench.plan.setDown(true)
    func triesDuring(_ seconds: Int) async throws -> Int {
      let before = bench.plan.calls.count
      for _ in 0..<seconds {
        for _ in 1...3 { _ = try await bench.store.list(in: .shared) }
        bench.time.advance(by: .seconds(1))
      }
      return bench.plan.calls.count - before
    }
    // At 0, 1, 3, 7, 15 and 31 seconds, and then every 30.
    #expect(try await triesDuring(1) == 1)
    #expect(try await triesDuring(1) == 1)
    #expect(try await triesDuring(6) == 2)
    #expect(try await triesDuring(24) == 2)
    #expect(try await triesDuring(60) == 2)
    bench.plan.setDown(false)
    bench.time.advance(by: .seconds(29))
    #expect(try await triesDuring(1) == 3)
    #expect(!bench.store.isStandIn)
    bench.plan.setDown(true)
    #expect(try await triesDuring(1) == 1, "the pause is short again")
  }

  @Test("T6 Many who find the store away at once lengthen no pause, and all are served")
  func manyAtOnce() async throws {
    let bench = try FailoverBench()
    let gate = Gate()
    bench.plan.hold("list", at: gate)
    bench.plan.setDown(true)
    try await withThrowingTaskGroup { group in
      for _ in 0..<20 { group.addTask { _ = try await bench.store.list(in: .shared) } }
      await gate.waitForArrivals(20)
      gate.open()
      try await group.waitForAll()
    }
    bench.time.advance(by: .seconds(1))
    bench.plan.setDown(false)
    _ = try await bench.store.list(in: .shared)
    #expect(!bench.store.isStandIn)
  }

  @Test("T6 Going away and coming back are told once each")
  func events() async throws {
    let bench = try FailoverBench()
    var iterator = bench.hub.events().makeAsyncIterator()
    bench.plan.setDown(true)
    for _ in 1...5 { _ = try await bench.store.list(in: .shared) }
    bench.plan.setDown(false)
    bench.time.advance(by: .seconds(60))
    for _ in 1...5 { _ = try await bench.store.list(in: .shared) }
    bench.hub.tell(.opened(bench.conversation))
    var told: [SessionEvent?] = []
    repeat { told.append(await iterator.next()) } while told.last != .opened(bench.conversation)
    #expect(
      told.dropLast() == [
        .modeChanged(
          ModeChange(tier: .sessionStore, isAvailable: false, reason: "injected fault")),
        .modeChanged(ModeChange(tier: .sessionStore, isAvailable: true)),
      ])
  }

  @Test("P9 A refusal of the first store is its answer, and changes no mode")
  func refusal() async throws {
    let bench = try FailoverBench(limits: SessionLimits(sessionCountMax: 1))
    _ = try await bench.ask("un")
    #expect(try await bench.store.setPinned(true, bench.conversation, in: .shared).value)
    let error = await #expect(throws: SessionStoreError.self) {
      _ = try await bench.store.pageIn(.generate(), in: .shared, messages: [], messageCount: 0)
    }
    #expect(error?.code == .scopeFullOfPins)
    #expect(!bench.store.isStandIn)
  }
}

/// A service whose session store has a stand-in.
private struct FailoverBench {
  let time = ManualTime()
  let plan = FaultPlan()
  let hub = EventHub()
  let archive = InMemoryArchive()
  let responder = ScriptedResponder(saying: "Oui")
  let store: FailoverSessionStore
  let service: ChatService
  let user: UserID
  let conversation = ConversationID.generate()

  init(limits: SessionLimits = SessionLimits()) throws {
    user = try UserID("Awa")
    let first = FaultySessionStore(InMemorySessionStore(limits: limits, time: time), plan: plan)
    store = FailoverSessionStore(first, time: time, events: hub)
    service = ChatService(
      sessions: store, archive: archive, responder: responder, scoping: .shared,
      events: hub, time: time)
  }

  var prompts: [[Message]] { responder.prompts.map(\.messages) }

  /// Runs a turn, and returns what it reported beside the text.
  func ask(_ text: String, in conversation: ConversationID? = nil) async throws -> [TurnEvent] {
    let events = Locked<[TurnEvent]>([])
    _ = try await service.ask(text, in: conversation ?? self.conversation, as: user) { event in
      if case .text = event { return }
      events.withLock { $0.append(event) }
    }
    return events.withLock { $0 }
  }
}
