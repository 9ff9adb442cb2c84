extension Scenario {
  /// 429, the minute's requests are used up.
  public static let quotaMinute = Scenario("quota-minute", refusing: Refusal(.quota([.minute])))
  /// 429, the day's requests are used up; the delay it names is short all the same.
  public static let quotaDay = Scenario("quota-day", refusing: Refusal(.quota([.day])))
  /// 429 for the minute and for the day at once.
  public static let quotaBoth = Scenario("quota-both", refusing: Refusal(.quota([.minute, .day])))
  /// 429 that says nothing but that a resource is exhausted.
  public static let quotaBare = Scenario("quota-bare", refusing: Refusal(.quotaBare))
  /// 429 because the model is not offered on this plan.
  public static let quotaLimit0 = Scenario("quota-limit-0", refusing: Refusal(.quotaLimit0))
  /// 429 for the minute with a delay of nothing.
  public static let quotaZeroDelay = quotaMinute.renamed("quota-zero-delay").retrying(in: "0s")
  /// 429 for the minute whose delay stands in the message alone, in milliseconds.
  public static let quotaMessageDelay = Scenario(
    "quota-message-delay", refusing: Refusal(.quotaMessageDelay))
  /// 429 whose violations have no id.
  public static let quotaNoID = Scenario("quota-no-id", refusing: Refusal(.quotaNoID))
  /// 429 for the minute without any delay.
  public static let quotaNoDelay = Scenario("quota-no-delay", refusing: Refusal(.quotaNoDelay))
  /// 429, the minute's input tokens are used up.
  public static let quotaTokensMinute = Scenario(
    "quota-tokens-minute", refusing: Refusal(.quota([.tokensPerMinute])))
  /// 429, the day's input tokens are used up.
  public static let quotaTokensDay = Scenario(
    "quota-tokens-day", refusing: Refusal(.quota([.tokensPerDay])))
  /// 429 of a paid plan for the minute.
  public static let quotaMinutePaid = Scenario(
    "quota-minute-paid", refusing: Refusal(.quota([.minutePaid])))
  /// 429 of a paid plan for the day.
  public static let quotaDayPaid = Scenario(
    "quota-day-paid", refusing: Refusal(.quota([.dayPaid])))
  /// 429 of a paid plan for the minute's input tokens.
  public static let quotaTokensMinutePaid = Scenario(
    "quota-tokens-minute-paid", refusing: Refusal(.quota([.tokensPerMinutePaid])))
  /// 429 for want of capacity, not of quota.
  public static let capacity = Scenario("capacity", refusing: Refusal(.capacity(429)))
  /// 503 for want of capacity.
  public static let capacity503 = Scenario("capacity-503", refusing: Refusal(.capacity(503)))

  /// 503 `The model is overloaded.`
  public static let overloaded = Scenario("overloaded", refusing: Refusal(.overloaded))
  /// 503 in its newer words.
  public static let highDemand = Scenario("high-demand", refusing: Refusal(.highDemand))
  /// 500.
  public static let `internal` = Scenario("internal", refusing: Refusal(.internal))
  /// 502 with a page of HTML.
  public static let badGatewayHTML = Scenario(
    "bad-gateway-html", refusing: Refusal(.badGatewayHTML))
  /// 502 with two words.
  public static let badGatewayText = Scenario(
    "bad-gateway-text", refusing: Refusal(.badGatewayText))
  /// 504.
  public static let deadline = Scenario("deadline", refusing: Refusal(.deadline))
  /// 499.
  public static let cancelled = Scenario("cancelled", refusing: Refusal(.cancelled))

  /// 404, the model is no longer available.
  public static let gone = Scenario("gone", refusing: Refusal(.gone))
  /// 404, the model is no longer available to new users.
  public static let goneNewUsers = Scenario("gone-new-users", refusing: Refusal(.goneNewUsers))
  /// 404, there is no such model.
  public static let notFound = Scenario("not-found", refusing: Refusal(.notFound))

  /// 400, the key is wrong.
  public static let keyInvalid = Scenario("key-invalid", refusing: Refusal(.keyInvalid))
  /// 400, the key is expired.
  public static let keyExpired = Scenario("key-expired", refusing: Refusal(.keyExpired))
  /// 403, no key was sent.
  public static let keyMissing = Scenario("key-missing", refusing: Refusal(.keyMissing))
  /// 403, the key was reported as leaked.
  public static let keyLeaked = Scenario("key-leaked", refusing: Refusal(.keyLeaked))
  /// 403, the service is switched off in the project.
  public static let serviceDisabled = Scenario(
    "service-disabled", refusing: Refusal(.serviceDisabled))
  /// 401.
  public static let unauthenticated = Scenario(
    "unauthenticated", refusing: Refusal(.unauthenticated))
  /// 400, the place is not served.
  public static let location = Scenario("location", refusing: Refusal(.location))
  /// 400, the prompt is too long.
  public static let tooManyTokens = Scenario(
    "too-many-tokens", refusing: Refusal(.tooManyTokens(count: 1_200_293, limit: 1_048_576)))

  /// A JSON error with the content type of a stream.
  public static let errorAsSSE = overloaded.renamed("error-as-sse").asEventStream
  /// An error in an array.
  public static let errorInArray = overloaded.renamed("error-in-array").inArray
  /// An error that lists `errors` too.
  public static let errorWithErrors = Scenario(
    "error-with-errors", refusing: Refusal(.overloaded, hasErrors: true))

  private func renamed(_ name: String) -> Scenario {
    guard case .refuse(let refusal) = behaviour else { return self }
    return Scenario(name, refusing: refusal)
  }

  static let refusals: [Scenario] = [
    .quotaMinute, .quotaDay, .quotaBoth, .quotaBare, .quotaLimit0, .quotaZeroDelay,
    .quotaMessageDelay, .quotaNoID, .quotaNoDelay, .quotaTokensMinute, .quotaTokensDay,
    .quotaMinutePaid, .quotaDayPaid, .quotaTokensMinutePaid, .capacity, .capacity503, .overloaded,
    .highDemand, .internal, .badGatewayHTML, .badGatewayText, .deadline, .cancelled, .gone,
    .goneNewUsers, .notFound, .keyInvalid, .keyExpired, .keyMissing, .keyLeaked,
    .serviceDisabled, .unauthenticated, .location, .tooManyTokens, .errorAsSSE, .errorInArray,
    .errorWithErrors,
  ]
}
