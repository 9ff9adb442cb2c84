import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini refuses a request", .timeLimit(.minutes(5)))
struct GeminiRequestTests {
  private static let flash = GeminiBench.target("gemini-2.5-flash")

  @Test(
    "with a wrong path or method: 404 with a page of HTML",
    arguments: [
      ("POST", "/v1/models/gemini-2.5-flash:generateContent"), ("POST", "/v1beta/models"),
      ("GET", "/v1beta/models/gemini-2.5-flash:generateContent"),
      ("POST", "/v1beta/models/gemini-2.5-flash:generate"), ("GET", "/"),
      ("POST", "/v1beta/gemini-2.5-flash:generateContent"),
      ("POST", "/v1beta/models/models/gemini-2.5-flash:generateContent"),
      ("DELETE", "/v1beta/models/gemini-2.5-flash"),
    ])
  func path(method: String, target: String) async throws {
    let response = try await GeminiBench().send(GeminiBench.request(target, method: method))
    #expect(response.status == 404)
    #expect(response.text.hasPrefix("<!DOCTYPE html>"))
  }

  @Test("without a key: 403; with a bearer token: 401; with a key of nobody: 400")
  func key() async throws {
    let bench = try await GeminiBench()
    let missing = try await bench.send(GeminiBench.request(Self.flash, key: nil))
    #expect(missing.status == 403)
    #expect(try missing.error().message.hasPrefix("Method doesn't allow unregistered callers"))
    let headers = ["Content-Type: application/json", "Authorization: Bearer abc"]
    let bearer = try await bench.send(
      GeminiBench.request(Self.flash, key: nil, headers: headers))
    #expect(try bearer.error().status == "UNAUTHENTICATED")
    let wrong = try await bench.send(GeminiBench.request(Self.flash, key: "another"))
    #expect(try wrong.error().detail("ErrorInfo")?.reason == "API_KEY_INVALID")
    let inQuery = try await bench.send(
      GeminiBench.request(Self.flash + "&key=test-key", key: nil))
    #expect(inQuery.status == 200)
  }

  @Test("The key is masked in the journal, wherever it was sent")
  func maskedKey() async throws {
    let bench = try await GeminiBench()
    _ = try await bench.send(GeminiBench.request(Self.flash + "&key=test-key"))
    let headers = ["Content-Type: application/json", "Authorization: Bearer test-key"]
    _ = try await bench.send(GeminiBench.request(Self.flash, headers: headers))
    let journal = try await bench.fake.waitForAnswers(2)
    #expect(!"\(journal)".contains("test-key"))
    #expect(journal[0].request.target == Self.flash + "&key=***")
    #expect(journal[0].request.header("x-goog-api-key") == "***")
    #expect(journal[1].request.header("authorization") == "Bearer ***")
    #expect(journal[0].json?["contents"]?[0]?["parts"]?[0]?["text"] == "Bonjour à tous")
    #expect(journal[0].arrival.time == bench.time.now())
  }

  @Test(
    "with bad JSON: 400 that shows the place", arguments: ["{", "{\"contents\":[}", "[1,]", "x"])
  func badJSON(body: String) async throws {
    let error = try await GeminiBench().post(body).error()
    #expect(error.code == 400)
    #expect(error.message.hasPrefix("Invalid JSON payload received. "))
    #expect(error.message.hasSuffix("^"))
  }

  @Test("with another content type, or a parameter that nobody knows")
  func contentType() async throws {
    let bench = try await GeminiBench()
    let headers = ["Content-Type: text/plain"]
    #expect(try await bench.send(GeminiBench.request(Self.flash, headers: headers)).status == 400)
    let parameter = try await bench.send(GeminiBench.request(Self.flash + "&stream=true")).error()
    #expect(parameter.message.contains("Unknown name \"stream\": Cannot bind query parameter."))
  }

