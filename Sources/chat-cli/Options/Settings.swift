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
  let openTelemetry: OpenTelemetrySettings?
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
  /// What cannot be used, and is not needed.
  private(set) var tolerance: Tolerance
  /// The variables that a `.env` file sets.
  let setByFile: [String]
  /// The path of that file.
  let filePath: String

  /// More would be no limit at all, and every call lists them.
  static let sessionCountRange = 1...10_000
  /// At most ten years.
  static let timeToLiveRange = 1...315_360_000

  /// - Parameters:
  ///   - systemUser: Who speaks when nothing else is said.
  ///   - needs: What must be usable.
  init(
    _ sources: SettingSources, systemUser: String,
    needs: Set<SettingPart> = SettingPart.forTurns
  ) throws(UsageError) {
    var tolerance = Tolerance(needs: needs)
    language = try sources.find(.lang).map(Check.language) ?? .french
    user = try Check.user(
      sources.find(.user) ?? Sourced(text: systemUser, origin: .flag(.user)))
    session = try sources.find(.session).map(Check.conversation)

    redis = try tolerance.take(.sessions) { () throws(UsageError) in
      try sources.redis().map(Address.init)
    }
    limits = try Self.limits(sources, &tolerance)
    isPerUser = sources.flags[.perUser] != nil
    mysql = try tolerance.take(.archive) { () throws(UsageError) in
      try sources.find(.mysql).map(Address.init)
    }

    models = try sources.find(.model).map(Check.models) ?? OptionTable.defaultModels
    modelList = try sources.find(.model)?.origin
    let gemini = try tolerance.take(.models) { () throws(UsageError) in
      try Service(sources, key: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], address: ["GEMINI_BASE_URL"])
    }
    geminiKey = gemini?.key
    geminiBaseURL = gemini?.address
    let openAI = try tolerance.take(.models) { () throws(UsageError) in
      try Service(sources, key: ["OPENAI_API_KEY"], address: ["OPENAI_BASE_URL"])
    }
    openAIKey = openAI?.key
    openAIBaseURL = openAI?.address
    let langfuse = try tolerance.take(.tracing) { () throws(UsageError) in
      let names = ["LANGFUSE_BASE_URL", "LANGFUSE_HOST"]
      return (
        try Service(sources, key: ["LANGFUSE_PUBLIC_KEY"], address: names),
        try Service(sources, key: ["LANGFUSE_SECRET_KEY"], address: names)
      )
    }
    langfusePublicKey = langfuse?.0.key
    langfuseSecretKey = langfuse?.1.key
    langfuseHost = langfuse?.1.address
    openTelemetry = try tolerance.take(.telemetry) { () throws(UsageError) in
      try OpenTelemetrySettings(sources)
    }

    let limit = try sources.find(.limit).map { source throws(UsageError) in
      try Check.integer(
        source, in: 1...PageRequest.limitMax, of: Phrase("un nombre", "a number"))
    }
    threadCountMax = limit ?? 20
    before = try sources.find(.before).map { PageCursor($0.text) }
    search = try sources.find(.search).map(Check.search)
    let judgement = try sources.find(.feedback).map(Check.judgement)
    filter = ThreadFilter(feedback: judgement)
    comment = try sources.find(.comment)?.text
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
      sources.flags[.noColor] == nil && (sources.environment["NO_COLOR"] ?? "").isEmpty
      && sources.environment["TERM"] != "dumb"
    self.tolerance = tolerance
    setByFile = sources.setByFile
    filePath = sources.dotEnv.path ?? ".env"
  }

  private static func limits(
    _ sources: SettingSources, _ tolerance: inout Tolerance
  ) throws(UsageError) -> SessionLimits {
    let count = try tolerance.take(.sessions) { () throws(UsageError) in
      try sources.find(.maxSessions).map { source throws(UsageError) in
        try Check.integer(
          source, in: Self.sessionCountRange,
          of: Phrase("un nombre de sessions", "a number of sessions"))
      }
    }
    let time = try tolerance.take(.sessions) { () throws(UsageError) in
      try sources.find(.ttl).map { source throws(UsageError) in
        try Check.integer(
          source, in: Self.timeToLiveRange,
          of: Phrase("un nombre entier de secondes", "a whole number of seconds"))
      }
    }
    return SessionLimits(sessionCountMax: count ?? 3, timeToLive: .seconds(time ?? 3600))
  }

  /// Whose sessions share the limit with the user's.
  var scope: Scope { isPerUser ? .user(user) : .shared }
}

extension Settings.Address {
  init(_ source: Sourced) {
    self.init(url: Secret(source.text), origin: source.origin)
  }
}

/// A key, and the address that it may go to.
private struct Service {
  let key: Secret?
  let address: Settings.Address?

  init(
    _ sources: SettingSources, key keyNames: [String], address addressNames: [String]
  ) throws(UsageError) {
    let found = try sources.find(keyNames)
    let place = try sources.find(addressNames)
    key = try found.map(Check.key)
    try Check.key(found, mayGoTo: place)
    address = place.map(Settings.Address.init)
  }
}
