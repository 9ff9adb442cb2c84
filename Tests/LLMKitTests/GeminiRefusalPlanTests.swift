import LLMKit
import SessionCore
import Testing

@Suite("What a refusal means")
struct GeminiRefusalPlanTests {
  typealias Step = RefusalPlan.Step

  static let now = Timestamp(milliseconds: 1_795_390_000_000)
  static let midnight = PacificTime.nextMidnight(after: now)

  /// One row of the tables: what the service says, and what it means.
  struct Row: CustomTestStringConvertible, Sendable {
    let status: Int
    let name: String
    let message: String
    var details: JSONValue = []
    var retryAfter: Duration?
    let step: Step
    let code: ResponderError.Code

    var testDescription: String { "\(status) \(name) \(message.prefix(40))" }

    var refusal: ServiceRefusal {
      ServiceRefusal(
        error: [
          "code": .integer(Int64(status)), "status": .string(name), "message": .string(message),
          "details": details,
        ], httpStatus: status, retryAfter: retryAfter)
    }
  }

  private static func info(_ reason: String) -> JSONValue {
    [["@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": .string(reason)]]
  }

  private static func quota(_ ids: [String], value: String = "20", delay: String?) -> JSONValue {
    let violations = ids.map {
      JSONValue.object(["quotaId": .string($0), "quotaValue": .string(value)])
    }
    var details: [JSONValue] = [
      [
        "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": .array(violations),
      ]
    ]
    if let delay {
      details.append([
        "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": .string(delay),
      ])
    }
    return .array(details)
  }

