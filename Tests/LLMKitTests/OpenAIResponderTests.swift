import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("OpenAIResponder")
struct OpenAIResponderTests {
  struct Answered: Sendable {
    var status = 200
    var body: String
    var headers = ""
  }

  /// Serves the answers one after the other, the last one for ever, and keeps the requests.
  func serve(
    _ answers: Answered..., key: String? = "k3y", tools: [Tool] = [],
    time: any TimeSource = SystemTimeSource()
  ) throws -> (responder: OpenAIResponder, requests: Locked<[String]>, server: RawServer) {
    let requests = Locked<[String]>([])
    let server = try RawServer { connection, _ in
      while let request = connection.readRequest() {
        let number = requests.withLock { requests in
          requests.append(request)
          return requests.count - 1
        }
        let answer = answers[min(number, answers.count - 1)]
        connection.respond(answer.status, answer.body, headers: answer.headers)
      }
    }
    var configuration = try OpenAIConfiguration(
      apiKey: key.map { Secret($0) }, baseURL: server.baseURL + "/v1/")
    configuration.tools = tools
    let responder = OpenAIResponder(
      model: "m:1b", configuration: configuration, time: time)
    return (responder, requests, server)
  }

  func events(_ documents: String...) -> String {
    documents.map { "data: \($0)\n\n" }.joined()
  }

  func json(_ request: String) throws -> JSONValue {
    let body = try #require(request.firstRange(of: "\r\n\r\n"))
    return try JSONValue(parsing: Array(request[body.upperBound...].utf8))
  }

