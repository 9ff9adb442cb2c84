import SessionCore

/// All that can be set, checked, from flags, environment, `.env` and defaults.
struct Settings: Sendable {
  /// An address that may hold a password, and where it stands.
  struct Address: Sendable {
    let url: Secret
    let origin: Origin
  }

  let language: Language
  let redis: Address?
  let mysql: Address?
  var user: UserID
  let session: ConversationID?
  let limits: SessionLimits
  var isPerUser: Bool
  let models: [String]
  /// Where the models were named; nil for the default.
  var modelList: Origin?
  var geminiKey: Secret?
  let geminiBaseURL: Address?
  var openAIKey: Secret?
  let openAIBaseURL: Address?
  let langfusePublicKey: Secret?
  let langfuseSecretKey: Secret?
  let langfuseHost: Address?
  let threadCountMax: Int
  let before: PageCursor?
  let search: String?
  let filter: ThreadFilter
  let comment: String?
  let isDryRun: Bool
  let printsSchema: Bool
  let isFast: Bool
  let isJSON: Bool
  let isQuiet: Bool
  let isColorful: Bool

  /// More would be no limit at all, and every call lists them.
  static let sessionCountRange = 1...10_000
  /// At most ten years.
  static let timeToLiveRange = 1...315_360_000

  /// - Parameter systemUser: Who speaks when nothing else is said.
  init(_ sources: SettingSources, systemUser: String) throws(UsageError) {
    language = try sources.find(.lang).map(Check.language) ?? .french
    redis = try sources.redis().map(Address.init)
    mysql = sources.find(.mysql).map(Address.init)
    user = try Check.user(
      sources.find(.user) ?? Sourced(text: systemUser, origin: .flag(.user)))
    session = try sources.find(.session).map(Check.conversation)
    let sessionCount = try sources.find(.maxSessions).map { source throws(UsageError) in
      try Check.integer(
        source, in: Self.sessionCountRange,
        of: Phrase("un nombre de sessions", "a number of sessions"))
    }
    let timeToLive = try sources.find(.ttl).map { source throws(UsageError) in
      try Check.integer(
        source, in: Self.timeToLiveRange,
        of: Phrase("un nombre entier de secondes", "a whole number of seconds"))
    }
    limits = SessionLimits(
      sessionCountMax: sessionCount ?? 3, timeToLive: .seconds(timeToLive ?? 3600))
    isPerUser = sources.flags[.perUser] != nil
    models = try sources.find(.model).map(Check.models) ?? [OptionTable.defaultModel]
    modelList = sources.find(.model)?.origin
    geminiKey = try sources.find(["GEMINI_API_KEY", "GOOGLE_API_KEY"]).map(Check.key)
    geminiBaseURL = sources.find(["GEMINI_BASE_URL"]).map(Address.init)
    openAIKey = try sources.find(["OPENAI_API_KEY"]).map(Check.key)
    openAIBaseURL = sources.find(["OPENAI_BASE_URL"]).map(Address.init)
    langfusePublicKey = try sources.find(["LANGFUSE_PUBLIC_KEY"]).map(Check.key)
    langfuseSecretKey = try sources.find(["LANGFUSE_SECRET_KEY"]).map(Check.key)
    langfuseHost = sources.find(["LANGFUSE_HOST"]).map(Address.init)
    let limit = try sources.find(.limit).map { source throws(UsageError) in
      try Check.integer(
        source, in: 1...PageRequest.limitMax, of: Phrase("un nombre", "a number"))
    }
    threadCountMax = limit ?? 20
    before = sources.find(.before).map { PageCursor($0.text) }
    search = try sources.find(.search).map(Check.search)
    let judgement = try sources.find(.feedback).map(Check.judgement)
    filter = ThreadFilter(feedback: judgement)
    comment = sources.find(.comment)?.text
    if search != nil, judgement != nil {
      throw UsageError(
        "--search et --feedback ne vont pas ensemble", "--search and --feedback do not go together")
    }
    isDryRun = sources.flags[.dryRun] != nil
    printsSchema = sources.flags[.print] != nil
    if printsSchema, sources.flags[.check] != nil {
      throw UsageError(
        "--print et --check ne vont pas ensemble", "--print and --check do not go together")
    }
    isFast = sources.flags[.fast] != nil
    isJSON = sources.flags[.json] != nil
    isQuiet = sources.flags[.quiet] != nil
    isColorful =
      sources.flags[.noColor] == nil && sources.find(["NO_COLOR"]) == nil
      && sources.environment["TERM"] != "dumb"
  }

  /// Whose sessions share the limit with the user's.
  var scope: Scope { isPerUser ? .user(user) : .shared }
}

extension Settings.Address {
  fileprivate init(_ source: Sourced) {
    self.init(url: Secret(source.text), origin: source.origin)
  }
}
