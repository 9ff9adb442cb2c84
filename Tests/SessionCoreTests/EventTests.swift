import SessionCore
import TestSupport
import Testing

@Suite("Events")
struct EventTests {
  @Test("Every listener hears everything that happens after it came, in order")
  func everyListener() async throws {
    let hub = EventHub()
    let ids = (0..<10).map { _ in ConversationID.generate() }
    hub.tell(.opened(.generate()))
    let listeners = (0..<3).map { _ in hub.events() }
    for id in ids { hub.tell(.opened(id)) }
    for listener in listeners {
      var heard: [SessionEvent] = []
      for await event in listener {
        heard.append(event)
        if heard.count == ids.count { break }
      }
      #expect(heard == ids.map { .opened($0) })
    }
  }

  @Test("A listener that is too slow loses the oldest events, and is told how many")
  func slowListener() async throws {
    let hub = EventHub()
    let ids = (0..<10).map { _ in ConversationID.generate() }
    var slow = hub.events(bufferCountMax: 4).makeAsyncIterator()
    var patient = hub.events().makeAsyncIterator()
    for id in ids { hub.tell(.opened(id)) }
    #expect(await slow.next() == .missed(count: 6))
    for id in ids[6...] { #expect(await slow.next() == .opened(id)) }
    for id in ids[..<3] { hub.tell(.opened(id)) }
    for id in ids[..<3] { #expect(await slow.next() == .opened(id), "caught up") }
    for id in ids { #expect(await patient.next() == .opened(id), "the others notice nothing") }
  }

  @Test("A listener that waits is woken by the next event, and by its cancellation")
  func waiting() async throws {
    let hub = EventHub()
    let id = ConversationID.generate()
    let heard = Task { [events = hub.events()] in
      var heard: [SessionEvent] = []
      for await event in events { heard.append(event) }
      return heard
    }
    hub.tell(.opened(id))
    heard.cancel()
    #expect(await heard.value.allSatisfy { $0 == .opened(id) })
  }

  @Test("A listener that went away is forgotten")
  func forgotten() async throws {
    let hub = EventHub()
    do {
      let events = hub.events()
      #expect(hub.listenerCount == 1)
      hub.tell(.opened(.generate()))
      for await _ in events { break }
    }
    #expect(hub.listenerCount == 0)
  }

  @Test("A listener that never reads stops no turn")
  func neverReads() async throws {
    let bench = try ChatBench(limits: SessionLimits(sessionCountMax: 1))
    let deaf = bench.hub.events(bufferCountMax: 1)
    for _ in 0..<10 {
      _ = try await bench.service.ask("un", in: .generate(), as: bench.user)
    }
    var iterator = deaf.makeAsyncIterator()
    guard case .missed = await iterator.next() else {
      Issue.record("nothing was missed")
      return
    }
  }

  @Test("A new conversation that becomes warm is told once, also when its turn is run again")
  func opened() async throws {
    let failures = Locked(1)
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        let isBroken = failures.withLock { left in
          left -= 1
          return left >= 0
        }
        if isBroken { throw CancellationError() }
        try await answer.write(.text("Oui"))
        return ResponseSummary(state: .complete)
      })
    let id = MessageID.generate()
    let events = try await bench.told {
      await #expect(throws: CancellationError.self) { try await bench.ask("un", id: id) }
      try await bench.ask("un", id: id)
      try await bench.ask("deux")
    }
    #expect(events == [.opened(bench.conversation)])
  }

  @Test("P5 Every removal is told once, with its cause, whoever finds it")
  func removals() async throws {
    let bench = try ChatBench(limits: SessionLimits(sessionCountMax: 1))
    let second = ConversationID.generate()
    let events = try await bench.told {
      try await bench.ask("un")
      _ = try await bench.service.ask("deux", in: second, as: bench.user)
      bench.time.advance(by: .seconds(3601))
      for _ in 1...2 { _ = try await bench.service.warmSessions(as: bench.user) }
      try await bench.ask("trois")
      _ = try await bench.service.delete(bench.conversation, as: bench.user)
    }
    let removals = events.compactMap { if case .removed(let removal) = $0 { removal } else { nil } }
    #expect(
      removals == [
        Removal(id: bench.conversation, cause: .evicted), Removal(id: second, cause: .expired),
        Removal(id: bench.conversation, cause: .closed),
      ])
  }

  @Test("T5 A page-in that many share is told once")
  func sharedPageIn() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    _ = try await bench.store.close(bench.conversation, in: .shared)
    let gate = Gate()
    bench.storePlan.hold("pageIn", at: gate)
    let events = try await bench.told {
      try await withThrowingTaskGroup { group in
        for _ in 0..<10 {
          group.addTask { try await bench.service.open(bench.conversation, as: bench.user) }
        }
        await gate.waitForArrivals(1)
        gate.open()
        try await group.waitForAll()
      }
    }
    #expect(events.filter { $0 == .pagedIn(bench.conversation, messageCount: 2) }.count >= 1)
    #expect(
      events.count == bench.storePlan.calls.filter { $0 == "pageIn" }.count, "one for each page-in")
  }

  @Test("R1 A fallback is told with its conversation")
  func fallback() async throws {
    let notice = FallbackNotice(
      from: "gemini-2.5-flash", error: ResponderError(code: .quotaExhausted, reason: "no quota"))
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        try await answer.write(.fallback(notice))
        return ResponseSummary(state: .fallback)
      })
    let events = try await bench.told { try await bench.ask("un") }
    #expect(events == [.opened(bench.conversation), .fallback(bench.conversation, notice)])
  }

  @Test("Statistics count hits, misses, page-ins and what left")
  func statistics() async throws {
    let bench = try ChatBench(limits: SessionLimits(sessionCountMax: 1))
    try await bench.ask("un")
    #expect(bench.service.statistics == ServiceStatistics())
    try await bench.ask("deux")
    try await bench.service.open(bench.conversation, as: bench.user)
    var expected = bench.service.statistics
    #expect(expected.hitCount == 2)
    #expect(expected.missCount == 0)
    _ = try await bench.service.ask("ailleurs", in: .generate(), as: bench.user)
    try await bench.ask("trois")
    bench.time.advance(by: .seconds(3601))
    try await bench.service.open(bench.conversation, as: bench.user)
    _ = try await bench.service.delete(bench.conversation, as: bench.user)
    expected = bench.service.statistics
    #expect(expected.hitCount == 2)
    #expect(expected.missCount == 2)
    #expect(expected.pageInCount == 2)
    #expect(expected.evictionCount == 2)
    #expect(expected.expiryCount == 1)
    #expect(expected.closureCount == 1)
    #expect(expected.journalDepth == 0)
  }
}
