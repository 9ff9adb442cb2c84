@_exported public import FakeHTTP

/// What the fake does with one request that it found in order.
public struct OpenAIScenario: Sendable, Hashable {
  enum Behaviour: Sendable, Hashable {
    case answer(OpenAIPlan)
    case refuse(OpenAIError)
    case reply(HTTPReply)
  }

  /// The name, for command lines and lists of tests.
  public let name: String
  var behaviour: Behaviour

  private init(_ name: String, answering change: (inout OpenAIPlan) -> Void) {
    self.name = name
    var plan = OpenAIPlan()
    change(&plan)
    behaviour = .answer(plan)
  }

  private init(_ name: String, refusing error: OpenAIError) {
    self.name = name
    behaviour = .refuse(error)
  }

  /// The scenario with this name; nil when there is none.
  public init?(name: String) {
    guard let known = Self.all.first(where: { $0.name == name }) else { return nil }
    self = known
  }

  /// Exactly this reply, whatever was asked.
  public static func reply(_ reply: HTTPReply) -> OpenAIScenario {
    var scenario = OpenAIScenario("reply") { _ in }
    scenario.behaviour = .reply(reply)
    return scenario
  }

  // MARK: - Answers

  /// The role, pieces of text, the finish reason `stop`, and `[DONE]`.
  public static let ok = OpenAIScenario("ok") { _ in }
  /// The body ends without `[DONE]`, after a finish reason.
  public static let noDone = OpenAIScenario("no-done") { $0.endsWithDone = false }
  /// Comments between the events, as routers send them to keep a connection.
  public static let comments = OpenAIScenario("comments") { $0.hasComments = true }
  /// Lines end with CRLF.
  public static let crlf = OpenAIScenario("crlf") { $0.lineEnd = "\r\n" }
  /// Bytes cut inside characters and between CR and LF.
  public static let splitUTF8 = OpenAIScenario("split-utf8") {
    $0.splitting = .awkward
    $0.lineEnd = "\r\n"
  }
  /// Chunks with `content` null, with an empty delta, and without choices.
  public static let emptyDeltas = OpenAIScenario("empty-deltas") { $0.hasEmptyDeltas = true }
  /// Reasoning in a field of its own before the text.
  public static let reasoning = OpenAIScenario("reasoning") { $0.hasReasoning = true }
  /// Silence before the first byte of the answer, its head included.
  public static let slowFirstByte = OpenAIScenario("slow-first-byte") { $0.holdsBeforeHead = true }
  /// Silence between two chunks.
  public static let stall = OpenAIScenario("stall") { $0.middle = .hold }
  /// The body ends in good order after some text: no finish reason, no `[DONE]`.
  public static let cut = OpenAIScenario("cut") { $0.middle = .end }
  /// The connection ends within the body, which never says that it is over.
  public static let cutUnclean = OpenAIScenario("cut-unclean") { $0.middle = .cut }
  /// The connection is reset within the body.
  public static let reset = OpenAIScenario("reset") { $0.middle = .reset }
  /// An error on a `data:` line after some text; the status is still 200.
  public static let errorMidStream = OpenAIScenario("error-mid-stream") {
    $0.middle = .error(.serverError)
  }
  /// The answer is cut with the finish reason `length`.
  public static let length = OpenAIScenario("length") { $0.finishReason = "length" }
  /// Some text, then the finish reason `content_filter`.
  public static let contentFilter = OpenAIScenario("content-filter") {
    $0.middle = .finish("content_filter")
  }
  /// A finish reason that nobody knows.
  public static let unknownEnum = OpenAIScenario("unknown-enum") {
    $0.finishReason = "something_new"
  }
  /// A call of the first tool, its arguments in fragments, unless it was answered since
  /// the user last spoke.
  public static let toolCall = OpenAIScenario("tool-call") { $0.callCount = 1 }
  /// Two calls whose fragments alternate.
  public static let parallelCalls = OpenAIScenario("parallel-calls") { $0.callCount = 2 }

  // MARK: - Errors

