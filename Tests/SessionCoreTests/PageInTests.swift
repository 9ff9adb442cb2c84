import TestSupport
import Testing

@testable import SessionCore

@Suite("Paging in", .timeLimit(.minutes(5)))
struct PageInTests {
  @Test("A warm turn costs two calls of each tier, and reads nothing from the archive")
  func warmTurn() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    let (stored, archived) = (bench.storePlan.calls.count, bench.archivePlan.calls.count)
    try await bench.ask("deux")
    #expect(bench.storePlan.calls.dropFirst(stored) == ["append", "append"])
    #expect(bench.archivePlan.calls.dropFirst(archived) == ["append", "append"])
    #expect(bench.prompt(1) == ["user: un", "assistant: Bonjour", "user: deux"])
  }

  @Test("T4 A conversation that left the fast tier comes back before the model is asked")
  func evicted() async throws {
    let bench = try ChatBench(limits: SessionLimits(sessionCountMax: 1))
    try await bench.ask("un")
    let events = try await bench.events("ailleurs", in: .generate())
    #expect(events.contains(.removed(Removal(id: bench.conversation, cause: .evicted))))
    let back = try await bench.events("deux")
    #expect(back.contains(.pagedIn(messageCount: 3)))
    #expect(bench.prompt(2) == ["user: un", "assistant: Bonjour", "user: deux"])
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("T4 A conversation that expired comes back, and its end is told")
  func expired() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    bench.time.advance(by: .seconds(3601))
    let events = try await bench.events("deux")
    #expect(events.contains(.removed(Removal(id: bench.conversation, cause: .expired))))
    #expect(bench.prompt(1) == ["user: un", "assistant: Bonjour", "user: deux"])
  }

  @Test("T4 A warm copy that another process has overtaken is never used")
  func overtaken() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    let foreign = Message(
      id: .generate(), role: .user, content: "d'ailleurs", createdAt: bench.time.now())
    _ = try await bench.archive.append(foreign, to: bench.conversation, of: bench.user)
    let events = try await bench.events("deux")
    #expect(events.contains(.pagedIn(messageCount: 4)))
    #expect(
      bench.prompt(1) == [
        "user: un", "assistant: Bonjour", "user: d'ailleurs", "user: deux",
      ])
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("T4 A warm copy of a conversation that was deleted is never used")
  func deletedElsewhere() async throws {
    let bench = try ChatBench()
    try await bench.ask("secret")
    _ = try await bench.archive.delete(bench.conversation, of: bench.user)
    try await bench.ask("nouveau")
    #expect(bench.prompt(1) == ["user: nouveau"])
    #expect(try await bench.warm() == ["user: nouveau", "assistant: Bonjour"])
  }

  @Test("T4 Two overlapping turns each see what was said before, and not what came after")
  func overlapping() async throws {
    let gate = Gate()
    let bench = try ChatBench(
      ScriptedResponder { prompt, answer in
        if prompt.messages.last?.content == "lent" { try await gate.pass() }
        try await answer.write(.text("à \(prompt.messages.last?.content ?? "")"))
        return ResponseSummary(state: .complete)
      })
    async let slow = bench.ask("lent")
    await gate.waitForArrivals(1)
    try await bench.ask("vif")
    gate.open()
    _ = try await slow
    #expect(bench.prompt(0) == ["user: lent"])
    #expect(bench.prompt(1) == ["user: lent", "user: vif"])
    let lines = ["user: lent", "user: vif", "assistant: à vif", "assistant: à lent"]
    #expect(try await bench.archived() == lines)
    #expect(try await bench.warm() == lines)
  }

  @Test("T5 Fifty simultaneous misses on one session cause one page-in")
  func singlePageIn() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    _ = try await bench.store.close(bench.conversation, in: .shared)
    let gate = Gate()
    bench.storePlan.hold("pageIn", at: gate)
    let told = Locked(0)
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          let session = try await bench.service.open(bench.conversation, as: bench.user) { event in
            if case .pagedIn = event { told.withLock { $0 += 1 } }
          }
          #expect(session.messages.count == 2)
        }
      }
      while !Task.isCancelled,
        bench.service.memory.pageIns.callerCount(of: bench.conversation) < 50
      {
        await Task.yield()
      }
      gate.open()
      try await group.waitForAll()
    }
    #expect(bench.storePlan.calls.filter { $0 == "pageIn" }.count == 1)
    #expect(told.withLock { $0 } == 1)
  }

  @Test("T4 Fifty simultaneous turns on a cold session leave both tiers equal")
  func fiftyTurns() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    _ = try await bench.store.close(bench.conversation, in: .shared)
    try await withThrowingTaskGroup { group in
      for number in 0..<50 {
        group.addTask { _ = try await bench.ask("question \(number)") }
      }
      try await group.waitForAll()
    }
    #expect(try await bench.archived().count == 102)
    try await bench.ask("fin")
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("P6 A long conversation comes back with its newest messages and its whole count")
  func longConversation() async throws {
    let bench = try ChatBench(limits: SessionLimits(windowMessageCountMax: 4))
    for number in 1...5 { try await bench.ask("\(number)") }
    _ = try await bench.store.close(bench.conversation, in: .shared)
    let session = try await bench.service.open(bench.conversation, as: bench.user)
    #expect(session.messageCount == 10)
    #expect(session.messages.map(\.content) == ["4", "Bonjour", "5", "Bonjour"])
  }

  @Test("Opening a conversation that nobody has begun makes an empty session")
  func openNew() async throws {
    let bench = try ChatBench()
    let session = try await bench.service.open(bench.conversation, as: bench.user)
    #expect(session == WarmSession(messages: [], messageCount: 0))
    #expect(try await bench.service.warmSessions(as: bench.user).value.count == 1)
    try await bench.ask("un")
    #expect(try await bench.warm() == ["user: un", "assistant: Bonjour"])
  }

  @Test("A1 A warm conversation of another user is not opened")
  func openForeign() async throws {
    let bench = try ChatBench()
    try await bench.ask("secret")
    let stranger = try UserID("Bineta")
    let error = await #expect(throws: ArchiveError.self) {
      try await bench.service.open(bench.conversation, as: stranger)
    }
    #expect(error?.code == .notFound)
    await #expect(throws: ArchiveError.self) {
      try await bench.service.ask("et moi ?", in: bench.conversation, as: stranger)
    }
    #expect(try await bench.warm() == ["user: secret", "assistant: Bonjour"])
  }

  @Test("Deleting removes a conversation from both tiers, even when the fast one is away")
  func delete() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    _ = try await bench.service.delete(bench.conversation, as: bench.user)
    #expect(try await bench.archived().isEmpty)
    #expect(try await bench.warm() == nil)

    try await bench.ask("deux")
    bench.storePlan.setDown(true)
    _ = try await bench.service.delete(bench.conversation, as: bench.user)
    bench.storePlan.setDown(false)
    try await bench.ask("trois")
    #expect(bench.responder.prompts.last?.messages.map(\.content) == ["trois"])
  }
}
