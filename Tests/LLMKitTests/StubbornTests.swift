import Dispatch
import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

/// Waits at a gate whatever becomes of the task that waits.
private func waitDeaf(_ gate: Gate) async {
  try? await Task.detached { try await gate.pass() }.value
}

@Suite("Services and functions that do not keep to the rules")
struct StubbornTests {
  private func gemini(_ server: RawServer, _ model: String = "gemini-2.5-flash") throws
    -> GeminiResponder
  {
    GeminiResponder(
      model: model, configuration: try GeminiBench.configuration(server.baseURL))
  }

  private func answer(_ text: String, _ more: String = "") -> String {
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\(text)\"}]},"
      + "\"finishReason\":\"STOP\"}]\(more)}\n\n"
  }

  @Test("R1 A memory that hears no cancellation does not hold the local answer up")
  func deafRecall() async throws {
    struct Deaf: Recall {
      let gate: Gate
      func passages(for prompt: Prompt) async -> [RecalledPassage] {
        await waitDeaf(gate)
        return []
      }
    }
    let gate = Gate()
    let responder = LocalResponder(
      language: .french, recall: Deaf(gate: gate), recallDeadline: .milliseconds(1))
    #expect(try await GeminiBench.run(responder).result.get().state == .fallback)
    gate.open()
  }

  @Test("A tool that hears no cancellation is left behind at its deadline")
  func deafTool() async throws {
    let fake = try await FakeGemini()
    fake.set(.functionCall)
    let gate = Gate()
    var configuration = try GeminiBench.configuration(fake.baseURL)
    configuration.toolLimits.deadline = .milliseconds(1)
    try configuration.declare([
      Tool(name: "lookup", description: "") { _ in
        await waitDeaf(gate)
        return nil
      }
    ])
    let responder = GeminiResponder(model: "gemini-2.5-flash", configuration: configuration)
    #expect(await GeminiBench.run(responder).result.code == nil)
    #expect(fake.journal.last?.text.contains("the tool took too long") == true)
    gate.open()
    await fake.close()
  }

  @Test("Null stands for what is absent, and a mark of another service's end for nothing")
  func harmless() async throws {
    for body in [answer("ok", ",\"error\":null"), answer("ok") + "data: [DONE]\n\n"] {
      let server = try RawServer { connection, _ in
        _ = connection.readRequest()
        connection.respond(200, body)
      }
      let (text, _, result) = await GeminiBench.run(try gemini(server))
      #expect(text == "ok")
      #expect(try result.get().state == .complete)
    }
  }

  @Test(
    "An error that came with 200 and names no number is the service's trouble, not ours",
    arguments: [
      "{\"error\":{\"status\":\"UNAVAILABLE\"}}", "{\"error\":\"overloaded\"}", "{\"error\":{}}",
    ])
  func errorWithoutCode(body: String) async throws {
    let whole = answer("ok")
    let server = try RawServer { connection, _ in
      while let request = connection.readRequest() {
        connection.respond(200, request.contains("gemini-2.5-flash") ? body : whole)
      }
    }
    let chain = FallbackResponder(
      [
        .init(name: "a", responder: try gemini(server)),
        .init(name: "b", responder: try gemini(server, "gemini-3.5-flash")),
      ], availability: InMemoryModelAvailability())
    let (text, notices, _) = await GeminiBench.run(chain)
    #expect(text == "ok")
    #expect(notices.map(\.error.code) == [.overloaded])
  }