  static let errors: [Row] = [
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message: "API key not valid. Please pass a valid API key.",
      details: info("API_KEY_INVALID"), step: .giveUpKey, code: .credentials),
    Row(
      status: 400, name: "INVALID_ARGUMENT", message: "API key expired. Please renew the API key.",
      details: info("API_KEY_INVALID"), step: .giveUpKey, code: .credentials),
    Row(
      status: 400, name: "INVALID_ARGUMENT", message: "Please use a valid role: user, model.",
      step: .giveUpRequest, code: .invalidRequest),
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message: "Invalid JSON payload received. Unknown name \"foo\" at 'contents[0].parts[0]': …",
      step: .giveUpRequest, code: .invalidRequest),
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message: "* GenerateContentRequest.contents: contents is not specified",
      step: .giveUpRequest, code: .invalidRequest),
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message: "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.",
      step: .giveUpRequest, code: .invalidRequest),
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message: "* GenerateContentRequest.contents[1].parts[0].data: required oneof field 'data' "
        + "must have one initialized field",
      step: .giveUpRequest, code: .invalidRequest),
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message: "Please ensure that the number of function response parts is equal to the number "
        + "of function call parts of the function call turn.",
      step: .leaveOutCalls, code: .invalidRequest),
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message: "Please ensure that function call turn comes immediately after a user turn or "
        + "after a function response turn.",
      step: .leaveOutCalls, code: .invalidRequest),
    Row(
      status: 400, name: "INVALID_ARGUMENT",
      message:
        "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).",
      step: .shorten(Overflow(tokenCountMax: 1_048_576, tokenCount: 1_200_293)), code: .tooLong),
    Row(
      status: 400, name: "FAILED_PRECONDITION",
      message: "User location is not supported for the API use.", step: .giveUpService,
      code: .serviceRefused),
    Row(
      status: 401, name: "UNAUTHENTICATED",
      message: "Request had invalid authentication credentials…", step: .giveUpKey,
      code: .credentials),
    Row(
      status: 403, name: "PERMISSION_DENIED",
      message: "Method doesn't allow unregistered callers.", step: .giveUpKey, code: .credentials),
    Row(
      status: 403, name: "PERMISSION_DENIED", message: "Your API key was reported as leaked.",
      step: .giveUpKey, code: .credentials),
    Row(
      status: 403, name: "PERMISSION_DENIED",
      message: "Generative Language API has not been used in project 1 before or it is disabled.",
      details: info("SERVICE_DISABLED"), step: .giveUpService, code: .serviceRefused),
    Row(
      status: 404, name: "NOT_FOUND",
      message: "models/x is not found for API version v1beta, or is not supported",
      step: .giveUpModel, code: .modelUnavailable),
    Row(
      status: 404, name: "NOT_FOUND",
      message: "This model models/gemini-2.5-flash is no longer available to new users.",
      step: .giveUpModel, code: .modelUnavailable),
    Row(
      status: 404, name: "NOT_FOUND",
      message: "This model models/gemini-2.0-flash is no longer available. Please update…",
      step: .giveUpModel, code: .modelUnavailable),
    Row(
      status: 408, name: "", message: "", step: .backOff, code: .timedOut),
    Row(
      status: 499, name: "CANCELLED", message: "The operation was cancelled.", step: .backOff,
      code: .overloaded),
    Row(
      status: 500, name: "INTERNAL", message: "An internal error has occurred.", step: .backOff,
      code: .overloaded),
    Row(status: 502, name: "", message: "", step: .backOff, code: .overloaded),
    Row(
      status: 503, name: "UNAVAILABLE",
      message: "The model is overloaded. Please try again later.", step: .backOff,
      code: .overloaded),
    Row(
      status: 503, name: "UNAVAILABLE",
      message: "This model is currently experiencing high demand. Spikes in demand are usually "
        + "temporary. Please try again later.", step: .backOff, code: .overloaded),
    Row(
      status: 503, name: "UNAVAILABLE", message: "", retryAfter: .seconds(7),
      step: .wait(.seconds(7)),
      code: .overloaded),
    Row(
      status: 504, name: "DEADLINE_EXCEEDED", message: "Deadline expired.", step: .backOff,
      code: .timedOut),
    Row(status: 418, name: "", message: "", step: .giveUpRequest, code: .invalidRequest),
  ]

  static let quotas: [Row] = [
    ("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "39s", Step.wait(.seconds(39))),
    (
      "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "34.074824224s",
      .wait(.milliseconds(34_075))
    ),
    ("GenerateRequestsPerMinutePerProjectPerModel", "0s", .wait(.zero)),
    ("GenerateContentInputTokensPerModelPerMinute-FreeTier", nil, .wait(.seconds(60))),
    ("GenerateContentPaidTierInputTokensPerModelPerMinute", nil, .wait(.seconds(60))),
    ("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "17s", .close(until: midnight)),
    ("GenerateContentInputTokensPerModelPerDay-FreeTier", nil, .close(until: midnight)),
    ("GenerateRequestsPerDayPerProjectPerModel", "0s", .close(until: midnight)),
    ("SomethingDaily", "1s", .close(until: midnight)),
    ("SomethingElse", "301s", .close(until: now + .seconds(301))),
    ("SomethingElse", "300s", .wait(.seconds(300))),
    ("SomethingElse", nil, .backOff),
  ].map { id, delay, step in
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "You exceeded your current quota",
      details: quota([id], delay: delay), step: step, code: .quotaExhausted)
  }

  static let others: [Row] = [
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "one quota of two is the day's",
      details: quota(["APerMinuteB", "CPerDayD"], delay: "5s"), step: .close(until: midnight),
      code: .quotaExhausted),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "…, limit: 0, model: gemini-2.5-pro",
      details: quota(["APerDayB"], delay: "5s"), step: .giveUpModel, code: .modelUnavailable),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "a quota of nothing",
      details: quota(["APerMinuteB"], value: "0", delay: "5s"), step: .giveUpModel,
      code: .modelUnavailable),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "limit: 0.5 and limit:05",
      details: quota(["APerMinuteB"], delay: "5s"), step: .wait(.seconds(5)),
      code: .quotaExhausted),
    Row(
      status: 503, name: "UNAVAILABLE", message: "", details: info("MODEL_CAPACITY_EXHAUSTED"),
      step: .close(until: now + .seconds(60)), code: .overloaded),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "",
      details: info("MODEL_CAPACITY_EXHAUSTED"), step: .close(until: now + .seconds(60)),
      code: .overloaded),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "x\nPlease retry in 17.984925417s.",
      step: .wait(.milliseconds(17_985)), code: .quotaExhausted),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "Please retry in 900ms.",
      step: .wait(.milliseconds(900)), code: .quotaExhausted),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED", message: "Please retry in 1h2m3.5s.",
      step: .close(until: now + .milliseconds(3_723_500)), code: .quotaExhausted),
    Row(
      status: 429, name: "RESOURCE_EXHAUSTED",
      message: "Resource has been exhausted (e.g. check quota).", step: .backOff,
      code: .quotaExhausted),
  ]

  @Test("Every row of the tables has its step and its code", arguments: errors + quotas + others)
  func row(_ row: Row) {
    let step = RefusalPlan.step(row.refusal, at: Self.now, unnamedRefusalCount: 1)
    #expect(step == row.step)
    let error = RefusalPlan.error(row.refusal, step, at: Self.now, key: Secret("key"))
    #expect(error.code == row.code)
    #expect(error.httpStatus == row.status)
    switch step {
    case .close(let moment): #expect(error.retryAt == moment)
    case .wait(let delay): #expect(error.retryAt == Self.now + delay)
    default: #expect(error.retryAt == nil)
    }
  }

  @Test("A quota that is not named is used up after three refusals in a row")
  func unnamed() {
    let row = Self.others[Self.others.count - 1]
    #expect(RefusalPlan.isUnnamed(row.refusal))
    for (count, step) in [(1, Step.backOff), (2, .backOff), (3, .close(until: Self.midnight))] {
      #expect(
        RefusalPlan.step(row.refusal, at: Self.now, unnamedRefusalCount: count) == step)
    }
    for row in Self.quotas.dropLast() { #expect(!RefusalPlan.isUnnamed(row.refusal)) }
  }

  @Test(
    "A time to wait is read in every spelling, and nonsense is none",
    arguments: [
      ("39s", Duration.seconds(39)), ("0s", .zero), ("34.074824224s", .milliseconds(34_075)),
      ("900ms", .milliseconds(900)), ("1m30s", .seconds(90)), ("", nil), ("s", nil), ("12", nil),
      ("-5s", nil), ("1e9s", nil), ("99999999999s", nil), ("5d", nil), ("nans", nil),
    ] as [(String, Duration?)])
  func delays(text: String, duration: Duration?) {
    #expect(RetryDelay(text)?.duration == duration)
  }

  @Test("The key is in no reason, even if the service repeats it, and a reason is one line")
  func reasonWithoutKey() {
    let refusal = ServiceRefusal(
      error: [
        "message": .string(
          "key AIzaSecret is  bad\tAIzaSecret" + String(repeating: "x", count: 9999))
      ],
      httpStatus: 400)
    let error = RefusalPlan.error(
      refusal, .giveUpRequest, at: Self.now, key: Secret("AIzaSecret"))
    #expect(!"\(error)".contains("AIza"))
    #expect(error.reason.hasPrefix("400: key *** is bad ***"))
    #expect(error.reason.count < 400)
  }
}
