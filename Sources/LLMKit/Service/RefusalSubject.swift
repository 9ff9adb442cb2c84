import SessionCore

/// What a refusal is about: that decides who else is worth asking.
package enum RefusalSubject: Sendable, Hashable {
  /// The key: no model of the service answers to it.
  case key
  /// The service: the address, the account, the place. No model of it will answer.
  case service
  /// The model: it is not there, or not for this key or plan.
  case model
  /// The conversation is longer than the model takes.
  case size
  /// The conversation is longer than the plan's limit for it ever lets through.
  case sizeOfLimit
  /// A quota or a limit of speed.
  case limit
  /// What the conversation says.
  case filter
  /// Fields of the request that the model can be asked without.
  case optionalFields([String])
  /// The request as it was made.
  case request
  /// The service has trouble of its own.
  case trouble
}

extension ServiceRefusal {
  /// What it is about, by status, names and words together. The first row that fits counts.
  package var subject: RefusalSubject {
    if (300...399).contains(httpStatus) || (isPage && [200, 403, 404, 405].contains(httpStatus)) {
      return .service
    }
    if let row = Self.nameRows.first(where: { !$0.names.isDisjoint(with: names) }) {
      return row.subject
    }
    let optional = optionalFields
    if !optional.isEmpty { return .optionalFields(optional) }
    let words = message.lowercased()
    let isLimited = Self.limitWords.contains { words.contains($0) }
    if hasNoCredit || httpStatus == 429 || (isLimited && Self.limitStatuses.contains(httpStatus)) {
      return isAboveLimit ? .sizeOfLimit : .limit
    } else if !isLimited, overflow != nil || httpStatus == 413,
      Self.sizeStatuses.contains(httpStatus)
    {
      return .size
    }
    // FastAPI's words for a path that it does not know.
    if httpStatus == 404, words == "not found" { return .service }
    let row = Self.wordRows.first { row in
      row.statuses.contains(httpStatus) && row.words.contains { $0.allSatisfy(words.contains) }
    }
    if let row { return row.subject }
    switch httpStatus {
    case 401, 403: return .key
    case 404, 410: return .model
    case 408, 409, 425, 499, 500...599: return .trouble
    default: return .request
    }
  }

  /// The fields that it does not take and that the model can be asked without.
  private var optionalFields: [String] {
    guard httpStatus == 400 || httpStatus == 422 else { return [] }
    let words = message.lowercased()
    let named = Self.optionalFieldNames.filter { name in
      fields.contains { $0.split(separator: ".").first.map(String.init) == name }
        || (Self.isNoPlainWord(name) && Self.names(name, in: words))
    }
    let isUnknown =
      !Self.unknownFieldNames.isDisjoint(with: names)
      || Self.unknownFieldWords.contains { words.contains($0) }
    // Only what the library adds by itself is left out for less than that.
    return isUnknown ? named : named.filter { $0 == "stream_options" }
  }

  /// Whether a name that stands in a sentence is that of a field.
  private static func isNoPlainWord(_ name: String) -> Bool {
    name.contains("_") || name == "temperature"
  }

