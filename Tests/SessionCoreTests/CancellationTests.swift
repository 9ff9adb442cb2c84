import SessionCore
import TestSupport
import Testing

@Suite("A turn that is cancelled")
struct CancellationTests {
  enum Tier: CaseIterable, Sendable { case archive, sessionStore, responder }

  @Test(
    "T7 At whatever call it is cancelled, nothing is doubled or lost, and the next turn works",
    arguments: Tier.allCases, [false, true])
  func everyCall(tier: Tier, isCold: Bool) async throws {
    var number = 0
    var isOver = false
    while !isOver {
      number += 1
      let responderPlan = Gate()
      let bench = try ChatBench(
        ScriptedResponder { prompt, answer in
          try await answer.write(.text("Bon"))
          if tier == .responder, prompt.messages.last?.content == "deux" {
            try await responderPlan.pass()
          }
          try await answer.write(.text("jour"))
          return ResponseSummary(state: .complete)
        })
      try await bench.ask("un")
      if isCold { _ = try await bench.store.close(bench.conversation, in: .shared) }
      let plan = tier == .archive ? bench.archivePlan : bench.storePlan
      let gate = tier == .responder ? responderPlan : Gate()
      let before = plan.calls.count
      if tier != .responder { plan.hold(before + number, at: gate) }

      let turn = Task { try await bench.ask("deux", id: .generate()) }
      // A turn that ends without coming to the gate comes to it here.
      Task {
        _ = try? await turn.value
        try await gate.pass()
      }
      await gate.waitForArrivals(1)
      turn.cancel()
      gate.open()
      do {
        _ = try await turn.value
      } catch {
        #expect(error is CancellationError, "call \(number): \(error)")
      }
      isOver = tier == .responder || plan.calls.count < before + number

      try await bench.ask("trois")
      let archived = try await bench.archived()
      let asked = archived.contains("user: deux") ? ["user: deux"] : []
      let answers = archived.filter { ["assistant: Bon", "assistant: Bonjour"].contains($0) }
      #expect(archived.filter { $0.hasPrefix("user") } == ["user: un"] + asked + ["user: trois"])
      #expect(answers.count == archived.count - 2 - asked.count, "call \(number)")
      #expect(try await bench.warm() == archived, "call \(number)")
      #expect(bench.responder.prompts.last?.messages.last?.content == "trois")
      #expect(bench.responder.prompts.last?.messages.count == archived.count - 1)
    }
  }

  @Test("T7 A turn that waits for another one's page-in stops waiting when it is cancelled")
  func sharedPageIn() async throws {
    let bench = try ChatBench()
    try await bench.ask("un")
    _ = try await bench.store.close(bench.conversation, in: .shared)
    let gate = Gate()
    bench.storePlan.hold("pageIn", at: gate)
    let first = Task { try await bench.service.open(bench.conversation, as: bench.user) }
    await gate.waitForArrivals(1)
    let second = Task { try await bench.service.open(bench.conversation, as: bench.user) }
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    gate.open()
    #expect(try await first.value.messages.count == 2)
  }

  @Test(
    "T7 A turn that is cancelled while the archive is away keeps what was shown, in the journal")
  func archiveAway() async throws {
    let gate = Gate()
    let bench = try ChatBench(
      ScriptedResponder { _, answer in
        try await answer.write(.text("Bon"))
        try await gate.pass()
        return ResponseSummary(state: .complete)
      }, journaling: true)
    bench.archivePlan.setDown(true)
    let turn = Task { try await bench.ask("un") }
    await gate.waitForArrivals(1)
    turn.cancel()
    await #expect(throws: CancellationError.self) { try await turn.value }
    bench.archivePlan.setDown(false)
    bench.time.advance(by: .seconds(60))
    try await bench.service.flushJournal()
    #expect(try await bench.archived() == ["user: un", "assistant: Bon"])
  }
}
