/// One turn while it runs, and the writer that its responder writes to.
///
/// The one record of the answer: its text, when it began, and what is known of its ending.
struct TurnRun<Reader: TurnReader>: AnswerWriter {
  private let service: ChatService
  private let place: ConversationMemory.Conversation
  private let options: TurnOptions
  private let reader: Reader
  private let beganAt: Timestamp
  private var question: Message
  /// When the responder was asked.
  private var askedAt: Timestamp?
  /// Whether the session store took what was stored last.
  private var isWarm = false
  /// The text since the last tool round.
  private var text = ""
  private var firstTextAt: Timestamp?
  private var known: ResponseSummary?
  private var rounds: [Message] = []
  /// The number of the turn's latest message: see ``MessageID/step(_:)``.
  private var lastStep: UInt16 = 1
  let observation: (any TurnObservation)?

  init(
    _ question: Message, in place: ConversationMemory.Conversation, options: TurnOptions,
    service: ChatService, reader: Reader
  ) {
    self.service = service
    self.place = place
    self.options = options
    self.reader = reader
    self.question = question
    beganAt = question.createdAt
    observation = service.observer?.turnBegins(question, in: place.id, as: place.user)
  }

  /// Runs the turn to its end.
  mutating func turn() async throws -> Turn {
    var events: [TurnEvent] = []
    let asked: ChatService.Asked
    do {
      asked = try await service.store(question, in: place, events: &events)
    } catch {
      try? await tell(events)
      throw error
    }
    question = asked.question
    isWarm = asked.isWarm
    try await tell(events)
    if let answer = asked.storedAnswer {
      try await tell([.text(answer.content)])
      return Turn(question: question, answer: answer, isReplay: true)
    }
    lastStep = asked.history.reduce(1) { max($0, $1.id.stepNumber(of: question.id)) }
    let window =
      options.tokenBudget.map {
        PromptWindow(tokenCountMax: max($0, 1), estimate: service.window.estimate)
      } ?? service.window
    let prompt = Prompt(
      conversation: place.id, user: place.user,
      instruction: options.instruction ?? service.instruction,
      messages: window.messages(for: question, in: asked.history), model: options.model,
      tools: options.tools, format: options.format)
    askedAt = service.time.now()
    do {
      return try await finish(
        .success(try await service.responder.respond(to: prompt, into: &self)))
    } catch let error as StorageFailure {
      throw error.reason
    } catch {
      return try await finish(.failure(error))
    }
  }

  mutating func write(_ part: AnswerPart) async throws {
    switch part {
    case .text(let piece):
      guard !piece.isEmpty else { return }
      if firstTextAt == nil { firstTextAt = service.time.now() }
      try await tell([.text(piece)])
      // What the reader has is in the archive, and nothing else.
      text += piece
    case .toolCalls(let calls):
      let now = service.time.now()
      let details = AnswerDetails(
        state: .complete, model: known?.model, finishReason: known?.finishReason,
        responseID: known?.responseID, startedAt: askedAt)
      try await storeStep(
        Message(
          id: nextStep(), role: .assistant, content: text, createdAt: now, answer: details,
          toolCalls: calls))
      text = ""
      try await tell(calls.map { .toolCall($0) })
    case .toolResult(let result):
      try await storeStep(
        Message(
          id: nextStep(), role: .tool, content: result.content, createdAt: service.time.now(),
          resultOf: result.call))
      try await tell([.toolResult(result)])
    case .fallback(let notice):
      known = nil
      service.events.tell(.fallback(place.id, notice))
      try await tell([.fallback(notice)])
    case .progress(let summary):
      known = summary
    }
  }

