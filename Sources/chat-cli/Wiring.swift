import LLMKit
import MySQLKit
import RedisKit
import SessionCore

/// Builds the tiers and the responder that the settings ask for. Nothing connects before it is used.
struct Wiring: Sendable {
  /// What a command cannot do without.
  enum Need: Sendable {
    /// The session store itself.
    case sessions
    /// The archive itself.
    case archive
    /// Both themselves.
    case both
    /// Whatever turns can run on: one of them may be away.
    case turns
  }

  /// Told of changes of mode.
  let events = EventHub()
  private let settings: Settings
  let redis: RedisClient?
  let mysql: MySQLClient?
  let gemini: GeminiConfiguration?
  let journalPath: String?

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
    journalPath = settings.mysql.flatMap { JournalPlace.path(of: $0.url.revealed) }
  }

  /// Connects to what is needed, to both at the same time, and returns both tiers. For turns a server
  /// may be away: the modes say so. What an earlier run left in the journal goes to the archive.
  ///
  /// - Throws: ``ArchiveError`` or ``SessionStoreError`` when something that cannot be replaced is
  ///   away.
  func connect(_ need: Need, _ modes: ModeReporter) async throws -> Backends {
    let store = redis.map { RedisSessionStore(client: $0, limits: settings.limits) }
    let mysqlArchive = mysql.map { MySQLArchive(client: $0) }
    let isStrict = need == .sessions || need == .both
    let sessions: any SessionStore =
      if let store {
        isStrict ? store : FailoverSessionStore(store, events: events)
      } else {
        InMemorySessionStore(limits: settings.limits)
      }
    async let removals = need == .archive ? [] : sessions.list(in: settings.scope).removals
    var away: ArchiveError?
    do {
      if need != .sessions { try await mysqlArchive?.prepare() }
    } catch let error as ArchiveError where error.code == .unavailable && need == .turns {
      away = error
    }
    let found = try await removals
    if let away, store != nil, sessions.isStandIn { throw away }
    let journal = need == .sessions ? nil : await openJournal(modes)
    if let away {
      guard journal != nil else { throw away }
      await modes.archiveIsAway(away.reason)
    }
    await modes.removed(found, limit: settings.limits.sessionCountMax)
    let archive: any Archive = mysqlArchive ?? InMemoryArchive()
    let service = ChatService(
      sessions: sessions, archive: archive,
      responder: responder(sessions), scoping: settings.isPerUser ? .perUser : .shared,
      journal: journal, events: events)
    if away == nil { try await flush(service, modes) }
    await modes.report()
    return Backends(
      service: service, archive: archive, hasRedis: redis != nil, hasDatabase: mysql != nil,
      scope: settings.scope,
      user: settings.user)
  }

  /// Ends all connections.
  func close() async {
    await redis?.close()
    await mysql?.close()
  }

  /// The journal of the database; nil without one, or without a place to keep it in.
  private func openJournal(_ modes: ModeReporter) async -> MessageJournal? {
    guard let journalPath else { return nil }
    do {
      return try MessageJournal(path: journalPath, events: events)
    } catch {
      await modes.journalFailed(error)
      return nil
    }
  }

  /// A journal that cannot be sent now waits, and is no reason to do nothing.
  private func flush(_ service: ChatService, _ modes: ModeReporter) async throws {
    do {
      try await service.flushJournal()
    } catch let error as JournalError {
      await modes.journalFailed(error)
    }
  }

  private func responder(_ sessions: any SessionStore) -> any Responder {
    let local = LocalResponder(language: settings.language == .french ? .french : .english)
    guard let gemini else { return local }
    let availability: any ModelAvailability =
      if let redis, !sessions.isStandIn {
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
