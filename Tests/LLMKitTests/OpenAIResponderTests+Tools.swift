import LLMKit
import SessionCore
import TestSupport
import Testing

extension OpenAIResponderTests {
  @Test("Calls come in pieces, are run, and their results go back under their ids")
  func tools() async throws {
    let given = Locked<[JSONValue]>([])
    let tool = Tool(name: "lookup", description: "Looks up.", parameters: ["type": "object"]) {
      argument in
      given.withLock { $0.append(argument) }
      return "trouvé"
    }
    let (responder, requests, server) = try serve(
      Answered(
        body: events(
          #"{"choices":[{"delta":{"content":"Je cherche. "}}]}"#,
          #"""
          {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1",\#
          "type":"function","function":{"name":"lookup","arguments":""}}]}}]}
          """#,
          #"""
          {"choices":[{"delta":{"tool_calls":[{"index":0,\#
          "function":{"arguments":"{\"q\":"}}]}}]}
          """#,
          #"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}"#,
          #"""
          {"choices":[{"delta":{"tool_calls":[{"index":1,"id":"c2",\#
          "function":{"name":"lookup"}}]}}]}
          """#,
          #"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#, "[DONE]")),
      Answered(
        body: events(#"{"choices":[{"delta":{"content":"Voilà."},"finish_reason":"stop"}]}"#)),
      tools: [tool])
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text == "Je cherche. Voilà.")
    #expect(result.code == nil)
    #expect(Set(given.withLock { $0 }) == [["q": 1], [:]])
    let messages = try json(requests.withLock { $0[1] })["messages"]?.elements?.dropFirst()
    #expect(
      messages.map(Array.init) == [
        [
          "role": "assistant", "content": "Je cherche. ",
          "tool_calls": [
            [
              "id": "c1", "type": "function",
              "function": ["name": "lookup", "arguments": "{\"q\":1}"],
            ],
            ["id": "c2", "type": "function", "function": ["name": "lookup", "arguments": "{}"]],
          ],
        ],
        ["role": "tool", "tool_call_id": "c1", "content": "trouvé"],
        ["role": "tool", "tool_call_id": "c2", "content": "trouvé"],
      ])
    _ = server
  }

  @Test("The id is that of the request that answered, and what it does not say an earlier one did")
  func identity() async throws {
    let tool = Tool(name: "lookup", description: "Looks up.") { _ in 1 }
    let (responder, _, server) = try serve(
      Answered(
        body: events(
          #"""
          {"id":"c-1","model":"m-2026","choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1",\#
          "function":{"name":"lookup"}}]},"finish_reason":"tool_calls"}]}
          """#)),
      Answered(
        body: events(
          #"{"id":"c-2","choices":[{"delta":{"content":"Voilà."},"finish_reason":"stop"}]}"#)),
      tools: [tool])
    let summary = try await GeminiBench.run(responder).result.get()
    #expect(summary.responseID == "c-2")
    #expect(summary.model == "m-2026")
    #expect(summary.finishReason == "stop")
    _ = server
  }

  @Test("It stands in a chain behind another service, whose key says nothing about it")
  func chain() async throws {
    let (responder, _, server) = try serve(
      Answered(body: events(#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#)))
    let refusing = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.respond(403, "{}")
    }
    let gemini = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(refusing.baseURL))
    let chain = FallbackResponder(
      [.init(name: "gemini", responder: gemini), .init(name: "m", responder: responder)],
      availability: InMemoryModelAvailability())
    let (text, notices, _) = await GeminiBench.run(chain)
    #expect(text == "x")
    #expect(notices.map(\.error.code) == [.credentials])
    _ = server
  }

  @Test("The models are listed by name")
  func models() async throws {
    let (responder, _, server) = try serve(
      Answered(body: #"{"object":"list","data":[{"id":"a"},{"id":"b/c:d"}]}"#))
    #expect(try await OpenAIResponder.models(responder.configuration) == ["a", "b/c:d"])
    _ = server
  }
}
