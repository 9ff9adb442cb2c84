import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("R3: tracing never delays an answer", .timeLimit(.minutes(5)))
struct TracingDelayTests {
  @Test("R3: turns begin, answer and end while the tracing server hangs, and nothing grows")
  func hangingServer() async throws {
    let server = try TraceServer(.hang)
    var tracedCount = 0
    let bench = try TraceBench(
      ScriptedModel("m", ScriptedResponder(saying: "Bonjour")), server: server,
      configure: { configuration in
        configuration.limits.batchSpanCountMax = 3
        configuration.limits.waitingCountMax = 30
        configuration.limits.requestTimeout = .seconds(50)
      })
    // Three spans a turn: the first one fills a batch, whose request then hangs.
    try await bench.ask("0")
    await server.waitForRequests(1)
    tracedCount += 3
    for number in 1..<100 {
      let turn = try await bench.ask("\(number)")
      #expect(turn.answer.content == "Bonjour")
      tracedCount += 3
    }
    // All of that happened between the request and its answer, which never came.
    #expect(server.requests.count == 1)
    #expect(server.answeredCount == 0)
    let statistics = bench.tracer.statistics
    #expect(statistics.sentCount == 0)
    #expect(statistics.waitingCount == 30 + 3)
    #expect(statistics.droppedCount == tracedCount - 33)
    async let end: Void = bench.tracer.close()
    await bench.clock.waitForSleeper(until: .seconds(2))
    bench.clock.advance(by: .seconds(2))
    await end
    #expect(bench.tracer.statistics.droppedCount == tracedCount)
  }

  @Test("R3: text is shown before anything of the turn is traced")
  func order() async throws {
    let bench = try TraceBench(ScriptedModel("m", ScriptedResponder(saying: "Bon", "jour")))
    let waiting = Locked<[Int]>([])
    _ = try await bench.service.ask(
      "Salut", in: bench.conversation, as: bench.user
    ) { _ in
      let statistics = bench.tracer.statistics
      waiting.withLock { $0.append(statistics.waitingCount + statistics.sentCount) }
    }
    #expect(waiting.withLock { $0 } == [0, 0])
    #expect(await bench.spans().count == 3)
  }
}
