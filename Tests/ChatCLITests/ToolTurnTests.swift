import FakeHTTP
import SessionCore
import TestSupport
import Testing

@Suite(
  "Tool rounds on both tiers, in a program that can be killed",
  .enabled(if: Servers.hasRedis && Servers.hasDatabase), .timeLimit(.minutes(5)))
struct ToolTurnTests {
  private static func question(_ text: String) -> (id: MessageID, text: String) {
    (.generate(), text)
  }

  /// Runs `body` with a fake and a program of the user `awa`.
  private func withProgram(
    _ name: String, rounds: Int, _ body: @Sendable (ToolTurnProgram) async throws -> Void
  ) async throws {
    let service = try await ToolService.start(name, rounds: rounds)
    try await ServerFixture.use { fixture, program in
      try await body(ToolTurnProgram(service, fixture, program, user: "awa"))
    }
    await service.close()
  }

  /// The types of the steps of a turn, in order.
  private static func types(rounds: Int) -> [String] {
    let round = ["assistant_message", "tool", "tool"]
    return ["user_message"] + (0..<rounds).flatMap { _ in round } + ["assistant_message"]
  }

  @Test(
    "T9 Each round is in the archive, and goes to the model again after the warm copy is flushed",
    arguments: ["gemini", "openai"], [1, 2])
  func stored(name: String, rounds: Int) async throws {
    try await withProgram(name, rounds: rounds) { program in
      let result = try await program.run([Self.question("Dakar")])
      #expect(result.code == 0, "\(result.errors)")
      #expect(try await program.steps("type") == Self.types(rounds: rounds))
      #expect(program.runCount == 2 * rounds)
      #expect(try await program.warmIDs() == program.steps("id"))
      let tools = try await program.fixture.sql(
        """
        SELECT DISTINCT name, input, output FROM Step
        WHERE threadId = '\(program.conversation)' AND type = 'tool'
        """)
      #expect(tools == ["weather\t{\"city\":\"Dakar\"}\t{\"celsius\":30,\"city\":\"Dakar\"}"])

      _ = try await program.fixture.redis("flushdb")
      let next = try await program.run([Self.question("Et demain ?")])
      #expect(next.code == 0, "\(next.errors)")
      #expect(program.service.refusals.isEmpty)
      // The first request of the second turn.
      let sent = try #require(program.service.requests.dropFirst(rounds + 1).first)
      let expected =
        name == "gemini"
        ? ["\"functionCall\"", "\"functionResponse\"", "\"thoughtSignature\"", "\"celsius\""]
        : ["\"tool_calls\"", "\"tool_call_id\"", "celsius"]
      for text in expected { #expect(sent.text.contains(text), "\(sent.text)") }
    }
  }

  @Test(
    "T9 Killed at any moment of a turn, the turn and the thread go on, and nothing is done twice",
    arguments: ["gemini", "openai"])
  func killed(name: String) async throws {
    try await withProgram(name, rounds: 2) { program in
      let whole = try await program.run([Self.question("Dakar")])
      let moments = try #require(
        whole.output.split(separator: "\n").last?.split(separator: " ").first.flatMap { Int($0) })
      try #require(moments >= 20)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 {
          let moment = 1 + number * (moments - 1) / 19
          let other = ToolTurnProgram(
            program.service, program.fixture, program.program, user: "user-\(number)")
          if number >= 3 { try await group.next() }
          group.addTask { try await goesOn(other, killedAt: moment, isNextFirst: number % 2 == 1) }
        }
        try await group.waitForAll()
      }
      let refused = program.service.refusals
      #expect(refused.isEmpty, "\(refused.first.map(\.text) ?? "")")
    }
  }

  /// - Parameter isNextFirst: Asks the next question before the broken turn is run again.
  private func goesOn(
    _ program: ToolTurnProgram, killedAt moment: Int, isNextFirst: Bool
  ) async throws {
    let (first, next) = (Self.question("Dakar"), Self.question("Et demain ?"))
    let killed = try await program.run([first], endingAt: moment)
    #expect(killed.code == 128 + 9, "moment \(moment): \(killed.errors)")
    let storedCount = try await program.steps("type").count { $0 == "tool" }
    let runCount = program.runCount
    let rest = isNextFirst ? [next, first, Self.question("Merci.")] : [first, next]
    let result = try await program.run(rest)
    #expect(result.code == 0, "moment \(moment): \(result.errors)")
    // Four results of each turn; of the first some are stored.
    #expect(program.runCount == runCount + 4 * rest.count - storedCount, "moment \(moment)")
    let types = try await program.steps("type")
    let turnCount = isNextFirst ? 3 : 2
    if isNextFirst {
      #expect(types.count == 8 * turnCount, "moment \(moment): \(types)")
      #expect(types.count { $0 == "tool" } == 4 * turnCount, "moment \(moment): \(types)")
    } else {
      let expected = Self.types(rounds: 2) + Self.types(rounds: 2)
      #expect(types == expected, "moment \(moment)")
    }
    #expect(try await program.warmIDs() == program.steps("id"), "moment \(moment)")
  }
}
