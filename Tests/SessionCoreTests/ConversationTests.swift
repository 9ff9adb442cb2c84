import SessionCore
import TestSupport
import Testing

@Suite("What can be done with a conversation")
struct ConversationTests {
  @Test("P9 A pinned conversation stays warm; one that is not warm becomes so")
  func pin() async throws {
    let bench = try ChatBench(limits: SessionLimits(sessionCountMax: 2))
    try await bench.ask("un")
    for text in ["deux", "trois"] {
      _ = try await bench.service.ask(text, in: .generate(), as: bench.user)
    }
    #expect(try await bench.warm() == nil)
    try await bench.service.setPinned(true, bench.conversation, as: bench.user)
    for text in ["quatre", "cinq", "six"] {
      _ = try await bench.service.ask(text, in: .generate(), as: bench.user)
    }
    #expect(try await bench.warm() == ["user: un", "assistant: Bonjour"])
    try await bench.service.setPinned(false, bench.conversation, as: bench.user)
    for text in ["sept", "huit"] {
      _ = try await bench.service.ask(text, in: .generate(), as: bench.user)
    }
    #expect(try await bench.warm() == nil)
  }

  @Test("P9 A pin that finds no room is refused with the store's error")
  func noRoom() async throws {
    let bench = try ChatBench(limits: SessionLimits(sessionCountMax: 1))
    try await bench.ask("un")
    try await bench.service.setPinned(true, bench.conversation, as: bench.user)
    let other = ConversationID.generate()
    _ = try await bench.service.ask("deux", in: other, as: bench.user)
    let error = await #expect(throws: SessionStoreError.self) {
      try await bench.service.setPinned(true, other, as: bench.user)
    }
    #expect(error?.code == .scopeFullOfPins)
  }

  @Test("A1 Another user's conversation is neither pinned, renamed, forked, rewound nor deleted")
  func foreign() async throws {
    let bench = try ChatBench()
    let turn = try await bench.ask("secret")
    let stranger = try UserID("Bineta")
    let (service, id) = (bench.service, bench.conversation)
    let calls: [() async throws -> Void] = [
      { try await service.setPinned(true, id, as: stranger) },
      { try await service.rename(id, as: stranger, to: "à moi") },
      { _ = try await service.fork(id, as: stranger, through: turn.question.id) },
      { _ = try await service.rewind(id, as: stranger, to: turn.question.id) },
      { _ = try await service.delete(id, as: stranger) },
    ]
    for call in calls {
      let error = await #expect(throws: ArchiveError.self) { try await call() }
      #expect(error?.code == .notFound)
    }
    #expect(try await bench.warm() == ["user: secret", "assistant: Bonjour"])
    #expect(try await bench.store.list(in: .shared).value.map(\.isPinned) == [false])
  }

  @Test("A fork goes on by itself: neither conversation's model sees the other's messages")
  func fork() async throws {
    let bench = try ChatBench()
    let first = try await bench.ask("un")
    try await bench.ask("deux")
    let copy = try await bench.service.fork(
      bench.conversation, as: bench.user, through: first.answer.id)
    _ = try await bench.service.ask("autrement", in: copy.id, as: bench.user)
    #expect(bench.prompt(2) == ["user: un", "assistant: Bonjour", "user: autrement"])
    try await bench.ask("trois")
    #expect(bench.prompt(3).count == 5)
    #expect(!bench.prompt(3).contains("user: autrement"))
  }

  @Test("T2 A turn that was copied is known in the fork")
  func replayInFork() async throws {
    let bench = try ChatBench()
    let first = try await bench.ask("un")
    let copy = try await bench.service.fork(
      bench.conversation, as: bench.user, through: first.answer.id)
    let again = try await bench.service.ask(
      "un", in: copy.id, as: bench.user,
      options: TurnOptions(questionID: first.question.id.copied(into: copy.id)))
    #expect(again.isReplay)
    #expect(again.answer.content == "Bonjour")
    #expect(bench.responder.prompts.count == 1)
  }

  @Test(
    "T4 After a rewind the model never sees again what was taken back", arguments: [false, true])
  func rewind(storeFails: Bool) async throws {
    let bench = try ChatBench()
    let first = try await bench.ask("un")
    try await bench.ask("deux")
    bench.storePlan.setDown(storeFails)
    let failures = Locked(0)
    let count = try await bench.service.rewind(
      bench.conversation, as: bench.user, to: first.answer.id
    ) { event in if case .sessionStoreFailed = event { failures.withLock { $0 += 1 } } }
    #expect(count == 2)
    #expect(failures.withLock { $0 } == (storeFails ? 1 : 0))
    bench.storePlan.setDown(false)
    if !storeFails { #expect(try await bench.warm() == ["user: un", "assistant: Bonjour"]) }
    try await bench.ask("trois")
    #expect(bench.prompt(2) == ["user: un", "assistant: Bonjour", "user: trois"])
    #expect(try await bench.warm() == bench.archived())
    let rewound = try await bench.archive.rewoundMessages(
      in: bench.conversation, of: bench.user, page: PageRequest())
    #expect(rewound.elements.map(\.content) == ["deux", "Bonjour"])
  }

  @Test("T2 A turn that was taken back stays what it was when it is run again")
  func replayOfRewound() async throws {
    let bench = try ChatBench()
    let first = try await bench.ask("un")
    let second = try await bench.ask("deux")
    _ = try await bench.service.rewind(bench.conversation, as: bench.user, to: first.answer.id)
    let again = try await bench.ask("deux", id: second.question.id)
    #expect(again.isReplay)
    #expect(again.answer == second.answer)
    #expect(try await bench.archived() == ["user: un", "assistant: Bonjour"])
  }

  @Test("A question without an answer that was taken back cannot be asked again")
  func questionOfRewound() async throws {
    let bench = try ChatBench()
    let first = try await bench.ask("un")
    let question = Message(
      id: .generate(), role: .user, content: "deux", createdAt: bench.time.now())
    _ = try await bench.archive.append(question, to: bench.conversation, of: bench.user)
    _ = try await bench.service.rewind(bench.conversation, as: bench.user, to: first.answer.id)
    let error = await #expect(throws: ArchiveError.self) {
      try await bench.ask("deux", id: question.id)
    }
    #expect(error?.code == .rewound)
    #expect(bench.responder.prompts.count == 1)
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("T6 What waits in the journal is stored before a conversation is changed")
  func flushesFirst() async throws {
    let bench = try ChatBench(journaling: true)
    bench.archivePlan.setDown(true)
    let turn = try await bench.ask("un")
    try await bench.ask("deux")
    bench.archivePlan.setDown(false)
    try await bench.service.rename(bench.conversation, as: bench.user, to: "Nom")
    #expect(try await bench.archived().count == 4)
    bench.archivePlan.setDown(true)
    bench.time.advance(by: .seconds(60))
    try await bench.ask("trois")
    bench.archivePlan.setDown(false)
    let count = try await bench.service.rewind(
      bench.conversation, as: bench.user, to: turn.answer.id)
    #expect(count == 4)
  }
}
