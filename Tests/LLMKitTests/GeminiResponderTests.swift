import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("GeminiResponder")
struct GeminiResponderTests {
  private func message(_ role: Role, _ text: String) -> Message {
    Message(id: .generate(), role: role, content: text, createdAt: Timestamp(milliseconds: 0))
  }

  @Test("The request holds the instruction, the turns in order, neighbours merged, empty ones out")
  func request() async throws {
    let fake = try await FakeGemini()
    let responder = GeminiResponder(
      model: "models/gemini-2.5-flash",
      configuration: try GeminiBench.configuration(fake.baseURL + "/"))
    let prompt = Prompt(
      conversation: .generate(), instruction: "Sois bref.",
      messages: [
        message(.assistant, "avant"), message(.user, "un"), message(.user, "deux \"é\n"),
        message(.assistant, ""), message(.assistant, "trois"), message(.system, "Tutoie."),
        message(.user, "quatre"),
      ])
    let (_, _, result) = await GeminiBench.run(responder, prompt)
    #expect(result.code == nil)
    let request = try #require(fake.journal.first)
    #expect(request.path == "/v1beta/models/gemini-2.5-flash:streamGenerateContent")
    #expect(request.request.target.hasSuffix("?alt=sse"))
    let body = try SessionCore.JSONValue(parsing: request.request.body)
    #expect(
      body == [
        "systemInstruction": ["parts": [["text": "Sois bref.\n\nTutoie."]]],
        "contents": [
          ["role": "user", "parts": [["text": "un"], ["text": "deux \"é\n"]]],
          ["role": "model", "parts": [["text": "trois"]]],
          ["role": "user", "parts": [["text": "quatre"]]],
        ],
      ])
    await fake.close()
  }

  @Test(
    "Each family is asked in its dialect",
    arguments: [
      ("gemini-2.5-flash", GeminiOptions.Thinking.least, ["thinkingBudget": 0], true),
      ("gemini-2.5-pro", .least, ["thinkingBudget": 128], true),
      ("gemini-2.5-flash", .high, ["thinkingBudget": 24_576], true),
      ("gemini-3.5-flash", .least, ["thinkingLevel": "minimal"], false),
      ("gemini-3.6-flash", .medium, ["thinkingLevel": "medium"], false),
      ("gemini-flash-latest", .low, ["thinkingLevel": "low"], false),
    ] as [(String, GeminiOptions.Thinking, SessionCore.JSONValue, Bool)])
  func dialects(
    model: String, thinking: GeminiOptions.Thinking, config: SessionCore.JSONValue, samples: Bool
  ) async throws {
    let fake = try await FakeGemini(models: [model])
    var configuration = try GeminiBench.configuration(fake.baseURL)
    configuration.options.thinking = thinking
    configuration.options.temperature = 0.5
    configuration.options.topP = 0.9
    configuration.options.topK = 7
    configuration.options.outputTokenCountMax = 5000
    configuration.options.stopSequences = ["FIN"]
    configuration.options.seed = 3
    configuration.options.safety = [.harassment: .blockOnlyHigh, .hateSpeech: .off]
    let responder = GeminiResponder(model: model, configuration: configuration)
    let (_, _, result) = await GeminiBench.run(responder)
    #expect(result.code == nil, "the fake takes the request as the service would")
    let body = try SessionCore.JSONValue(parsing: #require(fake.journal.first).request.body)
    let generation = try #require(body["generationConfig"])
    #expect(generation["thinkingConfig"] == config)
    #expect(generation["temperature"] == (samples ? 0.5 : nil))
    #expect(generation["topP"] == (samples ? 0.9 : nil))
    #expect(generation["topK"] == (samples ? 7 : nil))
    #expect(generation["maxOutputTokens"] == 5000)
    #expect(body["safetySettings"]?.elements?.count == 2)
    await fake.close()
  }

  @Test("An answer without text for want of tokens is asked for once more, with less thinking")
  func lessThinking() async throws {
    let fake = try await FakeGemini()
    fake.enqueue(.maxTokensEmpty)
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(try result.get().state == .complete)
    #expect(!text.isEmpty)
    let bodies = try fake.journal.map { try SessionCore.JSONValue(parsing: $0.request.body) }
    #expect(bodies.count == 2)
    #expect(bodies[0]["generationConfig"] == nil)
    #expect(bodies[1]["generationConfig"]?["thinkingConfig"] == ["thinkingBudget": 0])
    fake.clearJournal()
    fake.set(.maxTokensEmpty)
    #expect(await GeminiBench.run(responder).result.code == .outOfTokens)
    #expect(fake.journal.count == 2, "once more, and no more")
    await fake.close()
  }

  @Test("A conversation too long for the model is shortened and sent once more")
  func tooLong() async throws {
    let fake = try await FakeGemini()
    fake.enqueue(.tooManyTokens)
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    let (_, _, result) = await GeminiBench.run(
      responder, GeminiBench.prompt("un deux trois", "quatre", "cinq", "six", "sept"))
    #expect(try result.get().state == .complete)
    let counts = try fake.journal.map {
      try SessionCore.JSONValue(parsing: $0.request.body)["contents"]?.elements?.count
    }
    #expect(counts == [5, 1])
    await fake.close()
  }

  @Test("What was told of usage is the most that any chunk told")
  func usage() async throws {
    let chunk = { @Sendable (usage: String, finish: String) in
      "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}\(finish)}],"
        + "\"usageMetadata\":{\(usage)}}\r\n\r\n"
    }
    let server = try RawServer { connection, _ in
      _ = connection.readRequest()
      connection.respond(
        200,
        chunk("\"promptTokenCount\":9,\"thoughtsTokenCount\":185,\"totalTokenCount\":199", "")
          + chunk("\"promptTokenCount\":9,\"candidatesTokenCount\":11,\"totalTokenCount\":205", "")
          + chunk("\"candidatesTokenCount\":4,\"totalTokenCount\":20", ",\"finishReason\":\"STOP\"")
      )
    }
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(server.baseURL))
    let (text, _, result) = await GeminiBench.run(responder)
    #expect(text == "aaa")
    #expect(
      try result.get().usage
        == TokenUsage(
          promptTokenCount: 9, answerTokenCount: 11, thoughtTokenCount: 185, totalTokenCount: 205))
  }

  @Test("A refused model is closed until Pacific midnight, whatever delay it names, and not asked")
  func closedForTheDay() async throws {
    let time = ManualTime()
    let fake = try await FakeGemini(time: time)
    fake.set(.quotaDay)
    let responder = GeminiBench.remembering(
      GeminiResponder(
        model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL),
        time: time), time)
    let midnight = PacificTime.nextMidnight(after: time.now())
    for _ in 0..<3 {
      guard case .failure(let error as ResponderError) = await GeminiBench.run(responder).result
      else {
        Issue.record("answered")
        continue
      }
      #expect(error.code == .quotaExhausted)
      #expect(error.retryAt == midnight)
    }
    #expect(fake.journal.count == 1)
    fake.set(.ok)
    time.advance(by: midnight - time.now() + .milliseconds(1))
    #expect(await GeminiBench.run(responder).result.code == nil)
    await fake.close()
  }

  @Test("A quota that is not named closes the model at the third refusal in a row")
  func unnamedQuota() async throws {
    let fake = try await FakeGemini()
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    fake.enqueue(.quotaBare, .quotaBare, .ok, .quotaBare, .quotaBare, .quotaBare)
    var closings: [Bool] = []
    for _ in 0..<6 {
      let error = await GeminiBench.run(responder).result.error
      closings.append(error?.closesModelUntil != nil)
    }
    #expect(
      closings == [false, false, false, false, false, true],
      "an answer in between begins the count anew")
    await fake.close()
  }

  @Test("T7 Cancelling a turn closes the transfer within 100 ms")
  func cancel() async throws {
    // The fastest of several turns, for a busy machine can hold up any one.
    var fastest = Duration.seconds(60)
    for scenario in [Scenario.stall, .slowFirstByte, .stall, .slowFirstByte] {
      let fake = try await FakeGemini()
      fake.set(scenario)
      let responder = GeminiResponder(
        model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
      let task = Task { await GeminiBench.run(responder).result }
      try await fake.waitForStalls()
      let start = ContinuousClock.now
      task.cancel()
      let result = await task.value
      #expect(throws: CancellationError.self) { try result.get() }
      let closed = try #require(try await fake.waitForClientClose().first?.clientClosed)
      fastest = min(fastest, closed.instant - start)
      await fake.close()
    }
    #expect(fastest < .milliseconds(100))
  }

  @Test("An error of the reader's ends the transfer and passes through")
  func readerFails() async throws {
    struct Stop: Error {}
    let fake = try await FakeGemini()
    fake.set(.stall)
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    await #expect(throws: Stop.self) {
      _ = try await responder.respond(to: GeminiBench.prompt("x")) { _ in throw Stop() }
    }
    #expect(try await fake.waitForClientClose().count == 1)
    await fake.close()
  }

  @Test("Models come page after page, tokens are counted, and an answer comes in one piece")
  func otherCalls() async throws {
    let names = (0..<120).map { "gemini-2.5-model-\($0)" }
    let fake = try await FakeGemini(models: names)
    let configuration = try GeminiBench.configuration(fake.baseURL)
    #expect(try await GeminiResponder.models(configuration).map(\.name) == names)
    #expect(fake.journal.count == 3)
    let responder = GeminiResponder(model: names[0], configuration: configuration)
    #expect(try await responder.tokenCount(of: GeminiBench.prompt("Bonjour à tous")) > 0)
    let (text, summary) = try await responder.generate(GeminiBench.prompt("Bonjour"))
    #expect(!text.isEmpty)
    #expect(summary.state == .complete)
    fake.setKeys(["another"])
    await #expect { try await GeminiResponder.models(configuration) } throws: { error in
      (error as? ResponderError)?.code == .credentials
    }
    await fake.close()
  }

  @Test("A service that cannot be reached, or does not answer in time, is told apart")
  func unreachable() async throws {
    let fake = try await FakeGemini()
    fake.set(.slowFirstByte)
    var configuration = try GeminiBench.configuration(fake.baseURL)
    configuration.deadlines.firstByte = .milliseconds(50)
    let responder = GeminiResponder(model: "gemini-2.5-flash", configuration: configuration)
    #expect(await GeminiBench.run(responder).result.code == .timedOut)
    await fake.close()
    let patient = GeminiResponder(
      model: "gemini-2.5-flash",
      configuration: try GeminiBench.configuration(GeminiBench.addressOfNobody))
    #expect(await GeminiBench.run(patient).result.code == .unreachable)
  }

  @Test("A prompt without a question is not sent")
  func nothingToAsk() async throws {
    let fake = try await FakeGemini()
    let responder = GeminiResponder(
      model: "gemini-2.5-flash", configuration: try GeminiBench.configuration(fake.baseURL))
    for prompt in [GeminiBench.prompt(), GeminiBench.prompt(""), GeminiBench.prompt("a", "b")] {
      #expect(await GeminiBench.run(responder, prompt).result.code == .invalidRequest)
    }
    #expect(fake.journal.isEmpty)
    await fake.close()
  }

  @Test("A key or an address that cannot be one is refused, and neither is repeated")
  func configuration() throws {
    for key in ["", "a b", "a\r\nb", "clé"] {
      #expect(throws: LLMConfigurationError.self) {
        try GeminiConfiguration(apiKey: Secret(key))
      }
    }
    for url in [
      "", "generativelanguage.googleapis.com", "ftp://x", "https://", "https://:80",
      "https://user:pa55@host", "https://host?key=s3cret", "https://host/#x", "https://a b",
    ] {
      let error = #expect(throws: LLMConfigurationError.self) {
        try GeminiConfiguration(apiKey: Secret("k3y"), baseURL: url)
      }
      for secret in ["pa55", "s3cret", "k3y"] {
        #expect(error?.description.contains(secret) == false)
      }
    }
    let configuration = try GeminiConfiguration(apiKey: Secret("k3y"))
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!"\(configuration) \(dumped)".contains("k3y"))
  }
}
