public import SessionCore

/// The turn that runs in a task, and in those it starts, as far as it is traced.
final class TurnTrace: Sendable {
  @TaskLocal static var current: TurnTrace?

  let tracer: Tracer
  private let record: Locked<TurnRecord>

  /// A turn of a chat, which begins now.
  init(
    _ question: String, id: MessageID, in conversation: ConversationID, as user: UserID,
    tracer: Tracer
  ) {
    self.tracer = tracer
    record = Locked(
      TurnRecord(
        question, id: id, in: conversation, as: user, loadsContext: true, at: tracer.time.now()))
  }

  /// A turn of which only the prompt is known, which begins now.
  init(_ prompt: Prompt, tracer: Tracer) {
    self.tracer = tracer
    let question = prompt.messages.last { $0.role == .user }
    let now = tracer.time.now()
    record = Locked(
      TurnRecord(
        question?.content ?? "", id: question?.id ?? .generate(at: now), in: prompt.conversation,
        as: nil, loadsContext: false, at: now))
  }

  /// Runs `body` on what is known of the turn.
  func update<Value>(_ body: (inout TurnRecord) -> Value) -> Value { record.withLock(body) }

  /// Takes note of what happens now.
  func note(_ event: TurnEvent) {
    let now = tracer.time.now()
    update { $0.note(event, at: now) }
  }

  /// Hands the spans over: the turn has ended.
  ///
  /// - Parameter answer: What is stored as the answer; without it, what was shown.
  func end(_ ending: TurnRecord.Ending, answer: String? = nil) {
    let record = update { $0 }
    tracer.record(record.spans(ending, answer: answer ?? record.shown, at: tracer.time.now()))
  }
}

extension ChatService {
  /// Runs one turn as ``SessionCore/ChatService/ask(_:in:as:questionID:report:)`` does, and traces
  /// it. The models show in the trace if their responders came from ``Tracer/traced(_:)``.
  ///
  /// A turn that had been done before, so that no model is asked, is not traced again.
  ///
  /// - Parameter tracer: Nil traces nothing.
  /// - Throws: What the turn throws.
  public func ask(
    _ text: String, in conversation: ConversationID, as user: UserID,
    questionID: MessageID? = nil, tracedBy tracer: Tracer?,
    report: @Sendable (TurnEvent) async throws -> Void = { _ in }
  ) async throws -> Turn {
    guard let tracer else {
      return try await ask(
        text, in: conversation, as: user, questionID: questionID, report: report)
    }
    let questionID = questionID ?? .generate(at: tracer.time.now())
    let trace = TurnTrace(text, id: questionID, in: conversation, as: user, tracer: tracer)
    do {
      let turn = try await TurnTrace.$current.withValue(trace) {
        try await ask(text, in: conversation, as: user, questionID: questionID) { event in
          trace.note(event)
          try await report(event)
        }
      }
      if !turn.isReplay || trace.update(\.hasAttempts) {
        trace.end(TurnRecord.Ending(turn), answer: turn.answer.content)
      }
      return turn
    } catch let error as EmptyMessage {
      throw error
    } catch {
      trace.end(TurnRecord.Ending(error))
      throw error
    }
  }
}

extension TurnRecord.Ending {
  /// How a turn that is done ended.
  init(_ turn: Turn) {
    let state = turn.answer.answer?.state ?? .complete
    if let failure = turn.failure, state == .error {
      self.init(failure)
    } else {
      self = .answered(state)
    }
  }
}
