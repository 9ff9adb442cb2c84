@_exported public import FakeHTTP

/// What the fake does with one request instead of answering it as it should.
public struct LangfuseFault: Sendable, Hashable {
  /// The name, for command lines and lists of tests.
  public let name: String
  /// The answer; it says by itself how it ends.
  let reply: HTTPReply

  private init(_ name: String, _ reply: HTTPReply) {
    self.name = name
    self.reply = reply
  }

  /// The fault with this name; nil when there is none.
  public init?(name: String) {
    guard let fault = Self.all.first(where: { $0.name == name }) else { return nil }
    self = fault
  }

  /// 429 with `Retry-After: 2`.
  public static let rateLimited = rateLimited(retryAfterSeconds: 2)
  /// 429 that asks for so many seconds of patience.
  public static func rateLimited(retryAfterSeconds seconds: Int) -> LangfuseFault {
    let resetAt = "2026-11-23T00:00:00.000Z"
    var reply = HTTPReply.json(
      429,
      [
        "message": "Rate limit exceeded", "code": "rate_limited",
        "details": [
          "retryAfterSeconds": .integer(Int64(seconds)), "limit": 1000, "remaining": 0,
          "resetAt": .string(resetAt),
        ],
      ])
    reply.headers += [
      HTTPHeader("Retry-After", String(seconds)), HTTPHeader("X-RateLimit-Limit", "1000"),
      HTTPHeader("X-RateLimit-Remaining", "0"), HTTPHeader("X-RateLimit-Reset", resetAt),
    ]
    return LangfuseFault("rate-limited", reply)
  }

  /// 503.
  public static let unavailable = status(503)
  /// 500.
  public static let internalError = status(500)
  /// 502.
  public static let badGateway = status(502)
  /// 504.
  public static let gatewayTimeout = status(504)
  /// 408.
  public static let requestTimeout = status(408)
  /// This status with the body of a failure of the server.
  public static func status(_ status: Int) -> LangfuseFault {
    LangfuseFault(
      "status-\(status)",
      .json(status, ["message": "Internal Server Error", "error": "An unknown error occurred"]))
  }

  /// 413: the batch is to be split.
  public static let tooLarge = LangfuseFault(
    "too-large",
    HTTPReply(status: 413, headers: [HTTPHeader("Content-Type", "text/html")], body: []))
  /// 403: the plan's use is over.
  public static let suspended = LangfuseFault(
    "suspended",
    .json(
      403,
      [
        "message": "Ingestion suspended: Usage threshold exceeded. Please upgrade your plan.",
        "error": "ForbiddenError",
      ]))
  /// 401, as from the host of another region.
  public static let wrongHost = LangfuseFault("wrong-host", .wrongCredentials)

  /// Silence until ``FakeLangfuse/releaseStalls()``, the client or the fake ends it; then 503.
  public static let hang = hang(for: nil)
  /// Silence for this time by the machine's clock, or until it is ended; then 503.
  public static func hang(for duration: Duration?) -> LangfuseFault {
    var reply = unavailable.reply
    reply.prelude = [.hold(for: duration)]
    return LangfuseFault("hang", reply)
  }

  /// The connection ends before a byte of an answer.
  public static let cut = LangfuseFault("cut", ending(with: .cut))
  /// The connection is reset before a byte of an answer.
  public static let reset = LangfuseFault("reset", ending(with: .reset))

  private static func ending(with step: HTTPReply.Step) -> HTTPReply {
    var reply = unavailable.reply
    reply.prelude = [step]
    return reply
  }

  /// Every fault that has a fixed name.
  public static let all: [LangfuseFault] = [
    .rateLimited, .unavailable, .internalError, .badGateway, .gatewayTimeout, .requestTimeout,
    .tooLarge, .suspended, .wrongHost, .hang, .cut, .reset,
  ]
}

extension HTTPReply {
  static func json(_ status: Int, _ json: JSONDocument) -> HTTPReply {
    HTTPReply(
      status: status, headers: [HTTPHeader("Content-Type", "application/json; charset=utf-8")],
      body: Array(json.compact.utf8))
  }

  static let wrongCredentials = json(
    401,
    ["message": "Invalid credentials. Confirm that you've configured the correct host."])
}
