/// A part of what can be set, by what it is for.
enum SettingPart: Sendable, Hashable, CaseIterable {
  case sessions
  case archive
  case models
  case tracing
  /// OpenTelemetry's own variables, which are often set for other programs: no command needs them.
  case telemetry

  /// What turns need.
  static let forTurns: Set<SettingPart> = [.sessions, .archive, .models, .tracing]
}

/// A setting that cannot be used.
struct SettingProblem: Sendable {
  let part: SettingPart
  let error: UsageError
}

/// Which settings must be usable. What the environment or a file sets wrongly is an error of the
/// commands that need it, and a problem to be told by others: a file may be another program's.
struct Tolerance: Sendable {
  let needs: Set<SettingPart>
  private(set) var problems: [SettingProblem] = []

  init(needs: Set<SettingPart>) { self.needs = needs }

  /// What `read` gives; nil when it fails and nobody needs it. What was typed is always needed.
  mutating func take<Value>(
    _ part: SettingPart, _ read: () throws(UsageError) -> Value?
  ) throws(UsageError) -> Value? {
    do {
      return try read()
    } catch {
      if needs.contains(part) { throw error }
      if case .flag? = error.origin { throw error }
      problems.append(SettingProblem(part: part, error: error))
      return nil
    }
  }
}

extension Command {
  /// The thread that it works on, if one was named.
  var thread: ThreadReference? {
    switch self {
    case .show(let thread), .resume(let thread), .rename(let thread, _), .delete(let thread),
      .fork(let thread), .pin(let thread, _), .feedback(let thread, _):
      thread
    default: nil
    }
  }

  /// The settings that it cannot do without.
  var needs: Set<SettingPart> {
    switch self {
    case .doctor, .completion, .man: []
    case .sessions: [.sessions]
    case .threads, .show, .rename, .fork, .feedback, .export, .import, .prune, .schema,
      .adopt:
      [.archive]
    case .delete, .forget, .pin, .demo: [.sessions, .archive]
    case .chat, .ask, .resume: SettingPart.forTurns
    }
  }
}