  /// What the turn amounts to in figures.
  func report(of result: Result<Turn, any Error>, at now: Timestamp) -> TurnReport {
    let answer = (try? result.get())?.answer.answer
    let outcome: TurnReport.Outcome =
      switch result {
      case .success(let turn) where turn.isReplay: .replayed
      case .success: TurnReport.Outcome(answer?.state ?? .complete)
      case .failure(is ArchiveError), .failure(is JournalError): .refused
      case .failure: .stopped
      }
    return TurnReport(
      conversation: place.id, question: question.id, outcome: outcome, duration: now - beganAt,
      timeToFirstText: firstTextAt.map { $0 - beganAt }, model: answer?.model ?? known?.model,
      usage: answer?.usage ?? known?.usage,
      toolCallCount: rounds.reduce(0) { $0 + $1.toolCalls.count })
  }

  /// An error of the tiers, which a responder passes on and which no responder made.
  private struct StorageFailure: Error {
    let reason: any Error
  }

  private mutating func nextStep() -> MessageID {
    lastStep += 1
    return question.id.step(lastStep)
  }

  /// Makes a message of a tool round durable.
  private mutating func storeStep(_ message: Message) async throws {
    let stored: ChatService.Stored
    do {
      stored = try await service.store(message, in: place, isWarm: isWarm)
    } catch {
      throw StorageFailure(reason: error)
    }
    if let earlier = stored.earlier, earlier.toolCalls != message.toolCalls {
      throw StorageFailure(
        reason: ArchiveError(
          code: .idTaken, reason: "another program is answering the same question"))
    }
    isWarm = stored.isWarm
    rounds.append(message)
    try await tell(stored.events)
  }

  private mutating func finish(_ outcome: Result<ResponseSummary, any Error>) async throws -> Turn {
    var failure: ResponderError?
    var interruption: (any Error)?
    let state: AnswerState
    switch outcome {
    case .success(let summary):
      known = summary
      state = summary.state
    case .failure(let error as ResponderError):
      failure = error
      state = text.isEmpty ? .error : .partial
      if text.isEmpty { text = error.reason }
    case .failure(let error):
      interruption = error
      state = .partial
      // Nothing was shown, so there is nothing to store.
      guard !text.isEmpty else { throw error }
    }
    let now = service.time.now()
    let answer = Message(
      // A failure keeps the answer's own id free for the turn that is tried again.
      id: state == .error ? .generate(at: now) : question.id.answer, role: .assistant,
      content: text, createdAt: now,
      answer: AnswerDetails(
        state: state, model: known?.model, usage: known?.usage, finishReason: known?.finishReason,
        responseID: known?.responseID, startedAt: askedAt))
    let stored = try await service.store(answer, in: place, isWarm: isWarm)
    if let interruption { throw interruption }
    try await tell(stored.events)
    if let earlier = stored.earlier {
      return Turn(question: question, answer: earlier, isReplay: true)
    }
    return Turn(question: question, rounds: rounds, answer: answer, failure: failure)
  }

  private func tell(_ events: [TurnEvent]) async throws {
    for event in events {
      observation?.note(event)
      try await reader.take(event)
    }
  }
}

extension TurnReport.Outcome {
  fileprivate init(_ state: AnswerState) {
    switch state {
    case .complete: self = .complete
    case .partial: self = .partial
    case .fallback: self = .fallback
    case .error: self = .error
    }
  }
}

/// Watches the turns of a service: a tracer. Its calls must not wait.
public protocol TurnObserver: Sendable {
  /// A turn begins with `question`. Returns what is told the rest; nil leaves the turn out.
  func turnBegins(
    _ question: Message, in conversation: ConversationID, as user: UserID
  ) -> (any TurnObservation)?
  /// Drops what waits to be sent of a user, and returns how much that was.
  func forget(_ user: UserID) -> Int
}

extension TurnObserver {
  /// Nothing: right for an observer that keeps nothing.
  public func forget(_ user: UserID) -> Int { 0 }
}

/// Is told what happens in one turn. Its calls must not wait.
public protocol TurnObservation: Sendable {
  /// Something happened.
  func note(_ event: TurnEvent)
  /// The turn has ended. Called once.
  func end(_ result: Result<Turn, any Error>)
}
