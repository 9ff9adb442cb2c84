import LLMKit
import MySQLKit
import RedisKit
import SessionCore

/// Builds the tiers and the responder that the settings ask for. Nothing connects before it is used.
struct Wiring: Sendable {
  /// The tiers that a command cannot do without from its start.
  struct Need: OptionSet, Sendable {
    let rawValue: Int
    static let sessions = Need(rawValue: 1)
    static let archive = Need(rawValue: 2)
  }

  private let settings: Settings
  private let redis: RedisClient?
  private let mysql: MySQLClient?
  private let gemini: GeminiConfiguration?

  /// - Throws: ``UsageError`` for an address that cannot be one.
  init(_ settings: Settings) throws(UsageError) {
    self.settings = settings
    redis = try settings.redis.map { address throws(UsageError) in
      try RedisClient(Self.checked(address) { try RedisConfiguration(url: $0) })
    }
    mysql = try settings.mysql.map { address throws(UsageError) in
      try MySQLClient(Self.checked(address) { try MySQLConfiguration(url: $0) })
    }
    gemini = try settings.geminiKey.map { key throws(UsageError) in
      guard let address = settings.geminiBaseURL else {
        let origin = Origin.environment("GEMINI_API_KEY")
        let none = Settings.Address(url: Secret(""), origin: origin)
        return try Self.checked(none) { _ in try GeminiConfiguration(apiKey: key) }
      }
      return try Self.checked(address) { try GeminiConfiguration(apiKey: key, baseURL: $0) }
    }
  }

  /// Connects to what is needed, to all at the same time, and returns both tiers. A Redis that is
  /// away is replaced by memory, and a warning says so.
  ///
  /// - Throws: ``ArchiveError`` or ``SessionStoreError`` when something that cannot be replaced is
  ///   away.
  func connect(_ need: Need, _ console: Console) async throws -> Backends {
    let store = redis.map { RedisSessionStore(client: $0, limits: settings.limits) }
    let mysqlArchive = mysql.map { MySQLArchive(client: $0) }
    async let storeCheck = check(need.contains(.sessions) ? store : nil)
    if need.contains(.archive) { try await mysqlArchive?.prepare() }
    let storeState = try await storeCheck
    let archive: any ConversationArchive = mysqlArchive ?? InMemoryArchive()
    var removals: [Removal] = []
    var sessions: any SessionStore = InMemorySessionStore(limits: settings.limits)
    var tier = SessionTier.memory
    switch storeState {
    case .away(let error):
      guard need.contains(.archive) else { throw error }
      await console.note(console.texts.redisIsAway(error.reason))
    case .present(let found):
      removals = found
      if let store {
        sessions = store
        tier = .redis
      }
    }
    for removal in removals {
      await console.note(
        console.texts.removal(removal, limit: settings.limits.sessionCountMax))
    }
    let service = ChatService(
      sessions: sessions, archive: archive, responder: responder(tier),
      scoping: settings.isPerUser ? .perUser : .shared)
    return Backends(
      service: service, sessionTier: tier, hasDatabase: mysql != nil, scope: settings.scope,
      user: settings.user)
  }

  /// Ends all connections.
  func close() async {
    await redis?.close()
    await mysql?.close()
  }

  private enum StoreState {
    case present([Removal])
    case away(SessionStoreError)
  }

  /// Whether the store answers. One that refuses is not away but set up wrongly, and is an error.
  private func check(_ store: (any SessionStore)?) async throws -> StoreState {
    guard let store else { return .present([]) }
    do {
      return .present(try await store.list(in: settings.scope).removals)
    } catch let error as SessionStoreError where error.code == .unavailable {
      return .away(error)
    }
  }

  private func responder(_ tier: SessionTier) -> any Responder {
    let local = LocalResponder(language: settings.language == .french ? .french : .english)
    guard let gemini else { return local }
    let availability: any ModelAvailability =
      if let redis, tier == .redis {
        RedisModelAvailability(client: redis)
      } else {
        InMemoryModelAvailability()
      }
    let models = settings.models.map { model in
      FallbackResponder.Link(
        name: model,
        responder: GeminiResponder(
          model: model, configuration: gemini, availability: availability))
    }
    return FallbackResponder(
      models + [FallbackResponder.Link(name: "local", responder: local)],
      availability: availability)
  }

  /// Makes a configuration of an address; what is wrong with it is said without it.
  private static func checked<Configuration>(
    _ address: Settings.Address, _ make: (String) throws -> Configuration
  ) throws(UsageError) -> Configuration {
    do {
      return try make(address.url.revealed)
    } catch {
      throw UsageError(
        "\(address.origin.described(.french)) : \(error)",
        "\(address.origin.described(.english)): \(error)")
    }
  }
}
