import FakeGemini
import FakeHTTP
import FakeOpenAI
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("A turn and the service that answers it", .timeLimit(.minutes(2)))
struct TurnServiceTests {
  private static let schema: JSONValue = [
    "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
    "additionalProperties": false,
  ]

  private func service(_ responder: any Responder) -> ChatService {
    ChatService(
      sessions: InMemorySessionStore(), archive: InMemoryArchive(), responder: responder)
  }

  private func gemini(_ fake: FakeGemini) throws -> GeminiResponder {
    GeminiResponder(
      model: "gemini-3.5-flash",
      configuration: try GeminiConfiguration(apiKey: Secret("test-key"), baseURL: fake.baseURL))
  }

  @Test("T11 The schema of an answer reaches Gemini and services like OpenAI's, which take it")
  func schema() async throws {
    let gemini = try await FakeGemini()
    let openAI = try await FakeOpenAI()
    let others = OpenAIResponder(
      model: "gpt-4o-mini",
      configuration: try OpenAIConfiguration(apiKey: Secret("test-key"), baseURL: openAI.baseURL))
    let user = try UserID("Awa")
    for responder in [try self.gemini(gemini), others] as [any Responder] {
      let service = service(responder)
      for format in [
        ResponseFormat.json, .jsonSchema(Self.schema, name: "place"), .text,
      ] {
        let turn = try await service.ask(
          "Où ?", in: .generate(), as: user, options: TurnOptions(format: format))
        #expect(turn.answer.answer?.state == .complete, "\(String(describing: turn.failure))")
      }
    }
    let configs = try gemini.journal.map {
      try JSONValue(parsing: $0.request.body)["generationConfig"]
    }
    #expect(
      configs.map { $0?["responseMimeType"] } == ["application/json", "application/json", nil])
    #expect(configs.map { $0?["responseJsonSchema"] } == [nil, Self.schema, nil])
    let formats = try openAI.journal.map {
      try JSONValue(parsing: $0.request.body)["response_format"]
    }
    #expect(
      formats == [
        ["type": "json_object"],
        [
          "type": "json_schema",
          "json_schema": ["name": "place", "schema": Self.schema, "strict": true],
        ], nil,
      ])
    await gemini.close()
    await openAI.close()
  }

  @Test("T10 A reader who stops taking stops the transfer at the service, and others go on")
  func slowReader() async throws {
    let fake = try await FakeGemini()
    // Far more than the sockets on the way hold.
    let text = String(repeating: "a", count: 1 << 16)
    let chunk = Array(
      (#"data: {"candidates":[{"content":{"parts":[{"text":"\#(text)"}],"role":"model"},"#
        + #""index":0}]}"# + "\r\n\r\n").utf8)
    let steps = Array(repeating: HTTPReply.Step.send(chunk), count: 1024)
    fake.enqueue(
      .reply(
        HTTPReply(
          status: 200, headers: [HTTPHeader("Content-Type", "text/event-stream")], chunks: steps)))
    let service = service(try gemini(fake))
    let user = try UserID("Awa")
    var taken = 0
    for try await event in service.stream("Raconte", in: .generate(), as: user) {
      guard case .text = event else { continue }
      taken += 1
      if taken == 2 { break }
      // The one thread that moves all transfers is busy with others meanwhile.
      for number in 0..<50 {
        let turn = try await service.ask("Question \(number)", in: .generate(), as: user)
        #expect(turn.answer.answer?.state == .complete)
      }
      let slow = try #require(fake.journal.first)
      #expect(slow.status == 200)
      #expect(!slow.isOver, "the rest of 64 MiB waits at the service")
    }
    let left = try await fake.waitForClientClose()
    #expect(left.map(\.number) == [1])
    await fake.close()
  }
}
