import LLMKit
import MySQLKit
import RedisKit
import SessionCore

/// Builds the tiers and the responder that the settings ask for. Nothing connects before it is
/// used.
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
  /// What is set wrongly, and is not needed.
  let problems: [SettingProblem]
  let redis: RedisClient?
  let mysql: MySQLClient?
  let models: ModelServices
  let journalPath: String?
  /// The services that were made, to be closed with the program.
  private let services = Locked<[ChatService]>([])

  /// - Parameter report: Told once when nothing is traced any more.
  /// - Throws: ``UsageError`` for an address that cannot be one, or cannot keep what it is to keep.
  init(
    _ settings: Settings, report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(UsageError) {
    self.settings = settings
    var tolerance = settings.tolerance
    redis = try tolerance.take(.sessions) { () throws(UsageError) in
      try settings.redis.map { address throws(UsageError) in
        try Self.redis(address, settings.scope)
      }
    }
    mysql = try tolerance.take(.archive) { () throws(UsageError) in
      try settings.mysql.map(Self.mysql)
    }
    models = try ModelServices(settings, &tolerance, report: report)
    problems = tolerance.problems
    journalPath = mysql.flatMap { JournalPlace.path(of: $0.configuration) }
  }

  private static func redis(
    _ address: Settings.Address, _ scope: Scope
  ) throws(UsageError) -> RedisClient {
    let example = Phrase(
      "redis://[UTILISATEUR:MOT_DE_PASSE@]HÔTE[:PORT][/BASE]",
      "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]")
    let client = RedisClient(
      try Check.configuration(address, like: example) { try RedisConfiguration(url: $0) })
    try Check.scope(scope, on: client, address.origin)
    return client
  }

  private static func mysql(_ address: Settings.Address) throws(UsageError) -> MySQLClient {
    let example = Phrase(
      "mysql://UTILISATEUR:MOT_DE_PASSE@HÔTE[:PORT]/BASE",
      "mysql://USER:PASSWORD@HOST[:PORT]/DATABASE")
    return MySQLClient(
      try Check.configuration(address, like: example) { try MySQLConfiguration(url: $0) })
  }

  /// Connects to what is needed, to both at the same time, and returns both tiers. For turns a
  /// server may be away: the modes say so. What an earlier run left in the journal goes to the
  /// archive.
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
      if need != .sessions, let mysqlArchive { try await prepare(mysqlArchive, modes.console) }
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
    let archive: any CompleteArchive = mysqlArchive ?? InMemoryArchive()
    let service = ChatService(
      sessions: sessions, archive: archive,
      responder: models.responder(
        availability(sessions), recall: ArchiveRecall(archive: archive)),
      scoping: settings.isPerUser ? .perUser : .shared,
      journal: journal, events: events, observer: models.tracer)
    services.withLock { $0.append(service) }
    if away == nil { try await flush(service, modes) }
    await modes.report()
    return Backends(
      service: service, archive: archive, hasRedis: redis != nil, hasDatabase: mysql != nil,
      scope: settings.scope,
      user: settings.user)
  }

  /// The time by the clock that all programs at the archive share; without a server, ours.
  func serverTime() async throws -> Timestamp {
    guard let mysql else { return .now() }
    let row = try await mysql.query("SELECT UNIX_TIMESTAMP()").first
    return Timestamp(milliseconds: (try row?.integer(0) ?? 0) * 1000)
  }

  /// Brings the schema up to date, and says how far that has come.
  private func prepare(_ archive: MySQLArchive, _ console: Console) async throws {
    let latest = Locked<SchemaProgress?>(nil)
    try await Progress.shown(on: console) { progress in
      let shown = Task {
        while !Task.isCancelled {
          if let latest = latest.withLock(\.self) {
            await progress.show { texts, time in texts.schemaProgress(latest, after: time) }
          }
          try await Task.sleep(for: .milliseconds(250))
        }
      }
      let result: Result<Void, any Error>
      do {
        result = .success(
          try await archive.prepare { progress in latest.withLock { $0 = progress } })
      } catch {
        result = .failure(error)
      }
      shown.cancel()
      _ = await shown.result
      try result.get()
    }
  }

  /// Sends what is traced, as far as that takes no long time, and ends all connections.
  func close() async {
    for service in services.withLock({ $0 }) { await service.close() }
    if let tracer = models.tracer {
      await tracer.close()
      TracingTally(environment: ProcessFacts.environment())?.add(tracer.statistics)
    }
    await redis?.close()
    await mysql?.close()
  }

  /// The journal of the database; nil without one, or without a place to keep it in.
  private func openJournal(_ modes: ModeReporter) async -> MessageJournal? {
    guard let journalPath else { return nil }
    do {
      let journal = try MessageJournal(path: journalPath, events: events)
      if let earlier = settings.mysql.flatMap({ JournalPlace.earlierPath(of: $0.url.revealed) }) {
        try await journal.takeOver(from: earlier)
      }
      return journal
    } catch let error as JournalError {
      await modes.journalFailed(error)
    } catch {
      await modes.journalFailed(JournalError(code: .fileFailed, reason: "\(error)"))
    }
    return nil
  }

  /// A journal that cannot be sent now waits, and is no reason to do nothing.
  private func flush(_ service: ChatService, _ modes: ModeReporter) async throws {
    do {
      try await service.flushJournal()
    } catch let error as JournalError {
      await modes.journalFailed(error)
    }
  }

  /// Which models are closed is known to all who share a Redis.
  private func availability(_ sessions: any SessionStore) -> any ModelAvailability {
    guard let redis, !sessions.isStandIn else { return InMemoryModelAvailability() }
    return RedisModelAvailability(client: redis)
  }
}
