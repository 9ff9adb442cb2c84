import SessionCore

/// Looks at everything the program uses, changes nothing, and says what to do about what is wrong.
struct Doctor: Sendable {
  let runner: Runner

  func run() async throws -> ExitCode {
    let wiring = runner.wiring
    let settings = runner.settings
    let texts = DoctorTexts(language: settings.language)
    // All at the same time: each may wait for its deadline.
    async let redis = wiring.examineRedis(texts, settings)
    async let mysql = wiring.examineMySQL(texts)
    async let model = wiring.examineModels(texts, settings)
    async let journal = wiring.examineJournal(texts)
    async let tracing = wiring.examineTracing(texts, settings)
    try await show(Finding(.program, .fine, "chat-cli \(Program.version)"))
    if let line = runner.texts.setByFile(settings) {
      try await show(Finding(.settings, .fine, line))
    }
    let problems = wiring.problems.map { problem in
      Finding(Self.subject(of: problem.part), .wrong, problem.error.message(settings.language))
    }
    let wrong = Set(problems.map(\.subject))
    var worst = ExitCode.done
    for findings in [
      problems, await redis, await mysql, await journal, await model, await tracing,
    ] {
      // What is set wrongly is not configured either.
      for finding in findings
      where finding.state != .notConfigured || !wrong.contains(finding.subject) {
        try await show(finding)
        if finding.state == .unreachable { worst = .unreachable }
        if finding.state == .wrong, worst == .done { worst = .failed }
      }
    }
    return worst
  }

  private static func subject(of part: SettingPart) -> Finding.Subject {
    switch part {
    case .sessions: .redis
    case .archive: .mysql
    case .models: .model
    case .tracing, .telemetry: .tracing
    }
  }

  private func show(_ finding: Finding) async throws {
    if runner.settings.isJSON {
      try await runner.console.answerLine(JSONLine.of(FindingObject(finding)))
      return
    }
    try await runner.console.answerLine("\(finding.state.mark) \(finding.text)")
    if let advice = finding.advice { try await runner.console.answerLine("   → \(advice)") }
  }
}

/// What an examination found.
struct Finding: Sendable {
  enum Subject: String, Sendable {
    case program
    case settings
    case redis
    case mysql
    case journal
    case model
    case tracing
  }

  enum State: String, Sendable {
    case fine
    /// Nothing was asked for, so nothing can be wrong.
    case notConfigured
    case wrong
    case unreachable

    var mark: String {
      switch self {
      case .fine: "✅"
      case .notConfigured: "➖"
      case .wrong: "❌"
      case .unreachable: "❌"
      }
    }
  }

  let subject: Subject
  let state: State
  let text: String
  /// What to do about it.
  let advice: String?
  /// What became of what was traced, where that is what was looked at.
  let traced: TracingTally.Counts?

  init(
    _ subject: Subject, _ state: State, _ text: String, advice: String? = nil,
    traced: TracingTally.Counts? = nil
  ) {
    self.subject = subject
    self.state = state
    self.text = text
    self.advice = advice
    self.traced = traced
  }
}

/// A finding as `--json` prints it.
struct FindingObject: Encodable {
  struct Traced: Encodable {
    let sent: Int
    let refused: Int
    let dropped: Int
  }

  let check: String
  let state: String
  let text: String
  let advice: String?
  let traced: Traced?

  init(_ finding: Finding) {
    check = finding.subject.rawValue
    state = finding.state.rawValue
    text = finding.text
    advice = finding.advice
    traced = finding.traced.map {
      Traced(sent: $0.sent, refused: $0.refused, dropped: $0.dropped)
    }
  }
}