  private static func names(_ field: String, in words: String) -> Bool {
    words.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == field }
  }

  /// Whether waiting does not help: more was asked for at once than the limit is.
  private var isAboveLimit: Bool {
    guard says("requested"), !says(" used "), let overflow, overflow.tokenCount != nil else {
      return false
    }
    return true
  }

  /// Whether the account has nothing left to pay with.
  var hasNoCredit: Bool {
    httpStatus == 402 || names.contains("insufficient_quota")
      || ["credit balance", "available credits", "insufficient balance", "insufficient credit"]
        .contains(where: says)
  }

  private static let optionalFieldNames = [
    "stream_options", "temperature", "top_p", "max_tokens", "max_completion_tokens", "seed",
    "reasoning_effort", "stop",
  ]
  private static let unknownFieldNames: Set<String> = [
    "extra_forbidden", "unsupported_parameter", "unsupported_value", "unknown_parameter",
  ]
  private static let unknownFieldWords = [
    "unrecognized", "unknown", "unsupported", "not supported", "not support", "not permitted",
    "not allowed", "unexpected", "extra input", "extra field",
  ]
  private static let limitWords = [
    "per minute", "per min ", "per day", "per hour", "per second", "(tpm)", "(rpm)", "(tpd)",
    "(rpd)", "rate limit", "quota",
  ]
  /// Limits are told with these; Google and xAI use 403 too.
  private static let limitStatuses: Set<Int> = [402, 403, 413, 429, 500, 503]
  /// Too long is told with these, and by llama.cpp also with 500 and in the middle of a stream.
  private static let sizeStatuses: Set<Int> = [400, 413, 422, 500]

  private struct NameRow: Sendable {
    let subject: RefusalSubject
    let names: Set<String>
  }

  /// Names that say all by themselves.
  private static let nameRows = [
    // OpenAI, Azure, Groq, Mistral, LiteLLM.
    NameRow(
      subject: .model,
      names: [
        "model_not_found", "deploymentnotfound", "model_decommissioned", "model_terms_required",
        "model_not_available", "invalid_model", "key_model_access_denied",
        "team_model_access_denied", "unsupported_model",
      ]),
    // Google, OpenAI and those who took its names over.
    NameRow(subject: .key, names: ["api_key_invalid", "invalid_api_key", "api_key_expired"]),
    NameRow(
      subject: .service,
      names: [
        "unsupported_country_region_territory", "service_disabled", "consumer_suspended",
        "billing_disabled", "billing_not_active", "account_deactivated", "access_terminated",
      ]),
    // OpenAI, Azure, Alibaba.
    NameRow(
      subject: .filter,
      names: [
        "content_filter", "content_policy_violation", "responsibleaipolicyviolation",
        "data_inspection_failed",
      ]),
    // OpenAI and many; llama.cpp; Anthropic.
    NameRow(
      subject: .size,
      names: ["context_length_exceeded", "exceed_context_size_error", "request_too_large"]),
    NameRow(subject: .limit, names: ["insufficient_quota", "model_capacity_exhausted"]),
  ]

  private struct WordRow: Sendable {
    let subject: RefusalSubject
    let statuses: Set<Int>
    /// One of these lists of words, all of it.
    let words: [[String]]
  }

  private static let wordRows = [
    // Google and xAI tell with 400 what others tell with 401; errors in a stream come as 500.
    WordRow(
      subject: .key, statuses: [400, 401, 403, 500],
      words: [
        ["api key", "not valid"], ["api key", "expired"], ["api key", "leaked"],
        ["api key", "revoked"], ["incorrect api key"], ["invalid api key"],
        ["provide an api key"], ["invalid authentication"],
      ]),
    WordRow(
      subject: .service, statuses: [400, 401, 403, 404],
      words: [
        ["location is not supported"], ["country, region"], ["not been used in project"],
        // Paths that nobody serves: the address is wrong.
        ["invalid url"], ["no route"], ["cannot post"], ["unknown path"],
        ["account", "suspended"], ["account", "deactivated"], ["account", "disabled"],
        ["organization", "restricted"],
      ]),
    WordRow(
      subject: .filter, statuses: [400, 403, 422, 451],
      words: [
        ["content management policy"], ["flagged"], ["safety system"], ["content policy"],
        ["moderation"],
      ]),
    WordRow(
      subject: .model, statuses: [400, 401, 403, 404, 410, 422, 500],
      words: [
        ["model", "not a valid"], ["invalid model"], ["model", "does not exist"],
        ["model", "not found"], ["access to model"], ["access to this model"],
        ["access model"], ["model", "not available"], ["model", "no longer"],
        ["model", "decommissioned"], ["model", "deprecated"], ["model", "retired"],
        ["unknown model"], ["unsupported model"], ["model is not supported"],
        ["model", "not loaded"], ["deployment", "does not exist"], ["no endpoints found"],
        ["model name is invalid"], ["permission", "model"],
      ]),
  ]
}
