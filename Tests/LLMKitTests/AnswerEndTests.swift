import SessionCore
import Testing

@testable import LLMKit

@Suite("How an answer ends", .timeLimit(.minutes(5)))
struct AnswerEndTests {
  /// Who waits for the connection waits longer than the tests may take.
  private static let longSilence = HTTPDeadlines(
    firstByte: .seconds(3600), betweenBytes: .seconds(3600))

  private func openAI(_ word: String, done: Bool = true) throws -> StreamBench.Outcome {
    try StreamBench.openAI(
      [#"{"choices":[{"delta":{"content":"A"},"finish_reason":\#(word)}]}"#]
        + (done ? ["[DONE]"] : []))
  }

  @Test(
    "R4 Each word for the end of services with OpenAI's interface has its meaning",
    arguments: [
      ("stop", .complete, nil), ("eos", .complete, nil), ("end_turn", .complete, nil),
      ("STOP", .complete, nil), ("length", .partial, nil), ("model_length", .partial, nil),
      ("max_tokens", .partial, nil), ("content_filter", nil, .blocked),
      ("sensitive", nil, .blocked), ("safety", nil, .blocked), ("refusal", nil, .blocked),
      ("error", nil, .overloaded), ("network_error", nil, .overloaded),
      ("insufficient_system_resource", nil, .overloaded), ("abort", nil, .overloaded),
      ("malformed_function_call", nil, .malformedResponse),
      ("something_new", nil, .malformedResponse), ("tool_calls", nil, .malformedResponse),
    ] as [(String, AnswerState?, ResponderError.Code?)])
  func words(word: String, state: AnswerState?, code: ResponderError.Code?) throws {
    for isDone in [true, false] {
      let outcome = try openAI("\"\(word)\"", done: isDone)
      #expect(outcome.text == "A")
      #expect(outcome.state == state)
      #expect(outcome.code == code)
    }
  }

  @Test("R4 An empty word is no end, and a service without words marks its end alone")
  func empty() throws {
    #expect(try openAI("\"\"", done: false).code == .cut)
    #expect(try openAI("\"\"").code == .cut)
    #expect(try openAI("null", done: false).code == .cut)
    #expect(try openAI("null").state == .complete)
    #expect(try openAI("7").reason.contains("finish_reason"))
  }

  @Test("R4 A bad word stays bad, and an empty one behind a good one changes nothing")
  func order() throws {
    func words(_ words: String...) throws -> StreamBench.Outcome {
      try StreamBench.openAI(
        words.map { #"{"choices":[{"delta":{"content":"A"},"finish_reason":"\#($0)"}]}"# })
    }
    #expect(try words("stop", "").state == .complete)
    #expect(try words("", "stop").state == .complete)
    #expect(try words("stop", "error").code == .overloaded)
    #expect(try words("error", "stop").code == .overloaded)
    #expect(try words("length", "stop").state == .partial)
  }

  @Test(
    "R4 Each finishReason of Gemini has its meaning, with text or without",
    arguments: [
      ("STOP", .complete, nil), ("MAX_TOKENS", .partial, nil), ("SAFETY", nil, .blocked),
      ("RECITATION", nil, .blocked), ("PROHIBITED_CONTENT", nil, .blocked),
      ("MALFORMED_FUNCTION_CALL", nil, .malformedResponse), ("OTHER", nil, .malformedResponse),
      ("FINISH_REASON_UNSPECIFIED", nil, .malformedResponse), ("NEW", nil, .malformedResponse),
      ("", nil, .cut),
    ] as [(String, AnswerState?, ResponderError.Code?)])
  func gemini(word: String, state: AnswerState?, code: ResponderError.Code?) throws {
    let outcome = try StreamBench.gemini([
      #"{"candidates":[{"content":{"parts":[{"text":"A"}]},"finishReason":"\#(word)"}]}"#
    ])
    #expect(outcome.text == "A")
    #expect(outcome.state == state)
    #expect(outcome.code == code)
  }

  @Test(
    "R4 An error is read with its words wherever a service puts it",
    arguments: [
      (#"{"choices":[{"delta":{},"error":{"code":502,"message":"WORDS"}}]}"#, .overloaded),
      (
        #"{"error":{"code":"server_error","message":"WORDS"},"choices":[{"finish_reason":"error"}]}"#,
        .overloaded
      ),
      (
        #"[{"error":{"code":429,"message":"WORDS","status":"RESOURCE_EXHAUSTED"}}]"#,
        .quotaExhausted
      ),
      (#"error: {"code":500,"message":"WORDS","type":"server_error"}"#, .overloaded),
      ("error: WORDS", .overloaded),
      ("event: error\ndata: {\"message\":\"WORDS\"}", .overloaded),
      (
        #"{"detail":[{"type":"value_error","loc":["body","messages"],"msg":"WORDS"}]}"#, .overloaded
      ),
      (#"{"detail":"WORDS"}"#, .overloaded), (#"{"message":"WORDS"}"#, .overloaded),
      (#"{"object":"error","message":"WORDS","code":400}"#, .invalidRequest),
      (#"{"type":"error","error":{"type":"overloaded_error","message":"WORDS"}}"#, .overloaded),
      (
        #"{"error":{"message":"{\"error\":{\"message\":\"WORDS\",\"code\":503}}","code":429}}"#,
        .quotaExhausted
      ),
      (
        #"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":\"WORDS\"}"}}}"#,
        .invalidRequest
      ),
      (#"{"x_groq":{"id":"r","error":"WORDS"},"choices":[]}"#, .overloaded),
    ] as [(String, ResponderError.Code)])
  func errors(event: String, code: ResponderError.Code) throws {
    let text = #"{"choices":[{"delta":{"content":"A"}}]}"#
    let outcome = try StreamBench.openAI([text, event, "[DONE]"])
    #expect(outcome.text == "A")
    #expect(outcome.code == code)
    #expect(outcome.reason.contains("WORDS"), "\(outcome.reason)")
  }

  @Test("R4 A call that the limit of length cut off is not run")
  func cutCall() throws {
    for (arguments, code) in [(#"{\"a\":1}"#, nil), (#"{\"a\":"#, .outOfTokens)]
      as [(String, ResponderError.Code?)]
    {
      let outcome = try StreamBench.openAI([
        """
        {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":\
        {"name":"f","arguments":"\(arguments)"}}]},"finish_reason":"length"}]}
        """
      ])
      #expect(outcome.code == code)
    }
  }

  @Test("R4 The mark of the end ends an answer at once, whatever the connection does")
  func markedEnd() async throws {
    let server = try RawServer { connection, _ in
      while connection.readRequest() != nil {
        connection.startStream()
        connection.sendChunk(
          Array(
            StreamBench.stream([
              #"{"choices":[{"delta":{"content":"A"}}]}"#,
              #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, "[DONE]",
            ]).utf8))
        connection.waitForClose()
      }
    }
    var configuration = try OpenAIConfiguration(apiKey: nil, baseURL: server.baseURL + "/v1")
    configuration.deadlines = Self.longSilence
    let responder = OpenAIResponder(model: "m", configuration: configuration)
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text == "A")
    #expect(try result.get().state == .complete)
  }

  @Test("R4 After a good end of Gemini's at most two seconds are waited, and a break is no failure")
  func grace() async throws {
    for isBroken in [false, true] {
      let server = try RawServer { connection, _ in
        guard connection.readRequest() != nil else { return }
        connection.startStream()
        connection.sendChunk(
          Array(
            StreamBench.stream([
              #"{"candidates":[{"content":{"parts":[{"text":"A"}]},"finishReason":"STOP"}]}"#
            ]).utf8))
        if isBroken { return connection.resetWhenClosed() }
        connection.waitForClose()
      }
      var configuration = try GeminiBench.configuration(server.baseURL)
      configuration.deadlines = Self.longSilence
      let responder = GeminiResponder(model: "m", configuration: configuration)
      let (text, _, result) = await GeminiBench.run(responder)
      #expect(text == "A")
      #expect(try result.get().state == .complete)
    }
  }
}
