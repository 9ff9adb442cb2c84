import SessionCore

/// The three steps of the defence, on the real servers: the limit of Redis, the command
/// `historique`, and the archive that outlives a restart.
///
/// It speaks as a new user of its own, whose sessions have a limit of their own, so that nobody's
/// are evicted, and removes what it made, also when it is interrupted. The answers are local: it
/// uses no quota.
struct Demo: Sendable {
  private let runner: Runner
  private let isFast: Bool
  private let made = Locked<[ConversationID]>([])

  private let userName: String
  private static let pause = Duration.seconds(2)

  init(runner: Runner) throws(UsageError) {
    guard runner.settings.redis != nil, runner.settings.mysql != nil else {
      throw UsageError(
        "la démonstration demande les deux serveurs : REDIS_URL et DATABASE_URL",
        "the demonstration needs both servers: REDIS_URL and DATABASE_URL")
    }
    var settings = runner.settings
    let number = UInt32.random(in: 0x1000_0000...UInt32.max)
    userName = "demo-" + String(number, radix: 16)
    settings.user = try Check.user(Sourced(text: userName, origin: .flag(.user)))
    settings.isPerUser = true
    settings.geminiKey = nil
    settings.openAIKey = nil
    settings.modelList = nil
    self.runner = try Runner(
      settings: settings, streams: runner.console.streams, interrupts: runner.interrupts)
    isFast = settings.isFast
  }

  private var settings: Settings { runner.settings }
  private var console: Console { runner.console }
  private var texts: DemoTexts { DemoTexts(language: settings.language) }

  func run() async throws -> ExitCode {
    do {
      try await limit()
      try await restart()
      try await cleanUp()
    } catch {
      // A task of its own, because this one may be cancelled.
      await Task { try? await cleanUp() }.value
      await runner.close()
      throw error
    }
    await runner.close()
    return .done
  }

  /// Steps 1 and 2: one conversation more than fits, and the list of the warm ones.
  private func limit() async throws {
    let backends = try await runner.connect(.both)
    let limit = settings.limits.sessionCountMax
    try await say(texts.start(user: userName))
    try await step(texts.limit(limit))
    for number in 1...(limit + 1) {
      let id = ConversationID.generate()
      made.withLock { $0.append(id) }
      try await say(texts.question(number, id))
      try await ask(texts.subject(number), in: id, backends)
      try await rest()
    }
    try await showPlaces(runner)
    try await step(texts.list)
    try await runner.showSessions(backends, current: made.withLock(\.last))
    try await rest()
  }

  /// Step 3: nothing is left in Redis, and everything comes back.
  private func restart() async throws {
    try await step(texts.restart)
    let before = try await runner.connect(.both)
    for id in made.withLock({ $0 }) {
      _ = try await before.service.sessions.close(id, in: settings.scope)
    }
    await runner.close()
    let again = try Runner(
      settings: settings, streams: console.streams, interrupts: runner.interrupts)
    do {
      try await goOn(again, try await again.connect(.both))
    } catch {
      await again.close()
      throw error
    }
    await again.close()
  }

  private func goOn(_ again: Runner, _ backends: Backends) async throws {
    try await again.showSessions(backends, current: nil)
    try await showPlaces(again)
    try await rest()
    try await say(texts.archive)
    try await again.showThreads(backends)
    try await rest()
    guard let first = made.withLock(\.first) else { return }
    try await say(texts.resume(first))
    try await ask(texts.followUp, in: first, backends)
    let messages = try await backends.archive.messages(
      in: first, of: settings.user, page: PageRequest(limit: 10))
    for message in messages.elements {
      try await console.message(message)
    }
    try await rest()
    try await say(texts.conclusion)
  }

  private func ask(
    _ text: String, in id: ConversationID, _ backends: Backends
  ) async throws {
    let limit = settings.limits.sessionCountMax
    let console = console
    for try await event in backends.service.stream(text, in: id, as: settings.user) {
      switch event {
      case .removed(let removal): await console.note(console.texts.removal(removal, limit: limit))
      case .pagedIn(let count): await console.note(console.texts.pagedIn(id, count))
      case .sessionStoreFailed(let error): throw error
      default: break
      }
    }
  }

  /// Removes the conversations of this run, and nothing else.
  private func cleanUp() async throws {
    let ids = made.withLock { $0 }
    guard !ids.isEmpty else { return }
    let last = try Runner(
      settings: settings, streams: console.streams, interrupts: runner.interrupts)
    do {
      let backends = try await last.connect(.both)
      for id in ids { _ = try await backends.service.sessions.close(id, in: settings.scope) }
      let counts = try await backends.archive.forget(settings.user, dryRun: false)
      made.withLock { $0 = [] }
      try await step(
        texts.cleanedUp(counts.threads, console.texts.messages(counts.steps)))
    } catch {
      await last.close()
      throw error
    }
    await last.close()
  }

  /// The keys and the rows, as they are.
  private func showPlaces(_ runner: Runner) async throws {
    var lines = [texts.inRedis]
    for id in made.withLock({ $0 }) {
      let key = "chat_history:{\(userName)}:\(id)"
      lines.append(texts.key(key, try await runner.wiring.redisList(key)))
    }
    let rows = try await runner.wiring.rows(of: settings.user)
    lines.append(texts.inMySQL(threads: rows.threads, steps: rows.steps))
    try await say("\n" + lines.joined(separator: "\n"))
  }

  private func say(_ text: String) async throws { try await console.answerLine(text) }

  private func step(_ text: String) async throws { try await console.answerLine("\n" + text) }

  private func rest() async throws {
    if !isFast { try await Task.sleep(for: Self.pause) }
  }
}
