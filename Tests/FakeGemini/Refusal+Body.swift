/// The parts of an error's body.
struct ErrorBody: Sendable, Hashable {
  var code: Int
  var status: String
  var message: String
  var details: [JSONDocument] = []
  var hasErrors = false

  var json: JSONDocument {
    var error: JSONDocument = ["code": .integer(Int64(code)), "message": .string(message)]
    if hasErrors {
      error.append(
        "errors",
        [["message": .string(message), "domain": "global", "reason": "backendError"]])
    }
    error.append("status", .string(status))
    if !details.isEmpty { error.append("details", .array(details)) }
    return ["error": error]
  }
}

extension Refusal {
  /// The HTTP status.
  var httpStatus: Int {
    switch kind {
    case .badGatewayHTML, .badGatewayText: 502
    default: body(model: "")?.code ?? 500
    }
  }

  /// The error for a request to `model`; nil for the ones that are not JSON.
  func body(model: String) -> ErrorBody? {
    guard var body = plainBody(model: model) else { return nil }
    body.hasErrors = hasErrors
    return body
  }

  private func plainBody(model: String) -> ErrorBody? {
    switch kind {
    case .badGatewayHTML, .badGatewayText: nil
    case .quota, .quotaBare, .quotaLimit0, .quotaMessageDelay, .quotaNoID, .quotaNoDelay,
      .capacity:
      quotaBody(model: model)
    case .keyMissing, .keyInvalid, .keyExpired, .keyLeaked, .unauthenticated, .serviceDisabled,
      .location:
      accessBody
    case .invalidArgument(let message): Self.invalid(message)
    case .badRequest(let violations): Self.badRequest(violations)
    case .tooManyTokens(let count, let limit):
      Self.invalid(
        "The input token count (\(count)) exceeds the maximum number of tokens allowed (\(limit)).")
    case .notFound:
      Self.missing(
        "models/\(model) is not found for API version v1beta, or is not supported for "
          + "generateContent. Call ListModels to see the list of available models and their "
          + "supported methods.")
    case .gone:
      Self.missing(
        "This model models/\(model) is no longer available. Please update your code to use a "
          + "newer model for the latest features and improvements.")
    case .goneNewUsers:
      Self.missing(
        "This model models/\(model) is no longer available to new users. Please update your code "
          + "to use a newer model for the latest features and improvements. We also recommend the "
          + "Interactions API.")
    case .cancelled:
      ErrorBody(
        code: 499, status: "CANCELLED", message: "The operation was cancelled.",
        details: [
          [
            "@type": "type.googleapis.com/google.rpc.DebugInfo",
            "detail": "[ORIGINAL ERROR] generic::cancelled: ",
          ]
        ])
    case .internal:
      ErrorBody(
        code: 500, status: "INTERNAL",
        message: "An internal error has occurred. Please retry or report in "
          + "https://developers.generativeai.google/guide/troubleshooting")
    case .overloaded:
      ErrorBody(
        code: 503, status: "UNAVAILABLE",
        message: "The model is overloaded. Please try again later.")
    case .highDemand:
      ErrorBody(
        code: 503, status: "UNAVAILABLE",
        message: "This model is currently experiencing high demand. Spikes in demand are usually "
          + "temporary. Please try again later.")
    case .deadline:
      ErrorBody(
        code: 504, status: "DEADLINE_EXCEEDED",
        message: "Deadline expired before operation could complete.")
    }
  }

  private static func invalid(_ message: String, details: [JSONDocument] = []) -> ErrorBody {
    ErrorBody(code: 400, status: "INVALID_ARGUMENT", message: message, details: details)
  }

  private static func missing(_ message: String) -> ErrorBody {
    ErrorBody(code: 404, status: "NOT_FOUND", message: message)
  }

  private static func badRequest(_ violations: [FieldViolation]) -> ErrorBody {
    let items = violations.map { violation in
      var item: JSONDocument = [:]
      if !violation.field.isEmpty { item.append("field", .string(violation.field)) }
      item.append("description", .string(violation.description))
      return item
    }
    return invalid(
      violations.map(\.description).joined(separator: "\n"),
      details: [
        [
          "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": .array(items),
        ]
      ])
  }

  private var accessBody: ErrorBody? {
    switch kind {
    case .keyMissing:
      ErrorBody(
        code: 403, status: "PERMISSION_DENIED",
        message: "Method doesn't allow unregistered callers (callers without established "
          + "identity). Please use API Key or other form of API consumer identity to call this "
          + "API.")
    case .keyInvalid: Self.badKey("API key not valid. Please pass a valid API key.")
    case .keyExpired: Self.badKey("API key expired. Please renew the API key.")
    case .keyLeaked:
      ErrorBody(
        code: 403, status: "PERMISSION_DENIED",
        message: "Your API key was reported as leaked. Please use another API key.")
    case .unauthenticated:
      ErrorBody(
        code: 401, status: "UNAUTHENTICATED",
        message: "Request had invalid authentication credentials. Expected OAuth 2 access token, "
          + "login cookie or other valid authentication credential. See "
          + "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        details: [Self.errorInfo("ACCESS_TOKEN_TYPE_UNSUPPORTED")])
    case .serviceDisabled:
      ErrorBody(
        code: 403, status: "PERMISSION_DENIED",
        message: "Generative Language API has not been used in project 123456789012 before or it "
          + "is disabled. Enable it by visiting \(Self.activationPage) then retry.",
        details: [
          Self.errorInfo("SERVICE_DISABLED"),
          [
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [
              [
                "description": "Google developers console API activation",
                "url": .string(Self.activationPage),
              ]
            ],
          ],
        ])
    case .location:
      ErrorBody(
        code: 400, status: "FAILED_PRECONDITION",
        message: "User location is not supported for the API use.")
    default: nil
    }
  }

  private static let activationPage =
    "https://console.developers.google.com/apis/api/generativelanguage.googleapis.com/overview"
    + "?project=123456789012"

  private static func badKey(_ message: String) -> ErrorBody {
    invalid(
      message,
      details: [
        errorInfo("API_KEY_INVALID"),
        [
          "@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US",
          "message": .string(message),
        ],
      ])
  }

  static func errorInfo(_ reason: String) -> JSONDocument {
    [
      "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": .string(reason),
      "domain": "googleapis.com",
      "metadata": ["service": "generativelanguage.googleapis.com"],
    ]
  }
}