  @Test("The stream of each kind of server comes to the same answer")
  func streams() async throws {
    let usage = TokenUsage(
      promptTokenCount: 9, answerTokenCount: 12, thoughtTokenCount: 0, totalTokenCount: 21)
    let openAI = events(
      #"""
      {"model":"m","choices":[{"index":0,"delta":{"role":"assistant",\#
      "content":"","refusal":null},"finish_reason":null}],"usage":null}
      """#,
      #"{"model":"m","choices":[{"index":0,"delta":{"content":"Bon"},"finish_reason":null}]}"#,
      #"{"model":"m","choices":[{"index":0,"delta":{"content":"jour"},"finish_reason":null}]}"#,
      #"{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
      #"""
      {"model":"m","choices":[],"usage":{"prompt_tokens":9,\#
      "completion_tokens":12,"total_tokens":21}}
      """#,
      "[DONE]")
    let ollama = events(
      #"""
      {"model":"m","choices":[{"index":0,"delta":{"role":"assistant",\#
      "content":"Bon"},"finish_reason":null}]}
      """#,
      #"""
      {"model":"m","choices":[{"index":0,"delta":{"role":"assistant",\#
      "content":"jour"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,\#
      "completion_tokens":12,"total_tokens":21}}
      """#,
      "[DONE]")
    let vLLM =
      ": ping\r\n\r\n"
      + events(
        #"""
        {"model":"m","choices":[{"index":0,"delta":{"role":"assistant",\#
        "reasoning_content":"hm"}}]}
        """#,
        #"""
        {"model":"m","choices":[{"index":0,"delta":{"content":"Bonjour"},\#
        "stop_reason":null}],"usage":{"prompt_tokens":9,\#
        "completion_tokens":12,"total_tokens":21}}
        """#,
        "[DONE]")
    let whole =
      #"""
      {"model":"m","choices":[{"message":{"role":"assistant",\#
      "content":"Bonjour"},"finish_reason":"stop"}],\#
      "usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}
      """#
    for (name, body) in [("OpenAI", openAI), ("Ollama", ollama), ("vLLM", vLLM), ("whole", whole)] {
      let (responder, _, server) = try serve(Answered(body: body))
      let (text, _, result) = await GeminiBench.run(responder)
      #expect(text == "Bonjour", "\(name)")
      let summary = try result.get()
      #expect(summary.state == .complete, "\(name)")
      #expect(summary.model == "m", "\(name)")
      #expect(summary.usage == usage, "\(name)")
      _ = server
    }
  }

  @Test("Reasoning tokens are counted once, whether within the completion or beside it")
  func reasoning() async throws {
    for (completion, total) in [(45, 54), (15, 54)] {
      let (responder, _, server) = try serve(
        Answered(
          body: events(
            #"""
            {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],\#
            "usage":{"prompt_tokens":9,"completion_tokens":\#(completion),\#
            "total_tokens":\#(total),\#
            "completion_tokens_details":{"reasoning_tokens":30},\#
            "prompt_tokens_details":{"cached_tokens":4}}}
            """#
          )))
      #expect(
        try await GeminiBench.run(responder).result.get().usage
          == TokenUsage(
            promptTokenCount: 9, answerTokenCount: 15, thoughtTokenCount: 30, totalTokenCount: 54,
            cachedTokenCount: 4))
      _ = server
    }
  }

  @Test("The request holds the conversation in OpenAI's form, and the key in a header alone")
  func request() async throws {
    for key in ["k3y", nil] {
      let (responder, requests, server) = try serve(
        Answered(body: events(#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#)),
        key: key)
      var prompt = GeminiBench.prompt("un", "deux", "trois")
      prompt.instruction = "Sois bref."
      #expect(await GeminiBench.run(responder, prompt).result.code == nil)
      let request = requests.withLock { $0[0] }
      #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
      #expect(request.contains("\r\nAuthorization: Bearer k3y\r\n") == (key != nil))
      #expect(
        try json(request) == [
          "model": "m:1b", "stream": true, "stream_options": ["include_usage": true],
          "messages": [
            ["role": "system", "content": "Sois bref."], ["role": "user", "content": "un"],
            ["role": "assistant", "content": "deux"], ["role": "user", "content": "trois"],
          ],
        ])
      _ = server
    }
  }

  @Test(
    "A stream that ends badly is no answer",
    arguments: [
      (#"{"choices":[{"delta":{"content":"Bon"}}]}"#, ResponderError.Code.cut, "Bon"),
      (#"{"choices":[{"delta":{"content":"B"},"finish_reason":"content_filter"}]}"#, .blocked, "B"),
      (#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#, .outOfTokens, ""),
      (#"{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}"#, .malformedResponse, ""),
      ("{\"choices\":", .malformedResponse, ""),
      (#"{"error":{"message":"The server had an error","type":"server_error"}}"#, .overloaded, ""),
      (#"{"error":{"message":"slow down","type":"rate_limit_exceeded"}}"#, .quotaExhausted, ""),
      (#"{"error":"unexpected EOF"}"#, .overloaded, ""),
      (#"{"object":"error","message":"aborted","code":503}"#, .overloaded, ""),
    ])
  func badEnds(document: String, code: ResponderError.Code, shown: String) async throws {
    let (responder, _, server) = try serve(Answered(body: events(document)))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(result.code == code)
    #expect(text == shown)
    _ = server
  }

  @Test("An answer cut by its length is partial, and what the model refuses to say is its answer")
  func otherEnds() async throws {
    let (long, _, first) = try serve(
      Answered(body: events(#"{"choices":[{"delta":{"content":"Bon"},"finish_reason":"length"}]}"#))
    )
    #expect(try await GeminiBench.run(long).result.get().state == .partial)
    let (refusing, _, second) = try serve(
      Answered(body: events(#"{"choices":[{"delta":{"refusal":"Non."},"finish_reason":"stop"}]}"#)))
    #expect(await GeminiBench.run(refusing).text == "Non.")
    _ = (first, second)
  }

  /// How services say no.
  static let refusals: [(Int, String, String, ResponderError.Code, Duration?)] = [
    (
      401, #"{"error":{"message":"Incorrect API key provided: sk-x","code":"invalid_api_key"}}"#,
      "",
      .credentials, nil
    ),
    (403, "", "", .credentials, nil),
    (400, #"{"code":"x","error":"Incorrect API key provided: xa***"}"#, "", .credentials, nil),
    (
      404, #"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#, "",
      .modelUnavailable, nil
    ),
    (404, #"{"error":"model 'x' not found, try pulling it first"}"#, "", .modelUnavailable, nil),
    (
      429,
      #"""
      {"error":{"message":"You exceeded your current quota",\#
      "type":"insufficient_quota","code":"insufficient_quota"}}
      """#,
      "Retry-After: 1\r\n", .quotaExhausted, .seconds(3600)
    ),
    (402, "{}", "", .quotaExhausted, .seconds(3600)),
    (
      429, #"{"error":{"message":"Rate limit. Please try again in 1m2.5s.","type":"requests"}}"#,
      "",
      .quotaExhausted, .milliseconds(62_500)
    ),
    (
      429, #"{"error":{"message":"Please try again in 120ms. Visit …"}}"#, "", .quotaExhausted,
      .milliseconds(120)
    ),
    (429, "", "retry-after-ms: 1500\r\nretry-after: 9\r\n", .quotaExhausted, .milliseconds(1500)),
    (429, "", "Retry-After: 9\r\n", .quotaExhausted, .seconds(9)),
    (429, "", "Retry-After: Sun, 22 Nov 2026 23:27:10 GMT\r\n", .quotaExhausted, .seconds(30)),
    (
      429, "",
      "x-ratelimit-remaining-requests: 5\r\nx-ratelimit-reset-requests: 1s\r\n"
        + "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 6m0s\r\n", .quotaExhausted,
      .seconds(360)
    ),
    (429, "too many", "", .quotaExhausted, nil),
    (500, "<html>", "", .overloaded, nil), (502, "", "", .overloaded, nil),
    (503, "", "Retry-After: 3\r\n", .overloaded, .seconds(3)), (504, "", "", .timedOut, nil),
    (400, #"{"detail":"bad"}"#, "", .invalidRequest, nil), (422, "{}", "", .invalidRequest, nil),
    (302, "", "Location: http://example.org/\r\n", .serviceRefused, nil),
  ]

  @Test("Every refusal has its code and its delay, and does not repeat the key")
  func refusals() async throws {
    for (status, body, headers, code, delay) in Self.refusals {
      let time = ManualTime()
      let (responder, requests, server) = try serve(
        Answered(status: status, body: body, headers: headers), key: "sk-x", time: time)
      let (_, _, result) = await GeminiBench.run(responder)
      #expect(result.code == code, "\(status) \(body)")
      if let error = result.error {
        #expect(error.httpStatus == status)
        #expect(error.retryAt == delay.map { time.now() + $0 }, "\(status) \(body) \(headers)")
        #expect((error.closesModelUntil != nil) == (delay != nil), "\(status): closed until then")
        #expect(!error.reason.contains("sk-x"))
      }
      #expect(requests.withLock(\.count) == 1)
      _ = server
    }
  }

  @Test("A conversation too long is shortened and sent once more")
  func tooLong() async throws {
    for body in [
      #"""
      {"error":{"message":"This model's maximum context length is 40 tokens.",\#
      "code":"context_length_exceeded"}}
      """#,
      #"""
      {"error":{"code":400,\#
      "message":"the request exceeds the available context size",\#
      "type":"exceed_context_size_error"}}
      """#,
    ] {
      let (responder, requests, server) = try serve(
        Answered(status: 400, body: body),
        Answered(body: events(#"{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}"#)))
      let prompt = GeminiBench.prompt(
        String(repeating: "a ", count: 100), String(repeating: "b ", count: 100), "trois")
      #expect(await GeminiBench.run(responder, prompt).result.code == nil)
      let second = try json(requests.withLock { $0[1] })
      #expect(second["messages"] == [["role": "user", "content": "trois"]])
      _ = server
    }
  }
}
