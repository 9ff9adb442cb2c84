import LLMKit
import SessionCore
import TestSupport
import Testing

extension OpenAIResponderTests {
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
