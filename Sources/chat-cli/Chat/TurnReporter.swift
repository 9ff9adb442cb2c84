import SessionCore

/// Shows what happens in the turns of one run: the answers, and lines about the rest. A reason that
/// was told is not told again.
final class TurnReporter: Sendable {
  private struct State {
    var told: Set<String> = []
    var isRedisFailing = false
    var turnFailedOnRedis = false
  }

  private let console: Console
  private let limits: SessionLimits
  private let hasModel: Bool
  private let showsText: Bool
  private let writer: AnswerWriter
  private let state = Locked(State())

  /// - Parameters:
  ///   - hasModel: False when only local answers are to be expected.
  ///   - showsText: Whether answers appear as they come.
  init(_ console: Console, limits: SessionLimits, hasModel: Bool, showsText: Bool) {
    self.console = console
    self.limits = limits
    self.hasModel = hasModel
    self.showsText = showsText
    writer = AnswerWriter(console)
  }

  /// Called before each turn.
  func begin() async {
    state.withLock { $0.turnFailedOnRedis = false }
    await writer.begin()
  }

  func report(_ event: TurnEvent, in conversation: ConversationID) async throws {
    let texts = console.texts
    switch event {
    case .text(let text):
      if showsText { try await writer.write(text) }
    case .fallback(let notice):
      try await tellOnce(texts.fallback(notice), as: "\(notice.from) \(notice.error.code)")
    case .pagedIn(let count):
      if count > 0 { try await note(texts.pagedIn(conversation, count)) }
    case .removed(let removal):
      try await note(texts.removal(removal, limit: limits.sessionCountMax))
    case .sessionStoreFailed(let error):
      let isNew = state.withLock { state in
        defer { state.isRedisFailing = true }
        state.turnFailedOnRedis = true
        return !state.isRedisFailing
      }
      if isNew { try await note(texts.redisFailed(error.reason)) }
    }
  }

  /// Ends the line of the answer.
  func endLine() async throws { try await writer.end() }

  /// Says how the turn ended, as far as the answer does not show it.
  func end(_ turn: Turn) async throws {
    try await endLine()
    let texts = console.texts
    if turn.answer.answer?.state == .fallback {
      let isFirst = state.withLock { $0.told.insert("local").inserted }
      await console.note(
        isFirst && !hasModel ? texts.localAnswerWithoutKey : texts.localAnswer)
    }
    if let failure = turn.failure {
      let isPartial = turn.answer.answer?.state == .partial
      await console.warn(texts.answerFailed(failure, isPartial: isPartial))
    }
    let isBack = state.withLock { state in
      defer { if !state.turnFailedOnRedis { state.isRedisFailing = false } }
      return state.isRedisFailing && !state.turnFailedOnRedis
    }
    if isBack { await console.note(texts.redisIsBack) }
  }

  private func tellOnce(_ line: String, as key: String) async throws {
    let isNew = state.withLock { $0.told.insert(key).inserted }
    if isNew { try await note(line) }
  }

  /// A line of its own, behind what is shown of the answer.
  private func note(_ line: String) async throws {
    try await endLine()
    await console.note(line)
  }
}
