import SessionCore
import TerminalKit

/// Reads lines and answers them, until the input ends.
final class ChatLoop: Sendable {
  private let runner: Runner
  private let backends: Backends
  private let current: Locked<ConversationID>
  private let source: LineSource

  init(runner: Runner, backends: Backends, conversation: ConversationID) throws {
    self.runner = runner
    self.backends = backends
    current = Locked(conversation)
    let completion = Completion(backends)
    source = try LineSource(runner.console, environment: ProcessFacts.environment()) { text in
      await completion.words(for: text)
    }
  }

  /// Messages shown when somebody comes back to a conversation.
  private static let shownAgainCount = 4

  private var isInteractive: Bool { source.isInteractive }

  private var console: Console { runner.console }
  private var texts: Texts { runner.texts }
  private var conversation: ConversationID { current.withLock { $0 } }

  /// Runs until the input ends or somebody leaves. On a terminal a failed turn is shown and the
  /// chat goes on; on a pipe the exit code tells of it, and a tier that is away ends the run, for
  /// the lines that follow would only be lost.
  func run() async throws -> ExitCode {
    // Also when a signal ends the process at once.
    runner.interrupts.atHardExit { [source] in source.close() }
    defer { source.close() }
    if isInteractive {
      await console.note(
        texts.welcome(
          backends, runner.settings, hasModels: runner.wiring.models.hasModels, conversation))
    }
    var code = ExitCode.done
    while true {
      guard let line = try await source.next() else { return code }
      switch line {
      case .notUTF8:
        await console.fail(texts.lineIsNotUTF8)
        code = .failed
      case .tooLong:
        await console.fail(texts.lineIsTooLong)
        code = .failed
      case .text(let text):
        let input = ChatInput(text)
        if case .command(.quit, _) = input { return code }
        let outcome = try await handled(input)
        if outcome == .interrupted, !isInteractive { return outcome }
        if outcome != .done, !isInteractive { code = outcome }
        if outcome == .unreachable, !isInteractive { return outcome }
      }
    }
  }

  /// Goes on in a conversation that exists.
  func enter(_ id: ConversationID) async throws {
    try await runner.adopt(id, backends)
    let thread = try await backends.archive.thread(id, of: runner.settings.user)
    await console.note(texts.head(thread))
    do {
      let session = try await runner.reporting(in: id) { report in
        try await backends.service.open(id, as: runner.settings.user, report: report)
      }
      if isInteractive {
        for message in session.messages.suffix(Self.shownAgainCount) {
          try await console.message(message)
        }
      }
    } catch let error as SessionStoreError {
      try await runner.reporter.report(.sessionStoreFailed(error), in: id)
    }
    current.withLock { $0 = id }
  }

  private func handled(_ input: ChatInput) async throws -> ExitCode {
    do {
      return try await runner.interrupts.run { try await self.handle(input) }
    } catch is CancellationError where !Task.isCancelled {
      await console.note(texts.answerStopped)
      return .interrupted
    } catch let error as OutputError {
      throw error
    } catch  where !(error is CancellationError) {
      // What was refused can be sent again, or changed.
      if case .message(let text) = input {
        await source.giveBack(text.hasPrefix("/") ? "/" + text : text)
      }
      return await Failure(error).report(to: console)
    }
  }

  private func handle(_ input: ChatInput) async throws -> ExitCode {
    switch input {
    case .nothing: return .done
    case .command(let command, "") where command.needsArgument:
      throw texts.missingArgument(of: command)
    case .message(let text): return try await runner.turn(text, in: conversation, backends)
    case .command(.file, let argument):
      let file = try await AttachedFile.read(argument)
      return try await runner.turn(with: file, in: conversation, backends)
    case .unknownCommand(let name):
      throw texts.unknownCommand(name)
    case .command(let command, let argument):
      try await run(command, argument)
      return .done
    }
  }

  private func run(_ command: ChatCommand, _ argument: String) async throws {
    switch command {
    case .help: try await console.answer(texts.chatHelp)
    case .sessions: try await runner.showSessions(backends, current: conversation)
    case .threads: try await runner.showThreads(backends)
    case .new:
      current.withLock { $0 = .generate() }
      await console.note(texts.newThread(conversation))
    case .resume: try await named(argument) { try await enter(try await thread(argument)) }
    case .rename: try await runner.rename(conversation, to: argument, backends)
    case .search: try await runner.search(try Check.search(typed(argument)), backends)
    case .good: try await runner.judge(conversation, .up, comment: argument, backends)
    case .bad: try await runner.judge(conversation, .down, comment: argument, backends)
    case .fork:
      let copy = try await runner.fork(conversation, backends)
      current.withLock { $0 = copy }
    case .pin: try await runner.pin(conversation, try isPinned(argument), backends)
    case .delete:
      let id = argument.isEmpty ? conversation : try await thread(argument)
      try await named(argument) { try await runner.delete(id, backends) }
      // What was said is gone for good; what is said next is another conversation.
      if id == conversation { current.withLock { $0 = .generate() } }
    case .export:
      try await runner.export(
        to: try Check.path(argument, of: Phrase("/exporte", "/export")), backends)
    case .file, .quit: break
    }
  }

  /// Names the thread that was asked for, when there is none of that name.
  private func named(_ argument: String, _ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let error as ArchiveError where error.code == .notFound && !argument.isEmpty {
      throw texts.unknownThread(argument, of: runner.settings.user)
    }
  }

  private func thread(_ argument: String) async throws -> ConversationID {
    let source = Sourced(text: argument, origin: .operand(Phrase("DISCUSSION", "THREAD")))
    return try await backends.resolve(try ThreadReference(source))
  }

  private func typed(_ argument: String) -> Sourced {
    Sourced(text: argument, origin: .operand(Phrase("/cherche", "/search")))
  }

  private func isPinned(_ argument: String) throws(UsageError) -> Bool {
    switch argument {
    case "", "on": return true
    case "off": return false
    default:
      throw UsageError(
        argument, from: .operand(Phrase("/epingle", "/pin")), expected: Phrase("on, off"))
    }
  }
}