  /// 429 for the minute's requests, with `retry-after`.
  public static let rateLimited = rateLimited(retryAfter: "20")
  /// The same with another delay, in seconds.
  public static func rateLimited(retryAfter: String) -> OpenAIScenario {
    OpenAIScenario("rate-limited", refusing: .rateLimited(retryAfter: retryAfter))
  }
  /// 429 for the minute's tokens, with the delay in `retry-after-ms` and in the message alone.
  public static let rateLimitedTokens = OpenAIScenario(
    "rate-limited-tokens", refusing: .rateLimitedTokens)
  /// 429 without any delay.
  public static let rateLimitedBare = OpenAIScenario(
    "rate-limited-bare", refusing: .rateLimitedBare)
  /// 429 because the account has no credit: waiting does not help.
  public static let insufficientQuota = OpenAIScenario(
    "insufficient-quota", refusing: .insufficientQuota)
  /// 500.
  public static let serverError = OpenAIScenario("server-error", refusing: .serverError)
  /// 503, the engine is overloaded.
  public static let overloaded = OpenAIScenario("overloaded", refusing: .overloaded)
  /// 503 while a local server loads its model; the code is a number.
  public static let loading = OpenAIScenario("loading", refusing: .loading)
  /// 502 with a page of HTML.
  public static let badGatewayHTML = OpenAIScenario("bad-gateway-html", refusing: .badGateway)
  /// 401, the key is wrong.
  public static let keyInvalid = OpenAIScenario("key-invalid", refusing: .keyInvalid)
  /// 403, the place is not served.
  public static let country = OpenAIScenario("country", refusing: .country)
  /// 404, there is no such model.
  public static let modelNotFound = OpenAIScenario("model-not-found", refusing: .modelNotFound)
  /// 404 whose error is a mere text.
  public static let errorString = OpenAIScenario("error-string", refusing: .errorString)
  /// 400, the prompt is too long.
  public static let contextLength = OpenAIScenario("context-length", refusing: .contextLength)

  /// Every scenario that has a fixed name.
  public static let all: [OpenAIScenario] = [
    .ok, .noDone, .comments, .crlf, .splitUTF8, .emptyDeltas, .reasoning, .slowFirstByte, .stall,
    .cut, .cutUnclean, .reset, .errorMidStream, .length, .contentFilter, .unknownEnum, .toolCall,
    .parallelCalls, .rateLimited, .rateLimitedTokens, .rateLimitedBare, .insufficientQuota,
    .serverError, .overloaded, .loading, .badGatewayHTML, .keyInvalid, .country, .modelNotFound,
    .errorString, .contextLength,
  ]

  // MARK: - Variations

  /// What happens in the middle of the answer happens after this many pieces of text.
  public func after(pieceCount: Int) -> OpenAIScenario {
    changingPlan { $0.pieceCountBefore = pieceCount }
  }

  /// Tools are called in so many rounds before the answer comes.
  public func rounds(_ count: Int) -> OpenAIScenario { changingPlan { $0.roundCount = count } }

  /// A silence ends by itself after this time, measured by the machine's clock.
  public func holding(for duration: Duration) -> OpenAIScenario {
    changingPlan { $0.holdDuration = duration }
  }

  /// The body goes out in pieces of this many bytes.
  public func split(every byteCount: Int) -> OpenAIScenario {
    changingPlan { $0.splitting = .every(byteCount) }
  }

  private func changingPlan(_ change: (inout OpenAIPlan) -> Void) -> OpenAIScenario {
    guard case .answer(var plan) = behaviour else { return self }
    change(&plan)
    var copy = self
    copy.behaviour = .answer(plan)
    return copy
  }
}

/// How an answer with status 200 departs from the plain one.
struct OpenAIPlan: Sendable, Hashable {
  enum Middle: Sendable, Hashable {
    case hold
    case end
    case cut
    case reset
    case error(OpenAIError)
    case finish(String)
  }

  var middle: Middle?
  var pieceCountBefore = 1
  var holdsBeforeHead = false
  var holdDuration: Duration?
  var finishReason = "stop"
  var endsWithDone = true
  var hasComments = false
  var hasEmptyDeltas = false
  var hasReasoning = false
  var callCount = 0
  /// After so many rounds of calls the answer is text.
  var roundCount = 1
  var lineEnd = "\n"
  var splitting = BodySplitting.asWritten
}