  @Test("Turns that are refused together without a reason count as one refusal")
  func burst() async throws {
    // Nobody is answered before all have asked.
    let count = Locked(0)
    let allAsked = DispatchSemaphore(value: 0)
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      let isLast = count.withLock { count in
        count += 1
        return count == 3
      }
      if isLast { for _ in 0..<3 { allAsked.signal() } }
      allAsked.wait()
      connection.respond(429, "{\"error\":{\"code\":429,\"message\":\"exhausted\"}}")
    }
    let availability = InMemoryModelAvailability()
    let responder = GeminiResponder(
      model: "m", configuration: try GeminiBench.configuration(server.baseURL),
      availability: availability)
    await withTaskGroup(of: ResponderError.Code?.self) { group in
      for _ in 0..<3 { group.addTask { await GeminiBench.run(responder).result.code } }
      for await code in group { #expect(code == .quotaExhausted) }
    }
    let name = responder.service.recordName(of: "m")
    #expect(await availability.closedModels(among: [name]).isEmpty)
  }

  @Test("The status of a refusal counts also when its body breaks off")
  func cutRefusal() async throws {
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.send("HTTP/1.1 401 X\r\nContent-Length: 100\r\n\r\n{")
    }
    #expect(await GeminiBench.run(try gemini(server)).result.code == .credentials)
    let configuration = try OpenAIConfiguration(apiKey: Secret("k"), baseURL: server.baseURL)
    let other = OpenAIResponder(model: "m", configuration: configuration)
    #expect(await GeminiBench.run(other).result.code == .credentials)
  }

  @Test("Room for text is asked for once, within what a model can give, and both requests count")
  func room() async throws {
    for (limit, requests) in [(nil, 1), (20_000, 2), (Int.max, 1)] as [(Int?, Int)] {
      let fake = try await FakeGemini()
      fake.set(.maxTokensEmpty)
      var configuration = try GeminiBench.configuration(fake.baseURL)
      configuration.options.thinking = .least
      configuration.options.outputTokenCountMax = limit
      let chain = FallbackResponder(
        [
          .init(
            name: "m",
            responder: GeminiResponder(model: "gemini-2.5-flash", configuration: configuration))
        ], availability: InMemoryModelAvailability())
      let code = await GeminiBench.run(chain).result.code
      if limit != .max { #expect(code == .outOfTokens) }
      #expect(fake.journal.count == requests, "\(String(describing: limit))")
      #expect(fake.journal.allSatisfy { !$0.text.contains("80000") })
      await fake.close()
    }
    let fake = try await FakeGemini()
    fake.enqueue(.maxTokensEmpty)
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let usage = try await GeminiBench.run(responder).result.get().usage
    #expect((usage?.thoughtTokenCount ?? 0) > 0, "thinking that gave no text was used all the same")
    await fake.close()
  }

  @Test("Calls without ids keep their own results, by their order, on every service")
  func callsWithoutIDs() async throws {
    func message(_ role: Role, _ text: String, _ calls: [ToolCall] = []) -> Message {
      Message(
        id: .generate(), role: role, content: text, createdAt: Timestamp(milliseconds: 0),
        toolCalls: calls, toolCallID: role == .tool ? "" : nil)
    }
    let calls = ["f0", "f1"].map { ToolCall(id: "", name: $0, arguments: "{}") }
    let prompt = Prompt(
      conversation: .generate(),
      messages: [
        message(.user, "Q"), message(.assistant, "", calls), message(.tool, "{\"r\":0}"),
        message(.tool, "{\"r\":1}"), message(.user, "R"),
      ])
    for model in ["gemini-2.5-flash", "gemini-3.6-flash"] {
      let fake = try await FakeGemini(models: [model])
      let responder = GeminiResponder(
        model: model, configuration: try GeminiBench.configuration(fake.baseURL))
      #expect(await GeminiBench.run(responder, prompt).result.code == nil)
      #expect(fake.journal.count == 1, "taken at once")
      let body = try LLMKit.JSONValue(parsing: #require(fake.journal.first).request.body)
      let parts = body["contents"]?.elements?[2]["parts"]?.elements ?? []
      let results = parts.compactMap { $0["functionResponse"] }
      #expect(results.map { $0["name"] } == ["f0", "f1"])
      #expect(results.map { $0["response"] } == [["r": 0], ["r": 1]])
      await fake.close()
    }
  }
}
