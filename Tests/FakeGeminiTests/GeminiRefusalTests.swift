import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini errors", .timeLimit(.minutes(5)))
struct GeminiRefusalTests {
  /// One row of the table of errors.
  struct Row: Sendable, CustomTestStringConvertible {
    let scenario: Scenario
    let code: Int
    let status: String
    let message: String
    let details: [String]
    var testDescription: String { scenario.name }

    init(
      _ scenario: Scenario, _ code: Int, _ status: String, _ message: String,
      _ details: [String] = []
    ) {
      (self.scenario, self.code, self.status) = (scenario, code, status)
      (self.message, self.details) = (message, details)
    }
  }

  static let rows = [
    Row(
      .keyInvalid, 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
      ["ErrorInfo", "LocalizedMessage"]),
    Row(
      .keyExpired, 400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.",
      ["ErrorInfo", "LocalizedMessage"]),
    Row(
      .tooManyTokens, 400, "INVALID_ARGUMENT",
      "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576)."),
    Row(
      .location, 400, "FAILED_PRECONDITION",
      "User location is not supported for the API use."),
    Row(
      .unauthenticated, 401, "UNAUTHENTICATED",
      "Request had invalid authentication credentials.", ["ErrorInfo"]),
    Row(
      .keyMissing, 403, "PERMISSION_DENIED",
      "Method doesn't allow unregistered callers (callers without established identity)."),
    Row(.keyLeaked, 403, "PERMISSION_DENIED", "Your API key was reported as leaked."),
    Row(
      .serviceDisabled, 403, "PERMISSION_DENIED",
      "Generative Language API has not been used in project", ["ErrorInfo", "Help"]),
    Row(
      .notFound, 404, "NOT_FOUND",
      "models/gemini-2.5-flash is not found for API version v1beta, or is not supported for "
        + "generateContent. Call ListModels"),
    Row(
      .goneNewUsers, 404, "NOT_FOUND",
      "This model models/gemini-2.5-flash is no longer available to new users."),
    Row(
      .gone, 404, "NOT_FOUND",
      "This model models/gemini-2.5-flash is no longer available. Please update your code"),
    Row(.cancelled, 499, "CANCELLED", "The operation was cancelled.", ["DebugInfo"]),
    Row(.internal, 500, "INTERNAL", "An internal error has occurred. Please retry or report"),
    Row(.overloaded, 503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    Row(
      .highDemand, 503, "UNAVAILABLE", "This model is currently experiencing high demand."),
    Row(
      .capacity503, 503, "UNAVAILABLE", "No capacity available", ["ErrorInfo"]),
    Row(
      .deadline, 504, "DEADLINE_EXCEEDED",
      "Deadline expired before operation could complete."),
  ]

  @Test("Each row of the table: status, code, message and details", arguments: rows)
  func row(row: Row) async throws {
    let response = try await GeminiBench().stream(row.scenario)
    #expect(response.status == row.code)
    #expect(response.header("Content-Type") == "application/json; charset=UTF-8")
    #expect(response.header("Server") == "scaffolding on HTTPServer2")
    #expect(response.header("Retry-After") == nil)
    let error = try response.error()
    #expect(error.code == row.code)
    #expect(error.status == row.status)
    #expect(error.message.hasPrefix(row.message))
    #expect(
      (error.details ?? []).map(\.type)
        == row.details.map { "type.googleapis.com/google.rpc." + $0 })
  }

  @Test("The reasons of errors that have one")
  func reasons() async throws {
    let bench = try await GeminiBench()
    for (scenario, reason) in [
      (Scenario.keyInvalid, "API_KEY_INVALID"), (.keyExpired, "API_KEY_INVALID"),
      (.serviceDisabled, "SERVICE_DISABLED"), (.capacity, "MODEL_CAPACITY_EXHAUSTED"),
    ] {
      #expect(try await bench.stream(scenario).error().detail("ErrorInfo")?.reason == reason)
    }
  }

