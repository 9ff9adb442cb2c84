import FakeOpenAI
import RawClient
import TestSupport
import Testing

@Suite("FakeOpenAI", .timeLimit(.minutes(5)))
struct FakeOpenAITests {
  private static let whole = "Écho 1 : Bonjour à tous"

  @Test("ok: the role, the text in pieces, stop, and [DONE]; all of one id")
  func ok() async throws {
    let bench = try await OpenAIBench()
    let response = try await bench.chat()
    #expect(response.status == 200 && response.isWhole)
    #expect(response.header("Content-Type") == "text/event-stream; charset=utf-8")
    let events = try response.events()
    #expect(response.text.hasSuffix("\n\ndata: [DONE]\n\n"))
    #expect(events.first?.choices.first?.delta?.role == "assistant")
    #expect(events.map(\.text).joined() == Self.whole)
    #expect(events.compactMap { $0.choices.first?.finishReason } == ["stop"])
    #expect(Set(events.map(\.id)).count == 1)
    #expect(events.allSatisfy { $0.usage == nil })
  }

  @Test("Usage comes in a chunk without choices, when it is asked for")
  func usage() async throws {
    let events = try await OpenAIBench().chat(
      extra: #","stream_options":{"include_usage":true}"#
    ).events()
    let last = try #require(events.last)
    #expect(last.choices.isEmpty)
    #expect(last.usage?.totalTokens == 4 + 8)
    #expect(events.dropLast().allSatisfy { $0.usage == nil })
  }

  @Test("Without stream, one document")
  func single() async throws {
    let response = try await OpenAIBench().chat(stream: false)
    let document = try response.decode(as: CompletionDocument.self)
    #expect(document.choices.first?.message?.content == Self.whole)
    #expect(document.choices.first?.finishReason == "stop")
    #expect(document.usage?.promptTokens == 4)
  }

  @Test(
    "The wire's forms hold the same text",
    arguments: [
      "no-done", "comments", "split-utf8", "empty-deltas", "reasoning", "crlf",
    ])
  func forms(name: String) async throws {
    let bench = try await OpenAIBench()
    let scenario: OpenAIScenario = try #require(OpenAIScenario(name: name))
    bench.fake.enqueue(scenario)
    let response = try await bench.chat()
    #expect(try response.events().map(\.text).joined() == Self.whole)
    #expect(response.text.contains("[DONE]") == (name != "no-done"))
    #expect(response.text.contains(": PROCESSING") == (name == "comments"))
    #expect(response.text.contains("reasoning_content") == (name == "reasoning"))
    #expect(response.pieces.contains { ($0.last ?? 0) >= 0xC0 } == (name == "split-utf8"))
  }

  @Test("cut, cut-unclean, reset and error-mid-stream end early, each in its way")
  func endsEarly() async throws {
    let bench = try await OpenAIBench()
    bench.fake.enqueue(.cut, .cutUnclean.after(pieceCount: 2), .reset, .errorMidStream)
    let cut = try await bench.chat()
    #expect(cut.isWhole && !cut.text.contains("[DONE]"))
    #expect(try cut.events().allSatisfy { $0.choices.first?.finishReason == nil })
    let unclean = try await bench.chat()
    #expect(!unclean.isWhole)
    #expect(try unclean.events().map(\.text).joined() == "Écho 1 : Bonjo")
    #expect(try await bench.chat().isReset)
    let error = try await bench.chat()
    #expect(error.status == 200 && error.isWhole)
    #expect(error.text.contains("\n\ndata: {\"error\":{\"message\":\"The server had an error"))
  }

  @Test("content-filter, length, unknown-enum: the finish reason says so")
  func finish() async throws {
    let bench = try await OpenAIBench()
    bench.fake.enqueue(.contentFilter, .length, .unknownEnum)
    for reason in ["content_filter", "length", "something_new"] {
      let events = try await bench.chat().events()
      #expect(events.compactMap { $0.choices.first?.finishReason } == [reason])
    }
  }

  @Test("stall and slow-first-byte wait for the test; the journal tells who left")
  func stall() async throws {
    let bench = try await OpenAIBench()
    bench.fake.enqueue(.stall, .slowFirstByte)
    let connection = try RawConnection(port: bench.fake.port)
    try await connection.send(OpenAIBench.request(OpenAIBench.body()))
    #expect(try await connection.read(through: "Écho 1 : ").contains("assistant"))
    try await bench.fake.waitForStalls()
    bench.fake.releaseStalls()
    #expect(try await connection.read(through: "[DONE]").contains("Bonjo"))
    let leaving = try RawConnection(port: bench.fake.port)
    try await leaving.send(OpenAIBench.request(OpenAIBench.body()))
    try await bench.fake.waitForStalls()
    leaving.close()
    #expect(try await bench.fake.waitForClientClose().first?.number == 2)
  }

