import SessionCore

/// The three steps of the defence, on the real servers: the limit of Redis, the command
/// `historique`, and the archive that outlives a restart.
///
/// It speaks as a user of its own whose sessions have a limit of their own, so that nobody's are
/// evicted, and removes what it made, also when it is interrupted. The answers are local: it uses no
/// quota.
struct Demo: Sendable {
  private let runner: Runner
  private let isFast: Bool
  private let made = Locked<[ConversationID]>([])

  static let userName = "chat-cli-demo"
  private static let pause = Duration.seconds(2)

  init(runner: Runner) throws(UsageError) {
    guard runner.settings.redis != nil, runner.settings.mysql != nil else {
      throw UsageError(
        "la démonstration demande les deux serveurs : --redis et --mysql (ou REDIS_URL et DATABASE_URL)",
        "the demonstration needs both servers: --redis and --mysql (or REDIS_URL and DATABASE_URL)")
    }
    var settings = runner.settings
    settings.user = try Check.user(Sourced(text: Self.userName, origin: .flag(.user)))
    settings.isPerUser = true
    settings.geminiKey = nil
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
    try await say(texts.start(user: Self.userName))
    try await step(texts.limit(limit))
    for number in 1...(limit + 1) {
      let id = ConversationID.generate()
      made.withLock { $0.append(id) }
      try await say(texts.question(number, id))
      try await ask(texts.subject(number), in: id, backends)
      try await rest()
    }
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
      try await console.answerLine(console.texts.message(message))
    }
    try await rest()
    try await say(texts.conclusion)
  }

  private func ask(
    _ text: String, in id: ConversationID, _ backends: Backends
  ) async throws {
    let limit = settings.limits.sessionCountMax
    let console = console
    _ = try await backends.service.ask(text, in: id, as: settings.user) { event in
      switch event {
      case .removed(let removal): await console.note(console.texts.removal(removal, limit: limit))
      case .pagedIn(let count): await console.note(console.texts.pagedIn(id, count))
      case .sessionStoreFailed(let error): throw error
      case .text, .fallback: break
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
      var messages = 0
      for id in ids {
        do {
          messages += try await backends.service.delete(id, as: settings.user).steps
        } catch let error as ArchiveError where error.code == .notFound {
          // Interrupted before its first message was stored.
        }
      }
      made.withLock { $0 = [] }
      try await step(texts.cleanedUp(ids.count, console.texts.messages(messages)))
    } catch {
      await last.close()
      throw error
    }
    await last.close()
  }

  private func say(_ text: String) async throws { try await console.answerLine(text) }

  private func step(_ text: String) async throws { try await console.answerLine("\n" + text) }

  private func rest() async throws {
    if !isFast { try await Task.sleep(for: Self.pause) }
  }
}