  @Test("bad-gateway-html and bad-gateway-text: 502, and no JSON")
  func badGateway() async throws {
    let bench = try await GeminiBench()
    let page = try await bench.stream(.badGatewayHTML)
    #expect(page.status == 502 && page.text.hasPrefix("<!DOCTYPE html>"))
    let words = try await bench.stream(.badGatewayText)
    #expect(words.status == 502 && words.text == "Bad Gateway")
  }

  @Test("error-as-sse: a JSON error with the content type of a stream")
  func errorAsEventStream() async throws {
    let response = try await GeminiBench().stream(.errorAsSSE)
    #expect(response.status == 503)
    #expect(response.header("Content-Type") == "text/event-stream")
    #expect(try response.error().code == 503)
  }

  @Test("error-in-array, and every error of a stream without alt=sse: one in an array")
  func errorInArray() async throws {
    let bench = try await GeminiBench()
    let scripted = try await bench.stream(.errorInArray)
    #expect(try scripted.decode(as: [ErrorDocument].self).map(\.error.code) == [503])
    bench.fake.enqueue(.overloaded)
    let stream = try await bench.post(to: "gemini-2.5-flash", "streamGenerateContent")
    #expect(try stream.decode(as: [ErrorDocument].self).map(\.error.code) == [503])
    bench.fake.enqueue(.overloaded)
    let single = try await bench.post(to: "gemini-2.5-flash", "generateContent")
    #expect(try single.error().code == 503)
  }

  @Test("error-with-errors: the extra list names the message again")
  func errorWithErrors() async throws {
    let error = try await GeminiBench().stream(.errorWithErrors).error()
    #expect(error.errors?.map(\.message) == [error.message])
  }

  // MARK: - 429

