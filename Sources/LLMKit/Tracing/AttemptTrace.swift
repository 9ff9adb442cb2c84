import SessionCore

/// One question to one model, while it runs.
final class AttemptTrace: Sendable {
  private let turn: TurnTrace
  private let generation: TraceGeneration
  private let prompt: Prompt
  private let number: Int
  private let startedAt: Timestamp
  private let seen = Locked(Seen())

  private struct Seen {
    var text = ""
    var firstTextAt: Timestamp?
    /// What is known of an answer that came to no good end.
    var known: ResponseSummary?
  }

  /// Begins now.
  init(_ generation: TraceGeneration, _ prompt: Prompt, in turn: TurnTrace) {
    self.turn = turn
    self.generation = generation
    self.prompt = prompt
    let now = turn.tracer.time.now()
    startedAt = now
    number = turn.update { $0.beginAttempt(prompt, at: now) }
  }

  /// Takes note of what comes of it.
  func note(_ event: ResponseEvent) {
    let now = turn.tracer.time.now()
    seen.withLock { seen in
      switch event {
      case .text(let text):
        seen.text += text
        seen.firstTextAt = seen.firstTextAt ?? now
      case .broken(let summary): seen.known = summary
      case .fallback: break
      }
    }
  }

  /// Ends now.
  func end(_ result: Result<ResponseSummary, any Error>) {
    let now = turn.tracer.time.now()
    let seen = seen.withLock { $0 }
    var generation = generation
    generation.firstTextAt = seen.firstTextAt
    if let summary = (try? result.get()) ?? seen.known {
      generation.model = summary.model
      generation.usage = summary.usage
      generation.finishReason = summary.finishReason
    }
    let input = TraceContent(prompt)
    let output: TraceContent? =
      seen.text.isEmpty
      ? nil : .message(TraceContent.Said(role: .assistant, content: seen.text))
    turn.update { turn in
      var span = TraceSpan(
        "generation", of: turn.trace, id: turn.attemptID(number), parent: turn.rootID,
        from: startedAt, to: now,
        metadata: ["attempt": String(number), "model": generation.requestedModel])
      span.input = input
      span.output = output
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
      turn.endAttempt(span)
    }
  }
}
