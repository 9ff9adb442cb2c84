import SessionCore
import TestSupport
import Testing

@Suite("Options of a turn")
struct TurnOptionTests {
  @Test("T11 Instruction, model, tools and form are given with the turn, and the user is known")
  func prompt() async throws {
    let bench = try ChatBench()
    let tool = Tool(name: "clock", description: "the time") { _ in "12:00" }
    _ = try await bench.service.ask(
      "Salut", in: bench.conversation, as: bench.user,
      options: TurnOptions(instruction: "Sois bref.", model: "m", tools: [tool], format: .json))
    let prompt = try #require(bench.responder.prompts.first)
    #expect(prompt.instruction == "Sois bref.")
    #expect(prompt.model == "m")
    #expect(prompt.tools?.map(\.name) == ["clock"])
    #expect(prompt.format == .json)
    #expect(prompt.user == bench.user)
    try await bench.ask("Encore")
    #expect(bench.responder.prompts.last?.instruction == nil, "options are of one turn")
    #expect(bench.responder.prompts.last?.tools == nil)
  }

  @Test("T11 A token budget of a turn bounds its window")
  func budget() async throws {
    let bench = try ChatBench()
    for text in ["un", "deux", "trois"] { try await bench.ask(text) }
    _ = try await bench.service.ask(
      "quatre", in: bench.conversation, as: bench.user, options: TurnOptions(tokenBudget: 7))
    #expect(bench.prompt(3) == ["user: quatre"])
  }

  @Test("T11 Metadata of a message come back from both tiers")
  func metadata() async throws {
    let bench = try ChatBench()
    let metadata: [String: JSONValue] = [
      "source": "web", "page": 3, "ratio": 0.5, "tags": ["a", nil], "nested": ["deep": true],
    ]
    let turn = try await bench.service.ask(
      "Salut", in: bench.conversation, as: bench.user, options: TurnOptions(metadata: metadata))
    #expect(turn.question.metadata == metadata)
    let stored = try await bench.archive.message(
      turn.question.id, in: bench.conversation, of: bench.user)
    #expect(stored?.metadata == metadata)
    let warm = try await bench.store.open(bench.conversation, in: .shared).value
    #expect(warm?.messages.first?.metadata == metadata)
  }
}
