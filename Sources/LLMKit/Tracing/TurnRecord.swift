import SessionCore

/// What is known of a turn while it runs, and the spans that it amounts to.
///
/// Ids follow from the question's id and the time of the turn, so that a question asked again after
/// a failure adds spans to its trace, and repeats none.
struct TurnRecord: Sendable {
  /// Where the messages came from that the model was sent.
  private enum Source: String {
    case hot
    case rehydrated
    case archive
  }

  /// How a turn or an attempt ended.
  enum Ending: Sendable {
    case answered(AnswerState)
    case failed(String, type: String)
    /// By the user, or by the reader of the answer.
    case stopped
  }

  let trace: TraceContext
  let startedAt: Timestamp
  let question: String
  private let seed: String
  /// Whether what is before the first attempt is worth a span.
  private let loadsContext: Bool

  /// The text of the attempt that ended last.
  private(set) var said = ""
  private var source = Source.hot
  private var messageCount: Int?
  private var askedAt: Timestamp?
  private var lastTextAt: Timestamp?
  private var notices: [FallbackNotice] = []
  private var lastNoticeAt: Timestamp?
  private var attemptCount = 0
  private var attempts: [TraceSpan] = []

  init(
    _ question: String, id: MessageID, in conversation: ConversationID, as user: UserID?,
    loadsContext: Bool, at startedAt: Timestamp
  ) {
    trace = TraceContext(
      id: TraceID(question: id), name: "chat-turn", user: user?.name,
      session: conversation.description)
    self.question = question
    self.loadsContext = loadsContext
    self.startedAt = startedAt
    seed = "\(id)/\(startedAt.milliseconds)"
  }

  /// Takes note of what happens in the turn.
  mutating func note(_ event: TurnEvent, at now: Timestamp) {
    switch event {
    case .text:
      askedAt = askedAt ?? now
      lastTextAt = now
    case .fallback(let notice):
      askedAt = askedAt ?? now
      lastNoticeAt = now
      notices.append(notice)
    // Once a model was asked, they are about its answer.
    case .pagedIn where askedAt == nil: source = source == .hot ? .rehydrated : source
    case .sessionStoreFailed where askedAt == nil: source = .archive
    default: break
    }
  }

  /// A model is asked. Returns the number of the attempt, from 1.
  mutating func beginAttempt(_ prompt: Prompt, at now: Timestamp) -> Int {
    askedAt = askedAt ?? now
    messageCount = prompt.messages.count
    attemptCount += 1
    return attemptCount
  }

  /// The span of an attempt that has ended; what a model did is filled in by the caller.
  mutating func endAttempt(_ span: TraceSpan, saying text: String) {
    attempts.append(span)
    said = text
  }

  /// Whether a model was asked, and so something was used.
  var hasAttempts: Bool { attemptCount > 0 }

  /// The name of the span of attempt `number`.
  func attemptID(_ number: Int) -> SpanID { SpanID(seed: "\(seed)/generation/\(number)") }

  /// The name of the span that the whole turn is.
  var rootID: SpanID { SpanID(seed: "\(seed)/chat-turn") }

  /// All spans of the turn, once it has ended.
  func spans(_ ending: Ending, answer: String, at now: Timestamp) -> [TraceSpan] {
    var root = TraceSpan(
      trace.name, of: trace, id: rootID, parent: nil, from: startedAt, to: now)
    root.input = .text(question)
    root.output = .text(answer)
    if !notices.isEmpty { root.metadata["passed_over"] = passedOver }
    root.end(ending, failureLevel: .error)
    var spans = [root]
    if loadsContext { spans.append(contextSpan(ending, at: now)) }
    spans += attempts
    if case .answered(.fallback) = ending { spans.append(fallbackSpan(answer, at: now)) }
    return spans
  }

  private var passedOver: String { notices.map(\.from).joined(separator: ", ") }

  /// What happens before a model is asked: the question is stored, the conversation made warm.
  private func contextSpan(_ ending: Ending, at now: Timestamp) -> TraceSpan {
    var span = TraceSpan(
      "context.load", of: trace, id: SpanID(seed: "\(seed)/context.load"), parent: rootID,
      from: startedAt, to: askedAt ?? now, metadata: ["source": source.rawValue])
    if let messageCount { span.metadata["message_count"] = String(messageCount) }
    if source == .archive { span.level = .warning }
    if askedAt == nil { span.end(ending, failureLevel: .error) }
    return span
  }

  private func fallbackSpan(_ answer: String, at now: Timestamp) -> TraceSpan {
    var span = TraceSpan(
      "fallback", of: trace, id: SpanID(seed: "\(seed)/fallback"), parent: rootID,
      from: lastNoticeAt ?? askedAt ?? startedAt, to: lastTextAt ?? now, level: .warning)
    span.output = .text(answer)
    span.statusMessage = notices.last?.error.reason
    if !notices.isEmpty { span.metadata["passed_over"] = passedOver }
    return span
  }
}

extension TraceSpan {
  /// Says how it ended.
  mutating func end(_ ending: TurnRecord.Ending, failureLevel: Level) {
    switch ending {
    case .answered(let state):
      status = .ok
      metadata["state"] = state.rawValue
      if state != .complete { level = .warning }
      if state == .error { status = .error }
    case .failed(let reason, let type):
      status = .error
      level = failureLevel
      statusMessage = reason
      errorType = type
    case .stopped:
      status = .unset
      level = .warning
      statusMessage = "stopped"
    }
  }
}

extension TurnRecord.Ending {
  /// How a failed turn or attempt ended.
  init(_ error: any Error) {
    switch error {
    case let error as ResponderError:
      self = .failed(error.reason, type: error.code.description)
    case let error as ArchiveError:
      self = .failed(error.reason, type: "archive.\(error.code)")
    case let error as JournalError:
      self = .failed(error.reason, type: "journal.\(error.code)")
    case is CancellationError: self = .stopped
    // Whatever it says may hold anything; what it is does not.
    default: self = .failed("\(type(of: error))", type: "\(type(of: error))")
    }
  }
}
