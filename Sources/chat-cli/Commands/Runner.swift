import SessionCore
import TerminalKit

/// Carries out one command.
struct Runner: Sendable {
  let settings: Settings
  let console: Console
  let interrupts: Interrupts
  let wiring: Wiring
  let modes: ModeReporter
  let reporter: TurnReporter

  init(
    settings: Settings, streams: StandardStreams, interrupts: Interrupts
  ) throws(UsageError) {
    self.settings = settings
    self.interrupts = interrupts
    let texts = Texts(language: settings.language)
    console = Console(
      streams: streams, texts: texts, isQuiet: settings.isQuiet,
      isColorful: settings.isColorful)
    let console = console
    wiring = try Wiring(settings) { line in Task { await console.note("⚠️ \(line)") } }
    modes = ModeReporter(console, wiring.events)
    reporter = TurnReporter(
      console, modes, limits: settings.limits, hasModel: wiring.models.hasModels,
      showsText: !settings.isJSON)
  }

  var texts: Texts { console.texts }

  /// - Throws: ``UsageError`` naming the thread when there is none of that name, and whatever else
  ///   ends a command.
  func run(_ command: Command) async throws -> ExitCode {
    do {
      return try await carryOut(command)
    } catch let error as ArchiveError where error.code == .notFound {
      let name = command.thread?.description ?? settings.session?.description
      throw name.map { texts.unknownThread($0, of: settings.user) } ?? error
    }
  }

  private func carryOut(_ command: Command) async throws -> ExitCode {
    if settings.redis == nil, settings.mysql == nil, command.usesTiers {
      await console.note(texts.nothingIsKept)
    }
    if command.needs.contains(.tracing) {
      for problem in wiring.problems {
        await console.note("⚠️ \(problem.error.message(texts.language))")
      }
    }
    switch command {
    case .chat: return try await chat()
    case .ask(let question): return try await ask(try await question.whole(console))
    case .sessions: try await listSessions()
    case .threads: try await listThreads()
    case .show(let thread): try await show(thread)
    case .resume(let thread): return try await chat(in: thread)
    case .rename(let thread, let name): try await rename(thread, to: name)
    case .delete(let thread): try await delete(thread)
    case .fork(let thread): try await fork(thread)
    case .pin(let thread, let isPinned): try await pin(thread, isPinned)
    case .feedback(let thread, let value): try await judge(thread, value)
    case .export(let path): try await export(to: path)
    case .import(let paths): return try await takeIn(paths)
    case .forget(let user): try await forget(user)
    case .prune(let days): try await prune(days: days)
    case .adopt(let user): try await adopt(by: user)
    case .schema: return try await schema()
    case .doctor: return try await Doctor(runner: self).run()
    case .completion(let shell, let words): try await complete(shell, words)
    case .man: try await console.answer(ManualPage(language: settings.language).page())
    case .demo: return try await Demo(runner: self).run()
    }
    return .done
  }

  /// Ends all connections.
  func close() async { await wiring.close() }

  func connect(_ need: Wiring.Need) async throws -> Backends {
    try await wiring.connect(need, modes)
  }

  /// Runs a call to the tiers, and shows what it reported.
  func reporting<Value>(
    in conversation: ConversationID, _ call: ((TurnEvent) -> Void) async throws -> Value
  ) async throws -> Value {
    var events: [TurnEvent] = []
    let result: Result<Value, any Error>
    do {
      result = .success(try await call { events.append($0) })
    } catch {
      result = .failure(error)
    }
    for event in events { try await reporter.report(event, in: conversation) }
    return try result.get()
  }

  /// See ``Backends/adopt(_:report:)``.
  func adopt(_ conversation: ConversationID, _ backends: Backends) async throws {
    try await reporting(in: conversation) { report in
      try await backends.adopt(conversation, report: report)
    }
  }
}
