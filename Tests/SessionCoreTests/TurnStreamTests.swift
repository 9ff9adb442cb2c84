import SessionCore
import TestSupport
import Testing

@Suite("A turn as a sequence")
struct TurnStreamTests {
  @Test("T10 The events of a turn come in order, and end with the finished turn")
  func order() async throws {
    let bench = try ChatBench()
    var events: [TurnEvent] = []
    for try await event in bench.service.stream("Salut", in: bench.conversation, as: bench.user) {
      events.append(event)
    }
    #expect(events.dropLast() == [.text("Bon"), .text("jour")])
    guard case .finished(let turn)? = events.last else {
      Issue.record("no finished turn")
      return
    }
    #expect(turn.answer.content == "Bonjour")
    #expect(try await bench.archived() == ["user: Salut", "assistant: Bonjour"])
  }

  @Test("T10 The responder writes no piece before the reader has the one before")
  func backPressure() async throws {
    let written = Locked(0)
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        for number in 1...20 {
          written.withLock { $0 = number }
          try await answer.write("\(number) ")
        }
        return .complete
      })
    var read = 0
    for try await event in bench.service.stream("Salut", in: bench.conversation, as: bench.user) {
      guard case .text = event else { continue }
      read += 1
      #expect(written.withLock { $0 } <= read + 1)
    }
    #expect(read == 20)
  }

  @Test("T7 Who leaves the loop stops the turn, and what was read is stored as partial")
  func leaving() async throws {
    let bench = try ChatBench(ScriptedResponder(saying: "un ", "deux ", "trois"))
    let hub = bench.hub.events()
    for try await event in bench.service.stream("Salut", in: bench.conversation, as: bench.user) {
      if event == .text("deux ") { break }
    }
    #expect(await bench.turnFinished(hub)?.outcome == .stopped)
    #expect(try await bench.archived() == ["user: Salut", "assistant: un deux "])
    let answer = try await bench.archive.newestMessages(
      in: bench.conversation, of: bench.user, limit: 1)
    #expect(answer.first?.answer?.state == .partial)
  }

  @Test("T7 A reader that is cancelled gets CancellationError once the partial answer is stored")
  func cancelling() async throws {
    let gate = Gate()
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        try await answer.write("Bon")
        try await gate.pass()
        return .complete
      })
    let stream = bench.service.stream("Salut", in: bench.conversation, as: bench.user)
    let reader = Task {
      var texts: [String] = []
      do {
        for try await case .text(let text) in stream { texts.append(text) }
      } catch is CancellationError {
        return texts + ["cancelled"]
      }
      return texts
    }
    await gate.waitForArrivals(1)
    reader.cancel()
    #expect(try await reader.value == ["Bon", "cancelled"])
    #expect(try await bench.archived() == ["user: Salut", "assistant: Bon"])
  }

  @Test("T2 A question id that is asked again replays, in the sequence and whole")
  func replay() async throws {
    let bench = try ChatBench()
    let options = TurnOptions(questionID: .generate())
    let first = try await bench.service.ask(
      "Salut", in: bench.conversation, as: bench.user, options: options)
    let stream = bench.service.stream(
      "Autre", in: bench.conversation, as: bench.user, options: options)
    // Each iterator is a run of its own.
    for _ in 0..<2 {
      var events: [TurnEvent] = []
      for try await event in stream { events.append(event) }
      #expect(events.first == .text("Bonjour"))
      guard case .finished(let turn)? = events.last else {
        Issue.record("no finished turn")
        return
      }
      #expect(turn.isReplay)
      #expect(turn.answer == first.answer)
    }
    #expect(bench.responder.prompts.count == 1)
  }

  @Test("A sequence that failed throws once, and then ends")
  func failsOnce() async throws {
    let bench = try ChatBench()
    var iterator = bench.service.stream("  ", in: bench.conversation, as: bench.user)
      .makeAsyncIterator()
    await #expect(throws: EmptyMessage.self) { try await iterator.next() }
    #expect(try await iterator.next() == nil)
  }

  @Test("An iterator that is never asked runs no turn")
  func unused() async throws {
    let bench = try ChatBench()
    _ = bench.service.stream("Salut", in: bench.conversation, as: bench.user).makeAsyncIterator()
    #expect(try await bench.archived() == [])
  }

  @Test("T7 10,000 turns that are left in mid-loop leave no task and no memory behind")
  func leftInMidLoop() async throws {
    let counts = Locked((running: 0, ended: 0))
    let responder = ScriptedResponder { _, answer in
      counts.withLock { $0.running += 1 }
      defer {
        counts.withLock {
          $0.running -= 1
          $0.ended += 1
        }
      }
      for _ in 0..<100 { try await answer.write("encore ") }
      return .complete
    }
    let bench = try ChatBench(responder)
    let hub = bench.hub.events(bufferCountMax: 100_000)
    weak var weakService: ChatService?
    do {
      let service = try bench.another(sessions: InMemorySessionStore(), archive: InMemoryArchive())
      weakService = service
      for _ in 0..<10_000 {
        for try await case .text in service.stream("Salut", in: .generate(), as: bench.user) {
          break
        }
      }
      for _ in 0..<10_000 { _ = await bench.turnFinished(hub) }
    }
    #expect(counts.withLock { $0 } == (0, 10_000))
    #expect(weakService == nil)
  }

  @Test("The end of a turn is told with its duration, first text, model, tokens and outcome")
  func report() async throws {
    let time = ManualTime()
    let usage = TokenUsage(promptTokenCount: 3, answerTokenCount: 2, totalTokenCount: 5)
    let responder = ScriptedResponder { _, answer in
      time.advance(by: .milliseconds(120))
      try await answer.write("Bonjour")
      time.advance(by: .milliseconds(30))
      return ResponseSummary(state: .complete, model: "m", usage: usage)
    }
    let hub = EventHub()
    let service = ChatService(
      sessions: InMemorySessionStore(time: time), archive: InMemoryArchive(),
      responder: responder, events: hub, time: time)
    let events = hub.events()
    let conversation = ConversationID.generate()
    let turn = try await service.ask("Salut", in: conversation, as: UserID("Awa"))
    var report: TurnReport?
    for await event in events {
      if case .turnFinished(let finished) = event {
        report = finished
        break
      }
    }
    #expect(
      report
        == TurnReport(
          conversation: conversation, question: turn.question.id, outcome: .complete,
          duration: .milliseconds(150), timeToFirstText: .milliseconds(120), model: "m",
          usage: usage, toolCallCount: 0))
    #expect(report?.description == "complete after 150 ms")
  }
}
