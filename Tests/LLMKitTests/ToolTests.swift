import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Tools")
struct ToolTests {
  private static let schema: SessionCore.JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "additionalProperties": false, "required": ["q"],
    "properties": [
      "q": ["type": "string", "description": "what"],
      "list": ["type": "array", "items": ["type": "integer"]],
    ],
  ]

  private func responder(
    _ fake: FakeGemini, _ model: String, limits: ToolLimits = ToolLimits(), _ tools: [Tool]
  ) throws -> GeminiResponder {
    var configuration = try GeminiBench.configuration(fake.baseURL)
    try configuration.declare(tools)
    configuration.toolLimits = limits
    return GeminiResponder(model: model, configuration: configuration)
  }

  @Test(
    "A tool that the model calls is run, its result goes back with the call as it came, and signed",
    arguments: ["gemini-2.5-flash", "gemini-3.5-flash"],
    [(Scenario.functionCall, 1), (.parallelCalls, 2)])
  func loop(model: String, calls: (scenario: Scenario, count: Int)) async throws {
    let fake = try await FakeGemini(models: [model])
    fake.set(calls.scenario)
    let given = Locked<[SessionCore.JSONValue]>([])
    let tool = Tool(name: "lookup", description: "Looks up.", parameters: Self.schema) { argument in
      given.withLock { $0.append(argument) }
      return ["found": "Dakar"]
    }
    let responder = try responder(fake, model, [tool])
    let (text, _, result) = await GeminiBench.run(responder)
    let summary = try result.get()
    #expect(summary.state == .complete)
    #expect(!text.isEmpty)
    #expect(given.withLock(\.count) == calls.count)
    #expect(given.withLock { $0 }.allSatisfy { $0.fields != nil })
    let bodies = try fake.journal.map { try SessionCore.JSONValue(parsing: $0.request.body) }
    #expect(bodies.count == 2)
    let declaration = bodies[0]["tools"]?.elements?.first?["functionDeclarations"]?.elements?.first
    #expect(
      declaration?["parameters"] == [
        "type": "OBJECT", "required": ["q"],
        "properties": [
          "q": ["type": "STRING", "description": "what"],
          "list": ["type": "ARRAY", "items": ["type": "INTEGER"]],
        ],
      ])
    let turns = try #require(bodies[1]["contents"]?.elements)
    #expect(turns.map { $0["role"]?.text } == ["user", "model", "user"])
    let answers = turns[2]["parts"]?.elements?.compactMap { $0["functionResponse"]?["response"] }
    #expect(answers == Array(repeating: ["found": "Dakar"], count: calls.count))
    #expect(
      try #require(summary.usage).promptTokenCount > 0, "usage of both requests is added up")
    await fake.close()
  }

  @Test("What a tool throws, and a tool that is not there, are told to the model, which goes on")
  func failures() async throws {
    struct Broken: Error, CustomStringConvertible { let description = "no connection" }
    let fake = try await FakeGemini()
    fake.set(.functionCall)
    let failing = Tool(name: "lookup", description: "") { _ in throw Broken() }
    let (_, _, result) = await GeminiBench.run(
      try responder(fake, "gemini-2.5-flash", [failing]))
    #expect(result.code == nil)
    let body = try SessionCore.JSONValue(parsing: #require(fake.journal.last).request.body)
    let part = body["contents"]?.elements?.last?["parts"]?.elements?.first
    #expect(part?["functionResponse"]?["response"] == ["error": "no connection"])
    await fake.close()
  }

  @Test("A tool that takes too long is given up, and one that waits ends with the turn")
  func deadline() async throws {
    let fake = try await FakeGemini()
    fake.set(.functionCall)
    let gate = Gate()
    let waiting = Tool(name: "lookup", description: "") { _ in
      try await gate.pass()
      return nil
    }
    let quick = ToolLimits(deadline: .milliseconds(30))
    let (_, _, result) = await GeminiBench.run(
      try responder(fake, "gemini-2.5-flash", limits: quick, [waiting]))
    #expect(result.code == nil)
    let body = try SessionCore.JSONValue(parsing: #require(fake.journal.last).request.body)
    #expect(body.jsonText.contains("the tool took too long"))
    let patient = try responder(fake, "gemini-2.5-flash", [waiting])
    let task = Task { await GeminiBench.run(patient).result }
    await gate.waitForArrivals(2)
    task.cancel()
    let cancelled = await task.value
    #expect(throws: CancellationError.self) { try cancelled.get() }
    await fake.close()
  }

  @Test("A model that calls and calls is stopped")
  func endless() async throws {
    let call = { @Sendable (number: Int) in
      "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"lookup\","
        + "\"args\":{\"n\":\(number)}}}]},\"finishReason\":\"STOP\"}]}\r\n\r\n"
    }
    let server = try RawServer { connection, _ in
      var number = 0
      while connection.readRequest() != nil {
        connection.respond(200, call(number))
        number += 1
      }
    }
    var configuration = try GeminiBench.configuration(server.baseURL)
    let runs = Locked(0)
    try configuration.declare([
      Tool(name: "lookup", description: "") { _ in
        runs.withLock { $0 += 1 }
        return nil
      }
    ])
    configuration.toolLimits.roundCountMax = 3
    let responder = GeminiResponder(model: "gemini-2.5-flash", configuration: configuration)
    #expect(await GeminiBench.run(responder).result.code == .malformedResponse)
    #expect(runs.withLock { $0 } == 4)
  }

  @Test(
    "Calls in the history are sent with their results, and without when one is missing",
    arguments: ["gemini-2.5-flash", "gemini-3.5-flash"])
  func history(model: String) async throws {
    let fake = try await FakeGemini(models: [model])
    let responder = GeminiResponder(
      model: model, configuration: try GeminiBench.configuration(fake.baseURL))
    func message(
      _ role: Role, _ text: String, calls: [ToolCall] = [], answers: String? = nil
    ) -> Message {
      Message(
        id: .generate(), role: role, content: text, createdAt: Timestamp(milliseconds: 0),
        toolCalls: calls,
        resultOf: answers.map { ToolCall(id: $0, name: "a", arguments: "{}") })
    }
    let calls = [
      ToolCall(id: "c1", name: "a", arguments: "{\"x\":1}"),
      ToolCall(id: "c2", name: "b", arguments: "nonsense"),
    ]
    var messages = [
      message(.user, "Q1"), message(.assistant, "Je cherche.", calls: calls),
      message(.tool, "{\"r\":2}", answers: "c2"), message(.tool, "texte", answers: "c1"),
      message(.assistant, "Trouvé."), message(.user, "Q2"),
    ]
    var prompt = Prompt(conversation: .generate(), messages: messages)
    #expect(await GeminiBench.run(responder, prompt).result.code == nil)
    var turns = try SessionCore.JSONValue(parsing: #require(fake.journal.last).request.body)[
      "contents"]
    #expect(
      turns?.elements?.map { $0["role"]?.text } == ["user", "model", "user", "model", "user"])
    let answers = turns?.elements?[2]["parts"]?.elements?.map { $0["functionResponse"] }
    #expect(
      answers == [
        ["id": "c1", "name": "a", "response": ["result": "texte"]],
        ["id": "c2", "name": "b", "response": ["r": 2]],
      ])
    messages.remove(at: 2)
    prompt.messages = messages
    #expect(await GeminiBench.run(responder, prompt).result.code == nil)
    turns = try SessionCore.JSONValue(parsing: #require(fake.journal.last).request.body)["contents"]
    #expect(
      turns?.elements?.map { $0["parts"] } == [
        [["text": "Q1"]], [["text": "Je cherche."], ["text": "Trouvé."]], [["text": "Q2"]],
      ])
    await fake.close()
  }

  @Test("A service that finds the calls out of order is asked once more without them")
  func repair() async throws {
    let count = Locked(0)
    let server = try RawServer { connection, _ in
      while let request = connection.readRequest() {
        let number = count.withLock { count in
          defer { count += 1 }
          return count
        }
        let hasCall = request.contains("functionCall")
        if number == 0 || hasCall {
          let message =
            "Please ensure that function call turn comes immediately after a user turn or after a "
            + "function response turn."
          connection.respond(400, "{\"error\":{\"code\":400,\"message\":\"\(message)\"}}")
        } else {
          connection.respond(
            200,
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"ok\"}]},"
              + "\"finishReason\":\"STOP\"}]}")
        }
      }
    }
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(server.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text == "ok")
    #expect(result.code == nil)
  }
}