  @Test(
    "tool-call: a name, then the arguments in fragments; its answer ends the calls",
    arguments: [1, 2])
  func toolCalls(count: Int) async throws {
    let bench = try await OpenAIBench()
    bench.fake.set(count == 1 ? .toolCall : .parallelCalls)
    let tools =
      #","tools":[{"type":"function","function":{"name":"lookup","parameters":"#
      + #"{"type":"object","properties":{"q":{"type":"string"}}}}}]"#
    let events = try await bench.chat(extra: tools).events()
    let calls = events.flatMap { $0.choices.first?.delta?.toolCalls ?? [] }
    #expect(calls.compactMap(\.function.name) == Array(repeating: "lookup", count: count))
    for index in 0..<count {
      let arguments = calls.filter { $0.index == index }.compactMap(\.function.arguments).joined()
      #expect(arguments == #"{"q":"Bonjour à tous"}"#)
    }
    #expect(events.compactMap { $0.choices.first?.finishReason } == ["tool_calls"])
    let ids = calls.compactMap(\.id)
    let made = ids.map {
      #"{"id":"\#($0)","type":"function","function":{"name":"lookup","arguments":"{}"}}"#
    }
    let answers = ids.map { #"{"role":"tool","tool_call_id":"\#($0)","content":"pluie"}"# }
    let history =
      #"{"role":"user","content":"Météo ?"},{"role":"assistant","content":null,"#
      + #""tool_calls":[\#(made.joined(separator: ","))]},"# + answers.joined(separator: ",")
    let response = try await bench.chat(messages: history, extra: tools)
    #expect(try response.events().map(\.text).joined() == "Écho \(2 + count) : Météo ?")
  }

  // MARK: - Errors

  @Test(
    "Errors by name: status, type, code, and the delay where there is one",
    arguments: [
      ("rate-limited", 429, "requests", "rate_limit_exceeded", "20"),
      ("rate-limited-tokens", 429, "tokens", "rate_limit_exceeded", nil),
      ("rate-limited-bare", 429, "requests", "rate_limit_exceeded", nil),
      ("insufficient-quota", 429, "insufficient_quota", "insufficient_quota", nil),
      ("server-error", 500, "server_error", nil, nil),
      ("overloaded", 503, "server_error", nil, nil),
      ("key-invalid", 401, "invalid_request_error", "invalid_api_key", nil),
      ("country", 403, "request_forbidden", "unsupported_country_region_territory", nil),
      ("model-not-found", 404, "invalid_request_error", "model_not_found", nil),
      ("context-length", 400, "invalid_request_error", "context_length_exceeded", nil),
    ] as [(String, Int, String, String?, String?)])
  func errors(
    name: String, status: Int, type: String, code: String?, delay: String?
  ) async throws {
    let bench = try await OpenAIBench()
    let scenario: OpenAIScenario = try #require(OpenAIScenario(name: name))
    bench.fake.enqueue(scenario)
    let response = try await bench.chat()
    #expect(response.status == status)
    #expect(response.header("retry-after") == delay)
    let error = try response.decode(as: OpenAIErrorDocument.self).error
    #expect(error.type == type && error.code == code)
  }

  @Test("The other forms of errors: a number as code, a mere text, a page, a delay in milliseconds")
  func otherErrors() async throws {
    let bench = try await OpenAIBench()
    bench.fake.enqueue(.loading, .errorString, .badGatewayHTML, .rateLimitedTokens)
    let loading = try await bench.chat()
    #expect(loading.status == 503 && loading.text.contains("\"code\": 503"))
    let text = try await bench.chat()
    #expect(
      text.status == 404 && text.text.contains("\"error\": \"model 'gpt-4o-mini' not found\""))
    let page = try await bench.chat()
    #expect(page.status == 502 && page.text.hasPrefix("<html>"))
    #expect(try await bench.chat().header("retry-after-ms") == "1400")
  }

