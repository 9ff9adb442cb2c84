public import SessionCore

extension Tracer {
  /// The same chain, each of whose models shows in the trace whenever it is asked.
  public func traced(_ links: [FallbackResponder.Link]) -> [FallbackResponder.Link] {
    links.map { link in
      FallbackResponder.Link(name: link.name, responder: traced(link.responder, as: link.name))
    }
  }

  /// The same responder, which shows in the trace of the turn whenever it is asked. Asked outside a
  /// turn of `ChatService`, it makes a turn of its own.
  ///
  /// A chain shows as its links do, and the local answer as what the turn fell back on.
  ///
  /// - Parameters:
  ///   - responder: The one to show.
  ///   - name: The model that is asked, if `responder` does not say.
  public func traced(_ responder: any Responder, as name: String) -> any Responder {
    switch responder {
    case is LocalResponder: responder
    case is FallbackResponder: TracedResponder(tracer: self, base: responder, generation: nil)
    case let model as any ModelResponder:
      TracedModel(tracer: self, base: model, generation: TraceGeneration(asking: model))
    default:
      TracedResponder(
        tracer: self, base: responder, generation: TraceGeneration(requestedModel: name))
    }
  }
}

private struct TracedResponder: Responder {
  let tracer: Tracer
  let base: any Responder
  let generation: TraceGeneration?

  func respond(
    to prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    let call = TracedCall(tracer, generation) { [base] in
      try await base.respond(to: $0, emit: $1)
    }
    return try await call.run(prompt, emit)
  }
}

private struct TracedModel: ModelResponder {
  let tracer: Tracer
  let base: any ModelResponder
  let generation: TraceGeneration

  var model: String { base.model }
  var service: ModelService { base.service }

  func respond(
    to prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    let call = TracedCall(tracer, generation) { [base] in
      try await base.respond(to: $0, emit: $1)
    }
    return try await call.run(prompt, emit)
  }

  func ask(
    _ prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    let call = TracedCall(tracer, generation) { [base] in try await base.ask($0, emit: $1) }
    return try await call.run(prompt, emit)
  }

}

/// One call of a responder, in the turn of the task or in one of its own.
private struct TracedCall {
  typealias Emit = @Sendable (ResponseEvent) async throws -> Void

  private let tracer: Tracer
  /// Nil when the call is no attempt to answer by itself.
  private let generation: TraceGeneration?
  private let call: (Prompt, Emit) async throws -> ResponseSummary

  init(
    _ tracer: Tracer, _ generation: TraceGeneration?,
    _ call: @escaping (Prompt, Emit) async throws -> ResponseSummary
  ) {
    self.tracer = tracer
    self.generation = generation
    self.call = call
  }

  func run(_ prompt: Prompt, _ emit: Emit) async throws -> ResponseSummary {
    let open = TurnTrace.current.flatMap { $0.tracer === tracer ? $0 : nil }
    let turn = open ?? TurnTrace(prompt, tracer: tracer)
    let attempt = generation.map { AttemptTrace($0, prompt, in: turn) }
    do {
      let summary = try await TurnTrace.$current.withValue(turn) {
        try await call(prompt) { event in
          attempt?.note(event)
          if open == nil, let event = TurnEvent(event) { turn.note(event) }
          try await emit(event)
        }
      }
      attempt?.end(.success(summary))
      if open == nil { turn.end(.answered(summary.state)) }
      return summary
    } catch {
      attempt?.end(.failure(error))
      if open == nil { turn.end(TurnRecord.Ending(error)) }
      throw error
    }
  }
}

extension TurnEvent {
  /// The same event, as a turn tells it, if it does.
  fileprivate init?(_ event: ResponseEvent) {
    switch event {
    case .text(let text): self = .text(text)
    case .fallback(let notice): self = .fallback(notice)
    case .broken: return nil
    }
  }
}
