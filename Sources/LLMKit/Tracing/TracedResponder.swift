public import SessionCore

extension Tracer {
  /// The same chain, each of whose links shows in the trace whenever it is asked. The local answer
  /// shows as what the turn fell back on.
  public func traced(_ links: [FallbackResponder.Link]) -> [FallbackResponder.Link] {
    links.map { link in
      if link.local != nil { return link }
      let generation = link.model?.generation ?? TraceGeneration(requestedModel: link.name)
      return FallbackResponder.Link(
        name: link.name,
        responder: TracedResponder(tracer: self, base: link.responder, generation: generation),
        model: link.model)
    }
  }

  /// The same chain, whose links show in one trace when it is asked outside a turn of a
  /// `ChatService` that this tracer observes. Its links come from ``traced(_:)-swift.method``.
  public func traced(_ chain: FallbackResponder) -> any Responder {
    TracedResponder(tracer: self, base: chain, generation: nil)
  }

  /// The same model, which shows in the trace of the turn whenever it is asked. Asked outside a
  /// turn of a `ChatService` that this tracer observes, it makes a trace of its own.
  public func traced(_ model: any ModelResponder) -> any Responder {
    TracedResponder(
      tracer: self, base: model, generation: ModelDescription(model).generation)
  }

  /// The same responder, which shows in the trace of the turn whenever it is asked, as the model
  /// `name`.
  public func traced(_ responder: any Responder, as name: String) -> any Responder {
    TracedResponder(
      tracer: self, base: responder, generation: TraceGeneration(requestedModel: name))
  }
}

private struct TracedResponder: Responder {
  let tracer: Tracer
  let base: any Responder
  /// Nil when the call is no attempt to answer by itself.
  let generation: TraceGeneration?

  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    let open = tracer.openTurn(of: prompt)
    let turn = open ?? TurnTrace(prompt, tracer: tracer)
    if open == nil { tracer.open(turn) }
    var traced = TracedWriter(
      base: answer, attempt: generation.map { AttemptTrace($0, prompt, in: turn) },
      turn: open == nil ? turn : nil)
    defer { answer = traced.base }
    do {
      let summary = try await base.respond(to: prompt, into: &traced)
      traced.attempt?.end(.success(summary))
      if open == nil { turn.close(.answered(summary.state)) }
      return summary
    } catch {
      traced.attempt?.end(.failure(error))
      if open == nil { turn.close(TurnRecord.Ending(error)) }
      throw error
    }
  }
}

/// Hands an answer on, and notes what is worth a span.
private struct TracedWriter<Base: AnswerWriter>: AnswerWriter {
  var base: Base
  var attempt: AttemptTrace?
  /// The turn, when nobody else tells it what happens.
  let turn: TurnTrace?

  mutating func write(_ part: AnswerPart) async throws {
    attempt?.note(part)
    switch part {
    case .text(let text): turn?.note(.text(text))
    case .fallback(let notice): turn?.note(.fallback(notice))
    default: break
    }
    try await base.write(part)
  }
}
