/// An answer that is an error: which one, and how it is wrapped.
struct Refusal: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case keyMissing
    case keyInvalid
    case keyExpired
    case keyLeaked
    case unauthenticated
    case serviceDisabled
    case location
    /// A 400 with a message of its own and no details.
    case invalidArgument(String)
    /// A 400 of the JSON reader: one line and one violation for each.
    case badRequest([FieldViolation])
    case tooManyTokens(count: Int, limit: Int)
    case notFound
    case gone
    case goneNewUsers
    case quota([QuotaViolation])
    case quotaBare
    case quotaLimit0
    case quotaMessageDelay
    case quotaNoID
    case quotaNoDelay
    case capacity(Int)
    case cancelled
    case `internal`
    case badGatewayHTML
    case badGatewayText
    case overloaded
    case highDemand
    case deadline
  }

  var kind: Kind
  /// Named in the details and in the message; nil: as the real service was seen to name them.
  var retryDelay: String?
  var retryAfter: String?
  var isInArray = false
  var isEventStream = false
  var hasErrors = false

  init(_ kind: Kind, hasErrors: Bool = false) {
    self.kind = kind
    self.hasErrors = hasErrors
  }
}

/// What the JSON reader could not put into a field.
struct FieldViolation: Sendable, Hashable {
  /// In snake case; empty for the body itself.
  var field: String
  var description: String
}

/// One quota that is used up.
struct QuotaViolation: Sendable, Hashable {
  var id: String
  var metric: String
  var limit: Int

  private init(_ id: String, _ metric: String, _ limit: Int) {
    self.id = id
    self.metric = "generativelanguage.googleapis.com/" + metric
    self.limit = limit
  }

  static let minute = requestsPerMinute(10)
  static let day = requestsPerDay(20)
  static let tokensPerMinute = QuotaViolation(
    "GenerateContentInputTokensPerModelPerMinute-FreeTier",
    "generate_content_free_tier_input_token_count", 250_000)
  static let tokensPerDay = QuotaViolation(
    "GenerateContentInputTokensPerModelPerDay-FreeTier",
    "generate_content_free_tier_input_token_count", 1_000_000)
  static let minutePaid = requestsPerMinute(1000, isPaid: true)
  static let dayPaid = requestsPerDay(10_000, isPaid: true)
  static let tokensPerMinutePaid = QuotaViolation(
    "GenerateContentPaidTierInputTokensPerModelPerMinute",
    "generate_content_paid_tier_input_token_count", 1_000_000)

  static func requestsPerMinute(_ limit: Int, isPaid: Bool = false) -> QuotaViolation {
    isPaid
      ? QuotaViolation(
        "GenerateRequestsPerMinutePerProjectPerModel", "generate_requests_per_model", limit)
      : QuotaViolation(
        "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
        "generate_content_free_tier_requests", limit)
  }

  static func requestsPerDay(_ limit: Int, isPaid: Bool = false) -> QuotaViolation {
    isPaid
      ? QuotaViolation(
        "GenerateRequestsPerDayPerProjectPerModel", "generate_requests_per_model_per_day", limit)
      : QuotaViolation(
        "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        "generate_content_free_tier_requests", limit)
  }
}
