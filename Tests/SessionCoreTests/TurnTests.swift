import SessionCore
import TestSupport
import Testing

@Suite("A turn")
struct TurnTests {
  @Test("goes through both tiers, and the answer is what was shown")
  func whole() async throws {
    let bench = try ChatBench()
    let events = try await bench.events("Bonjour ?")
    #expect(events == [.text("Bon"), .text("jour")])
    let lines = ["user: Bonjour ?", "assistant: Bonjour"]
    #expect(try await bench.archived() == lines)
    #expect(try await bench.warm() == lines)
  }

  @Test("T1 The question is durable before the responder is asked")
  func questionFirst() async throws {
    let archive = InMemoryArchive()
    let user = try UserID("Awa")
    let responder = ScriptedResponder { prompt, answer in
      let held = await archive.newestMessages(in: prompt.conversation, of: user, limit: 9)
      #expect(held.map(\.content) == ["Bonjour ?"])
      try await answer.write(.text("Bonjour"))
      return ResponseSummary(state: .complete)
    }
    let service = ChatService(
      sessions: InMemorySessionStore(), archive: archive, responder: responder)
    _ = try await service.ask("Bonjour ?", in: .generate(), as: user)
    #expect(responder.prompts.count == 1)
  }

  @Test("T1 A turn whose question cannot be stored asks nobody and shows nothing")
  func questionRefused() async throws {
    let bench = try ChatBench(archivePlan: FaultPlan(failing: [1]))
    await #expect(throws: ArchiveError.self) { try await bench.ask("Bonjour ?") }
    #expect(bench.responder.prompts.isEmpty)
    #expect(try await bench.archived().isEmpty)
    #expect(try await bench.warm() == nil)
  }

  @Test("T1 A complete answer is stored with its model, its usage and its times")
  func completeAnswer() async throws {
    let usage = TokenUsage(promptTokenCount: 5, answerTokenCount: 2, totalTokenCount: 7)
    let summary = ResponseSummary(
      state: .complete, model: "gemini-2.5-flash", usage: usage, finishReason: "STOP")
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        try await answer.write(.text("Bonjour"))
        return summary
      })
    let turn = try await bench.ask("Bonjour ?")
    let expected = AnswerDetails(
      state: .complete, model: "gemini-2.5-flash", usage: usage, finishReason: "STOP",
      startedAt: bench.time.now())
    #expect(turn.answer.answer == expected)
    let stored = try await bench.archive.message(
      turn.answer.id, in: bench.conversation, of: bench.user)
    #expect(stored == turn.answer)
  }

  @Test("T1 An answer that is cut is stored as partial, with what was shown")
  func cutAnswer() async throws {
    let cut = ResponderError(code: .cut, reason: "the answer was cut")
    let bench = try ChatBench(ScriptedResponder(saying: "Bon", thenThrowing: cut))
    let turn = try await bench.ask("Bonjour ?")
    #expect(turn.answer.answer?.state == .partial)
    #expect(turn.failure == cut)
    #expect(try await bench.archived() == ["user: Bonjour ?", "assistant: Bon"])
    #expect(try await bench.warm() == ["user: Bonjour ?", "assistant: Bon"])
  }

  @Test("T1 A failure before any text is stored as error, and not sent to the model later")
  func failedAnswer() async throws {
    let failure = ResponderError(code: .overloaded, reason: "the model is overloaded")
    let isDown = Locked(true)
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        if isDown.withLock({ $0 }) { throw failure }
        try await answer.write(.text("Oui"))
        return ResponseSummary(state: .complete)
      })
    let turn = try await bench.ask("Es-tu là ?")
    #expect(turn.answer.answer?.state == .error)
    #expect(turn.failure == failure)
    isDown.withLock { $0 = false }
    try await bench.ask("Et maintenant ?")
    #expect(bench.prompt(1) == ["user: Es-tu là ?", "user: Et maintenant ?"])
  }

  @Test("T1 A fallback answer is stored as one, and its reason is told")
  func fallbackAnswer() async throws {
    let notice = FallbackNotice(
      from: "gemini-2.5-flash", error: ResponderError(code: .quotaExhausted, reason: "no quota"))
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        try await answer.write(.fallback(notice))
        try await answer.write(.text("Réponse locale"))
        return ResponseSummary(state: .fallback)
      })
    let events = try await bench.events("Bonjour ?")
    #expect(events == [.fallback(notice), .text("Réponse locale")])
    let stored = try await bench.archive.newestMessages(
      in: bench.conversation, of: bench.user, limit: 1)
    #expect(stored.first?.answer?.state == .fallback)
  }

  @Test("T2 A turn that is run again gives the stored answer and changes nothing")
  func replay() async throws {
    let bench = try ChatBench()
    let id = MessageID.generate()
    let first = try await bench.ask("Bonjour ?", id: id)
    try await bench.ask("Autre question")
    let again = try await bench.ask("Bonjour, avec un autre texte", id: id)
    #expect(again.answer == first.answer)
    #expect(again.question == first.question)
    #expect(again.isReplay)
    #expect(bench.responder.prompts.count == 2)
    #expect(try await bench.archived().count == 4)
    #expect(try await bench.warm()?.count == 4)
  }

  @Test("T2 One turn run twice at the same time stores one answer, which both give")
  func simultaneousReplay() async throws {
    let gate = Gate()
    let number = Locked(0)
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        let mine = number.withLock { number in
          number += 1
          return number
        }
        try await gate.pass()
        try await answer.write(.text("réponse \(mine)"))
        return ResponseSummary(state: .complete)
      })
    let id = MessageID.generate()
    async let first = bench.ask("Bonjour ?", id: id)
    async let second = bench.ask("Bonjour ?", id: id)
    await gate.waitForArrivals(2)
    gate.open()
    let answers = try await [first.answer, second.answer]
    #expect(answers[0] == answers[1])
    #expect(try await bench.archived().count == 2)
    #expect(try await bench.warm() == bench.archived())
  }

  @Test("T2 A failed turn that is run again under its name is answered then")
  func retryAfterFailure() async throws {
    let failures = Locked(1)
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        let fails = failures.withLock { left in
          left -= 1
          return left >= 0
        }
        if fails { throw ResponderError(code: .unreachable, reason: "no network") }
        try await answer.write(.text("Oui"))
        return ResponseSummary(state: .complete)
      })
    let id = MessageID.generate()
    #expect(try await bench.ask("Bonjour ?", id: id).answer.answer?.state == .error)
    #expect(try await bench.ask("Bonjour ?", id: id).answer.content == "Oui")
    #expect(bench.prompt(1) == ["user: Bonjour ?"])
    #expect(try await bench.archived().filter { $0.hasPrefix("user") }.count == 1)
  }

  @Test("An empty message is refused before anything is stored", arguments: ["", " ", "\n\t "])
  func emptyMessage(text: String) async throws {
    let bench = try ChatBench()
    await #expect(throws: EmptyMessage.self) { try await bench.ask(text) }
    #expect(bench.archivePlan.calls.isEmpty)
  }
}
