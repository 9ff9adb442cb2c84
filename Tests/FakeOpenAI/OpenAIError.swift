/// An answer that is an error.
enum OpenAIError: Error, Sendable, Hashable {
  case keyMissing
  case keyInvalid
  case country
  case unknownPath(String)
  case notAllowed(String)
  /// A 400 about one parameter.
  case invalid(String, param: String? = nil, code: String? = nil)
  case modelNotFound
  case errorString
  case contextLength
  case rateLimited(retryAfter: String)
  case rateLimitedTokens
  case rateLimitedBare
  case insufficientQuota
  case serverError
  case overloaded
  case loading
  case badGateway

  func reply(model: String) -> HTTPReply {
    let (status, error, headers) = parts(model: model)
    guard let error else {
      return HTTPReply(
        status: status, headers: [HTTPHeader("Content-Type", "text/html")],
        body: Array("<html>\n<head><title>502 Bad Gateway</title></head>\n</html>\n".utf8))
    }
    return HTTPReply(
      status: status, headers: [HTTPHeader("Content-Type", "application/json")] + headers,
      body: Array((JSONDocument.object([JSONMember("error", error)]).pretty + "\n").utf8))
  }

  /// What stands behind `error` in the body.
  func json(model: String) -> JSONDocument { parts(model: model).error ?? .null }

  private func parts(
    model: String
  ) -> (status: Int, error: JSONDocument?, headers: [HTTPHeader]) {
    switch self {
    case .keyMissing, .keyInvalid, .country, .unknownPath, .notAllowed, .invalid, .modelNotFound,
      .errorString, .contextLength:
      let (status, error) = requestParts(model: model)
      return (status, error, [])
    case .rateLimited(let delay):
      return (
        429,
        Self.error(
          "Rate limit reached for \(model) in organization org-fake on requests per min (RPM): "
            + "Limit 3, Used 3, Requested 1. Please try again in \(delay)s.", "requests",
          code: "rate_limit_exceeded"),
        [
          HTTPHeader("retry-after", delay), HTTPHeader("x-ratelimit-limit-requests", "3"),
          HTTPHeader("x-ratelimit-remaining-requests", "0"),
          HTTPHeader("x-ratelimit-reset-requests", "\(delay)s"),
        ]
      )
    case .rateLimitedTokens:
      return (
        429,
        Self.error(
          "Rate limit reached for \(model) in organization org-fake on tokens per min (TPM): "
            + "Limit 30000, Used 29500, Requested 1200. Please try again in 1.4s.", "tokens",
          code: "rate_limit_exceeded"), [HTTPHeader("retry-after-ms", "1400")]
      )
    case .rateLimitedBare:
      return (429, Self.error("Too Many Requests", "requests", code: "rate_limit_exceeded"), [])
    case .insufficientQuota:
      return (
        429,
        Self.error(
          "You exceeded your current quota, please check your plan and billing details. For more "
            + "information on this error, read the docs: https://platform.openai.com/docs/guides/"
            + "error-codes/api-errors.", "insufficient_quota", code: "insufficient_quota"), []
      )
    case .serverError:
      return (
        500,
        Self.error(
          "The server had an error while processing your request. Sorry about that!",
          "server_error"), []
      )
    case .overloaded:
      return (
        503,
        Self.error(
          "The engine is currently overloaded, please try again later", "server_error"), []
      )
    case .loading:
      return (
        503,
        ["code": 503, "message": "Loading model", "type": "unavailable_error"], []
      )
    case .badGateway: return (502, nil, [])
    }
  }

  private func requestParts(model: String) -> (Int, JSONDocument) {
    switch self {
    case .keyMissing:
      (
        401,
        Self.invalidRequest(
          "You didn't provide an API key. You need to provide your API key in an Authorization "
            + "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).")
      )
    case .keyInvalid:
      (
        401,
        Self.invalidRequest(
          "Incorrect API key provided: ***. You can find your API key at "
            + "https://platform.openai.com/account/api-keys.", code: "invalid_api_key")
      )
    case .country:
      (
        403,
        Self.error(
          "Country, region, or territory not supported", "request_forbidden",
          code: "unsupported_country_region_territory")
      )
    case .unknownPath(let text): (404, Self.invalidRequest("Invalid URL (\(text))"))
    case .notAllowed(let text): (405, Self.invalidRequest("Not allowed to \(text)"))
    case .invalid(let message, let param, let code):
      (400, Self.invalidRequest(message, param: param, code: code))
    case .errorString: (404, .string("model '\(model)' not found"))
    case .contextLength:
      (
        400,
        Self.invalidRequest(
          "This model's maximum context length is 128000 tokens. However, your messages resulted "
            + "in 130000 tokens. Please reduce the length of the messages.", param: "messages",
          code: "context_length_exceeded")
      )
    default:
      (
        404,
        Self.invalidRequest(
          "The model `\(model)` does not exist or you do not have access to it.",
          code: "model_not_found")
      )
    }
  }

  private static func invalidRequest(
    _ message: String, param: String? = nil, code: String? = nil
  ) -> JSONDocument {
    error(message, "invalid_request_error", param: param, code: code)
  }

  private static func error(
    _ message: String, _ type: String, param: String? = nil, code: String? = nil
  ) -> JSONDocument {
    [
      "message": .string(message), "type": .string(type),
      "param": param.map { .string($0) } ?? .null, "code": code.map { .string($0) } ?? .null,
    ]
  }
}
