public import SessionCore

/// A turn while it runs, as far as it is traced.
final class TurnTrace: TurnObservation {
  let tracer: Tracer
  let question: MessageID
  private let record: Locked<TurnRecord>

  /// A turn of a chat, which begins now.
  init(
    _ question: Message, in conversation: ConversationID, as user: UserID, tracer: Tracer
  ) {
    self.tracer = tracer
    self.question = question.id
    record = Locked(
      TurnRecord(
        question.content, id: question.id, in: conversation, as: user, loadsContext: true,
        at: tracer.time.now()))
  }

  /// A turn of which only the prompt is known, which begins now.
  init(_ prompt: Prompt, tracer: Tracer) {
    self.tracer = tracer
    let now = tracer.time.now()
    question = prompt.lastQuestion?.id ?? .generate(at: now)
    record = Locked(
      TurnRecord(
        prompt.question, id: question, in: prompt.conversation, as: prompt.user,
        loadsContext: false, at: now))
  }

  /// Runs `body` on what is known of the turn.
  func update<Value>(_ body: (inout TurnRecord) -> Value) -> Value { record.withLock(body) }

  /// Notes what happens now.
  func note(_ event: TurnEvent) {
    let now = tracer.time.now()
    update { $0.note(event, at: now) }
  }

  func end(_ result: Result<Turn, any Error>) {
    switch result {
    // A turn that had been done before asks no model, and is in the trace already.
    case .success(let turn) where turn.isReplay && !update(\.hasAttempts): tracer.close(self)
    case .success(let turn): close(TurnRecord.Ending(turn), answer: turn.answer.content)
    case .failure(let error): close(TurnRecord.Ending(error))
    }
  }

  /// Hands the spans over: the turn has ended.
  ///
  /// - Parameter answer: What is stored as the answer; without it, what the last model said.
  func close(_ ending: TurnRecord.Ending, answer: String? = nil) {
    tracer.close(self)
    let record = update { $0 }
    tracer.record(record.spans(ending, answer: answer ?? record.said, at: tracer.time.now()))
  }
}

extension Tracer: TurnObserver {
  /// Begins the trace of a turn. The models that the turn asks show in it if their responders came
  /// from `traced(_:)-swift.method`.
  public func turnBegins(
    _ question: Message, in conversation: ConversationID, as user: UserID
  ) -> (any TurnObservation)? {
    let turn = TurnTrace(question, in: conversation, as: user, tracer: self)
    open(turn)
    return turn
  }

  /// Drops the spans of a user that wait to be sent. What the server has is not reached.
  public func forget(_ user: UserID) -> Int { dropSpans(of: user) }
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
