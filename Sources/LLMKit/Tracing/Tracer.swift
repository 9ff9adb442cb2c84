public import SessionCore

/// Traces turns: what each was asked and answered, which models were tried, how long it all took.
///
/// Spans are collected while a turn runs, and handed over when it has ended; sending them goes on
/// in the background and nobody waits for it, however slow or dead the server is. What cannot be
/// sent is bounded, dropped in the end, and counted in ``statistics``.
///
/// Any number of tasks may use one tracer. A program has one, and makes its `ChatService` with it
/// as the observer.
public final class Tracer: Sendable {
  private let configuration: TracingConfiguration
  private let exporter: SpanExporter
  let time: any TimeSource
  /// The turns that run, by their questions.
  private let turns = Locked<[MessageID: TurnTrace]>([:])

  /// A tracer that sends to where `configuration` says.
  ///
  /// - Parameters:
  ///   - configuration: Where to send, with which keys, and what of the texts.
  ///   - time: Tells the times that spans begin and end at.
  ///   - report: Told once when the server does not accept the keys or the plan's limit is reached,
  ///     so that nothing is sent any more. One line for a person, without secrets. Called on a task
  ///     of its own; must not wait.
  public convenience init(
    _ configuration: TracingConfiguration, time: any TimeSource = SystemTimeSource(),
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.init(
      configuration, client: HTTPClient(), clock: ContinuousClock(), time: time, report: report)
  }

  package init<Source: Clock>(
    _ configuration: TracingConfiguration, client: HTTPClient, clock: Source,
    time: any TimeSource, report: @escaping @Sendable (String) -> Void
  ) where Source.Duration == Duration {
    self.configuration = configuration
    self.time = time
    exporter = SpanExporter(
      configuration, client: client, time: MonotonicTime(clock), wallTime: time, report: report)
  }

  /// What has become of everything that was traced.
  public var statistics: TracingStatistics { exporter.statistics }

  /// Sends spans that were made elsewhere. Returns at once.
  public func record(_ spans: [TraceSpan]) {
    exporter.add(spans.map { .span(fit($0)) })
  }

  /// Sends a score, or replaces the one of the same id. Returns at once.
  ///
  /// Scores are Langfuse's: without a Langfuse to send to, nothing happens.
  public func record(_ score: TraceScore) {
    guard configuration.scoresURL != nil else { return }
    var score = score
    score.comment =
      configuration.includesContent
      ? score.comment.map { configuration.redact?($0) ?? $0 } : nil
    exporter.add([.score(score)])
  }

  /// Takes back the score `id`. Returns at once.
  public func removeScore(_ id: String) {
    guard configuration.scoresURL != nil else { return }
    exporter.add([.scoreDeletion(id: id)])
  }

  /// Whether the server can be reached and takes what it is sent, asked by sending it no span.
  ///
  /// Waits for the answer, at most ``TracingLimits/requestTimeout``; for a self-check, not for a
  /// turn. Returns what is wrong, or nil.
  public func check() async -> TracingProblem? { await exporter.check() }

  /// Sends what waits, and ends: to be called once, before the program does. Cancelling the task
  /// gives up what waits at once.
  ///
  /// - Parameter limit: The longest that it takes. What has not been sent by then is dropped, at
  ///   once if it is clear that it cannot be sent in time. 2 s.
  public func close(within limit: Duration = .seconds(2)) async {
    await exporter.close(within: limit)
  }

  /// Drops the spans of a user that wait to be sent.
  func dropSpans(of user: UserID) -> Int { exporter.forget(user: user.name) }

  /// A turn begins.
  func open(_ turn: TurnTrace) { turns.withLock { $0[turn.question] = turn } }

  /// The turn has ended.
  func close(_ turn: TurnTrace) {
    turns.withLock { turns in
      // Of two turns with one question, the later stays.
      if turns[turn.question] === turn { turns[turn.question] = nil }
    }
  }

  /// The turn that `prompt` is asked in, if this tracer observes it.
  func openTurn(of prompt: Prompt) -> TurnTrace? {
    guard let question = prompt.lastQuestion?.id else { return nil }
    return turns.withLock { $0[question] }
  }

  /// The span as it may leave the process.
  private func fit(_ span: TraceSpan) -> TraceSpan {
    var span = span
    span.input = fit(span.input)
    span.output = fit(span.output)
    return span
  }

  private func fit(_ content: TraceContent?) -> TraceContent? {
    guard configuration.includesContent, let content else { return nil }
    // Cut last: half of what should be hidden may not look like it any more.
    let redacted = configuration.redact.map { content.mapTexts($0) } ?? content
    return redacted.limited(toByteCount: configuration.limits.contentByteCountMax)
  }
}