  @Test("Every scenario has a name of its own; a model's queue comes first")
  func script() async throws {
    #expect(Set(OpenAIScenario.all.map(\.name)).count == OpenAIScenario.all.count)
    #expect(OpenAIScenario.all.allSatisfy { OpenAIScenario(name: $0.name) == $0 })
    let bench = try await OpenAIBench()
    bench.fake.enqueue(.overloaded)
    bench.fake.enqueue(.serverError, for: "gpt-4o-mini")
    #expect(try await bench.chat().status == 500)
    #expect(bench.fake.queuedCount == 1)
    #expect(try await bench.chat().status == 503)
    #expect(try await bench.chat().status == 200)
  }

  // MARK: - Requests that are refused

  @Test("Keys: none, wrong; a fake without keys asks for none; they are masked in the journal")
  func keys() async throws {
    let bench = try await OpenAIBench()
    let body = OpenAIBench.body()
    #expect(try await bench.send(OpenAIBench.request(body, key: nil)).status == 401)
    let wrong = try await bench.send(OpenAIBench.request(body, key: "other"))
    #expect(
      try wrong.decode(as: OpenAIErrorDocument.self).error.code == "invalid_api_key")
    #expect(!"\(bench.fake.journal)".contains("Bearer other"))
    let open = OpenAIBench(fake: try await FakeOpenAI(keys: []))
    #expect(try await open.send(OpenAIBench.request(body, key: nil)).status == 200)
  }

  @Test(
    "Paths and methods",
    arguments: [
      ("POST", "/chat/completions", 404), ("GET", "/v1/chat/completions", 405),
      ("POST", "/v1/models", 405), ("GET", "/v1/models", 200),
    ])
  func paths(method: String, path: String, status: Int) async throws {
    let bench = try await OpenAIBench()
    let response = try await bench.send(OpenAIBench.request("", method: method, path: path))
    #expect(response.status == status)
    if status == 200 { #expect(response.text.contains("\"id\": \"gpt-4o-mini\"")) }
  }

  private static let call =
    #"{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}"#

  @Test(
    "Each rule for the body",
    arguments: [
      (#"{"messages":[{"role":"user","content":"a"}]}"#, "you must provide a model parameter"),
      (
        #"{"model":"x","messages":[{"role":"user","content":"a"}]}"#, "The model `x` does not exist"
      ),
      ("{", "We could not parse the JSON body"),
      (OpenAIBench.body(extra: #","foo":1"#), "Unrecognized request argument supplied: foo"),
      (OpenAIBench.body(extra: #","temperature":3"#), "Invalid 'temperature'"),
      (OpenAIBench.body(extra: #","top_p":"x""#), "Invalid type for 'top_p'"),
      (OpenAIBench.body(extra: #","max_tokens":1,"max_completion_tokens":1"#), "at the same time"),
      (OpenAIBench.body(extra: #","stop":["1","2","3","4","5"]"#), "Invalid 'stop'"),
      (
        OpenAIBench.body(stream: false, extra: #","stream_options":{"include_usage":true}"#),
        "The 'stream_options' parameter is only allowed when 'stream' is enabled."
      ),
      (OpenAIBench.body(extra: #","tools":[{"type":"function"}]"#), "tools[0].function.name"),
      (OpenAIBench.body(messages: ""), "Invalid 'messages': empty array."),
      (OpenAIBench.body(messages: #"{"role":"model","content":"a"}"#), "Invalid value: \"model\""),
      (OpenAIBench.body(messages: #"{"role":"user"}"#), "Invalid value for 'content'"),
      (OpenAIBench.body(messages: #"{"role":"assistant","content":null}"#), "'content'"),
      (
        OpenAIBench.body(messages: #"{"role":"tool","tool_call_id":"1","content":"a"}"#),
        "must be a response to a preceeding message"
      ),
      (
        OpenAIBench.body(
          messages: #"{"role":"assistant","tool_calls":[\#(call)]},{"role":"user","content":"a"}"#),
        "did not have response messages: 1"
      ),
      (
        OpenAIBench.body(messages: #"{"role":"assistant","tool_calls":[{"id":"1"}]}"#),
        "Invalid 'tool_calls'"
      ),
    ])
  func rules(body: String, message: String) async throws {
    let response = try await OpenAIBench().send(OpenAIBench.request(body))
    #expect([400, 404].contains(response.status))
    let error = try response.decode(as: OpenAIErrorDocument.self).error
    #expect(error.message.contains(message), "\(error.message)")
    #expect(error.type == "invalid_request_error")
  }
}