  @Test("with unknown fields: each is named with its path in snake case")
  func unknownFields() async throws {
    let error = try await GeminiBench().post(
      """
      {"contents":[{"role":"user","parts":[{"text":"a","foo":1}]}],"bar":{},
       "generationConfig":{"thinkingBudget":0,"thinkingConfig":{"level":"low"}},
       "systemInstruction":{"part":[]}}
      """
    ).error()
    let violations = error.detail("BadRequest")?.fieldViolations ?? []
    #expect(
      violations.map(\.field)
        == [
          "contents[0].parts[0]", nil, "generation_config", "generation_config.thinking_config",
          "system_instruction",
        ])
    let places = [
      #""foo" at 'contents[0].parts[0]'"#, #""bar""#, #""thinkingBudget" at 'generation_config'"#,
      #""level" at 'generation_config.thinking_config'"#, #""part" at 'system_instruction'"#,
    ]
    #expect(
      error.message.split(separator: "\n").map(String.init)
        == places.map {
          "Invalid JSON payload received. Unknown name \($0): Cannot find field."
        })
    #expect(violations.map(\.description).joined(separator: "\n") == error.message)
  }

  @Test("Snake case, null, and a number as text are read")
  func otherSpellings() async throws {
    let response = try await GeminiBench().post(
      """
      {"contents":[{"role":"user","parts":{"text":"a"}}],"safety_settings":null,
       "system_instruction":{"parts":[{"text":"b"}]},
       "generation_config":{"max_output_tokens":"100","thinking_config":{"thinking_budget":0}}}
      """)
    #expect(response.status == 200, "\(response.text)")
  }

  @Test(
    "with a value of the wrong type: the path, the type and the value are named",
    arguments: [
      (#"{"contents":[{"role":1,"parts":[{"text":"a"}]}]}"#, "'contents[0].role' (TYPE_STRING), 1"),
      (
        #"{"contents":[],"generationConfig":{"topK":0.5}}"#,
        "'generation_config.top_k' (TYPE_INT32), 0.5"
      ),
      (
        #"{"contents":[],"safetySettings":[{"category":"HARM","threshold":"OFF"}]}"#,
        "'safety_settings[0].category' (type.googleapis.com/google.ai.generativelanguage.v1beta."
          + "HarmCategory), \"HARM\""
      ),
      (
        #"{"contents":[{"parts":[{"thoughtSignature":"*"}]}]}"#,
        "'contents[0].parts[0].thought_signature' (TYPE_BYTES), \"*\""
      ),
    ])
  func wrongType(body: String, place: String) async throws {
    #expect(try await GeminiBench().post(body).error().message == "Invalid value at \(place)")
  }

  @Test("for an unknown model: 404 that names it")
  func unknownModel() async throws {
    let error = try await GeminiBench().post(to: "gemini-9").error()
    #expect(error.code == 404)
    #expect(error.message.hasPrefix("models/gemini-9 is not found for API version v1beta"))
  }

  @Test("Checks come in order: path, key, JSON, fields, model, quota, content")
  func order() async throws {
    let bench = try await GeminiBench()
    bench.fake.setLimits(ModelLimits(requestsPerDay: 0))
    let send = { (target: String, key: String?, body: String) in
      try await bench.send(GeminiBench.request(target, key: key, body: body)).status
    }
    #expect(try await send("/nowhere", nil, "{") == 404)
    #expect(try await send(Self.flash, nil, "{") == 403)
    let gone = GeminiBench.target("gone")
    #expect(try await bench.post("{", to: "gone").error().message.contains("Invalid JSON"))
    #expect(try await bench.post(#"{"a":1}"#, to: "gone").error().message.contains("\"a\""))
    #expect(try await send(gone, "test-key", "{}") == 404)
    #expect(try await send(Self.flash, "test-key", "{}") == 429)
    bench.fake.setLimits(ModelLimits())
    #expect(try await send(Self.flash, "test-key", "{}") == 400)
  }

  @Test("that is longer than the model takes")
  func tooManyTokens() async throws {
    let bench = try await GeminiBench()
    var limits = ModelLimits()
    limits.inputTokenLimit = 3
    bench.fake.setLimits(limits)
    #expect(
      try await bench.post().error().message
        == "The input token count (4) exceeds the maximum number of tokens allowed (3).")
  }
}