  @Test(
    "quota-*: ids, delay in the details, delay in the message",
    arguments: [
      ("quota-minute", ["GenerateRequestsPerMinutePerProjectPerModel-FreeTier"], "34.074824224s"),
      ("quota-day", ["GenerateRequestsPerDayPerProjectPerModel-FreeTier"], "17s"),
      (
        "quota-both",
        [
          "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
          "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        ], "17s"
      ),
      (
        "quota-zero-delay", ["GenerateRequestsPerMinutePerProjectPerModel-FreeTier"], "0s"
      ),
      (
        "quota-tokens-minute", ["GenerateContentInputTokensPerModelPerMinute-FreeTier"],
        "34.074824224s"
      ),
      (
        "quota-tokens-day", ["GenerateContentInputTokensPerModelPerDay-FreeTier"], "34.074824224s"
      ),
      ("quota-minute-paid", ["GenerateRequestsPerMinutePerProjectPerModel"], "34.074824224s"),
      ("quota-day-paid", ["GenerateRequestsPerDayPerProjectPerModel"], "34.074824224s"),
      (
        "quota-tokens-minute-paid", ["GenerateContentPaidTierInputTokensPerModelPerMinute"],
        "34.074824224s"
      ),
    ])
  func quota(name: String, ids: [String], delay: String) async throws {
    let scenario = try #require(Scenario(name: name))
    let response = try await GeminiBench().stream(scenario)
    #expect(response.status == 429)
    let error = try response.error()
    #expect(error.status == "RESOURCE_EXHAUSTED")
    let violations = error.detail("QuotaFailure")?.violations ?? []
    #expect(violations.map(\.quotaId) == ids)
    #expect(violations.allSatisfy { $0.quotaDimensions?["model"] == "gemini-2.5-flash" })
    #expect(violations.allSatisfy { error.message.contains("limit: \($0.quotaValue ?? "-"),") })
    #expect(error.detail("RetryInfo")?.retryDelay == delay)
    #expect(error.message.contains("\nPlease retry in \(delay.dropLast())"))
    #expect(error.message.hasPrefix("You exceeded your current quota, please check your plan"))
  }

  @Test("quota-day's delay is short, in seconds in the details and in full in the message")
  func quotaDay() async throws {
    let error = try await GeminiBench().stream(.quotaDay).error()
    #expect(error.message.hasSuffix("\nPlease retry in 17.984925417s."))
    #expect(error.detail("QuotaFailure")?.violations?.first?.quotaValue == "20")
  }

  @Test("quota-bare: no details at all")
  func quotaBare() async throws {
    let error = try await GeminiBench().stream(.quotaBare).error()
    #expect(error.message == "Resource has been exhausted (e.g. check quota).")
    #expect(error.details == nil)
  }

  @Test("quota-limit-0: the limit is 0, in the message and in the violation")
  func quotaLimit0() async throws {
    let error = try await GeminiBench().stream(.quotaLimit0).error()
    #expect(error.message.contains(", limit: 0, model: gemini-2.5-flash"))
    #expect(error.detail("QuotaFailure")?.violations?.allSatisfy { $0.quotaValue == "0" } == true)
  }

  @Test("quota-message-delay, quota-no-delay, quota-no-id: what is missing is missing")
  func quotaWithout() async throws {
    let bench = try await GeminiBench()
    let inMessage = try await bench.stream(.quotaMessageDelay).error()
    #expect(inMessage.detail("RetryInfo") == nil)
    #expect(inMessage.message.hasSuffix("\nPlease retry in 900ms."))
    let without = try await bench.stream(.quotaNoDelay).error()
    #expect(without.detail("RetryInfo") == nil && !without.message.contains("retry in"))
    let noID = try await bench.stream(.quotaNoID).error()
    #expect(noID.detail("QuotaFailure")?.violations?.map(\.quotaId) == [nil])
  }

  @Test("A refusal takes a delay, and a header as a proxy adds it")
  func ownDelay() async throws {
    let bench = try await GeminiBench()
    let response = try await bench.stream(.quotaMinute.retrying(in: "1.5s").withRetryAfter("7"))
    #expect(response.header("Retry-After") == "7")
    let error = try response.error()
    #expect(error.detail("RetryInfo")?.retryDelay == "1.5s")
    #expect(error.message.hasSuffix("retry in 1.5s."))
  }

  // MARK: - Script

  @Test("Every scenario has a name of its own, and is found by it")
  func names() {
    #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
    #expect(Scenario.all.allSatisfy { Scenario(name: $0.name) == $0 })
    #expect(Scenario(name: "nothing") == nil)
    let demanded = """
      ok ok-stop-everywhere ok-usage-only-chunk ok-thoughts ok-multipart slow-first-byte stall \
      split-utf8 lf-only no-space no-last-blank-line cut reset error-mid-stream blocked-prompt \
      safety-mid max-tokens-empty malformed-call unknown-enum quota-minute quota-day quota-both \
      quota-bare quota-limit-0 quota-zero-delay overloaded internal bad-gateway-html deadline gone \
      gone-new-users rerouted error-as-sse error-in-array
      """
    #expect(demanded.split(separator: " ").allSatisfy { Scenario(name: String($0)) != nil })
  }

  @Test("The queue of a model comes before the queue of any, and both before what stands")
  func order() async throws {
    let bench = try await GeminiBench()
    bench.fake.set(.gone)
    bench.fake.set(.internal, for: "gemini-2.5-pro")
    bench.fake.enqueue(.overloaded, .deadline)
    bench.fake.enqueue(.cancelled, for: "gemini-2.5-pro")
    #expect(try await bench.post(to: "gemini-2.5-pro").status == 499)
    #expect(try await bench.post(to: "gemini-2.5-pro").status == 503)
    #expect(bench.fake.queuedCount == 1)
    #expect(try await bench.post().status == 504)
    #expect(try await bench.post().status == 404)
    #expect(try await bench.post(to: "gemini-2.5-pro").status == 500)
  }
}
