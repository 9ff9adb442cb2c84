import SessionCore

/// One question to one model, while it runs.
struct AttemptTrace: Sendable {
  private let turn: TurnTrace
  private var generation: TraceGeneration
  private let prompt: Prompt
  private let number: Int
  private let startedAt: Timestamp
  private var text = ""

  /// Begins now.
  init(_ generation: TraceGeneration, _ prompt: Prompt, in turn: TurnTrace) {
    self.turn = turn
    self.generation = generation
    self.prompt = prompt
    let now = turn.tracer.time.now()
    startedAt = now
    number = turn.update { $0.beginAttempt(prompt, at: now) }
  }

  /// Notes what comes of it.
  mutating func note(_ part: AnswerPart) {
    switch part {
    case .text(let piece):
      text += piece
      generation.firstTextAt = generation.firstTextAt ?? turn.tracer.time.now()
    case .progress(let summary): note(summary)
    default: break
    }
  }

  private mutating func note(_ summary: ResponseSummary) {
    generation.model = summary.model
    generation.usage = summary.usage
    generation.finishReason = summary.finishReason
  }

  /// Ends now.
  mutating func end(_ result: Result<ResponseSummary, any Error>) {
    let now = turn.tracer.time.now()
    if let summary = try? result.get() { note(summary) }
    let (number, startedAt, prompt, generation, text) = (
      number, startedAt, prompt, generation, text
    )
    turn.update { turn in
      var span = TraceSpan(
        "generation", of: turn.trace, id: turn.attemptID(number), parent: turn.rootID,
        from: startedAt, to: now,
        metadata: ["attempt": String(number), "model": generation.requestedModel])
      span.input = TraceContent(prompt)
      span.output =
        text.isEmpty ? nil : .message(TraceContent.Said(role: .assistant, content: text))
      span.generation = generation
      switch result {
      case .success(let summary): span.end(.answered(summary.state), failureLevel: .warning)
      case .failure(let error):
        span.end(TurnRecord.Ending(error), failureLevel: .warning)
        if let moment = (error as? ResponderError)?.retryAt {
          let delay = max(0, moment.milliseconds - now.milliseconds)
          span.metadata["retry_delay_ms"] = String(delay)
        }
      }
      turn.endAttempt(span, saying: text)
    }
  }
}
