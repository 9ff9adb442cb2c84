import SessionCore

/// Shows what happens in the turns of one run: the answers, and lines about the rest. A reason that
/// was told is not told again.
final class TurnReporter: Sendable {

  private let console: Console
  private let limits: SessionLimits
  private let hasModel: Bool
  private let showsText: Bool
  private let writer: AnswerDisplay
  private let modes: ModeReporter
  private let told = Locked<Set<String>>([])
  private let reasons = Locked<[String]>([])

  /// - Parameters:
  ///   - hasModel: False when only local answers are to be expected.
  ///   - showsText: Whether answers appear as they come.
  init(
    _ console: Console, _ modes: ModeReporter, limits: SessionLimits, hasModel: Bool,
    showsText: Bool
  ) {
    self.console = console
    self.modes = modes
    self.limits = limits
    self.hasModel = hasModel
    self.showsText = showsText
    writer = AnswerDisplay(console)
  }

  /// Called before each turn.
  func begin() async {
    reasons.withLock { $0 = [] }
    await writer.begin()
  }

  /// Why other models than the first were asked in this turn, or none; nil when they were not.
  var fallbackReason: String? {
    let reasons = reasons.withLock { $0 }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  func report(_ event: TurnEvent, in conversation: ConversationID) async throws {
    let texts = console.texts
    switch event {
    case .text(let text):
      if showsText { try await writer.write(text) }
    case .fallback(let notice):
      reasons.withLock { $0.append("\(notice.from): \(notice.error.reason)") }
      try await tellOnce(texts.fallback(notice), as: "\(notice.from) \(notice.error.code)")
    case .pagedIn(let count):
      if count > 0 { try await note(texts.pagedIn(conversation, count)) }
    // Somebody asked for it, and is told so.
    case .removed(let removal) where removal.cause == .closed: break
    case .removed(let removal):
      try await note(texts.removal(removal, limit: limits.sessionCountMax))
    case .sessionStoreFailed(let error):
      try await tellOnce(texts.redisFailed(error), as: "redis \(error.code)")
    case .toolCall(let call): try await note(texts.toolCall(call))
    case .toolResult, .finished: break
    }
  }

  /// Ends the line of the answer.
  func endLine() async throws { try await writer.end() }

  /// Says how the turn ended, as far as the answer does not show it.
  func end(_ turn: Turn) async throws {
    try await endLine()
    let texts = console.texts
    if turn.answer.answer?.state == .fallback {
      let isFirst = told.withLock { $0.insert("local").inserted }
      await console.note(
        isFirst && !hasModel ? texts.localAnswerWithoutKey : texts.localAnswer)
    }
    if let failure = turn.failure {
      let isPartial = turn.answer.answer?.state == .partial
      await console.warn(texts.answerFailed(failure, isPartial: isPartial))
    }
    await modes.report()
  }

  private func tellOnce(_ line: String, as key: String) async throws {
    let isNew = told.withLock { $0.insert(key).inserted }
    if isNew { try await note(line) }
  }

  /// A line of its own, behind what is shown of the answer.
  private func note(_ line: String) async throws {
    try await endLine()
    await console.note(line)
  }
}
