/// Runs the turns of conversations on both tiers.
///
/// A turn stores the question in the archive, makes it warm, asks the responder with the window, and
/// stores the answer in both. The user's message is durable before the responder is asked, the
/// answer before the turn is done. If the warm copy is missing or is not what the archive holds, it
/// is paged in first: the responder never sees a history that the archive does not hold. If the
/// fast tier fails, the archive serves alone.
///
/// Any number of tasks may use one service; it has no isolation of its own.
public final class ChatService: Sendable {
  /// Whose sessions share one limit.
  public enum Scoping: Sendable, Hashable {
    /// All users' together.
    case shared
    /// Each user's apart.
    case perUser
  }

  /// The fast tier.
  public let sessions: any SessionStore
  /// The permanent tier.
  public let archive: any ConversationArchive

  private let responder: any Responder
  let memory: ConversationMemory
  private let scoping: Scoping
  private let instruction: String?
  private let window: PromptWindow
  private let time: any TimeSource

  /// A service on two tiers.
  ///
  /// - Parameters:
  ///   - instruction: Stands above every conversation.
  ///   - window: Chooses what the responder is sent.
  public init(
    sessions: any SessionStore, archive: any ConversationArchive, responder: any Responder,
    scoping: Scoping = .shared, instruction: String? = nil, window: PromptWindow = PromptWindow(),
    time: any TimeSource = SystemTimeSource()
  ) {
    self.sessions = sessions
    self.archive = archive
    self.responder = responder
    self.scoping = scoping
    self.instruction = instruction
    self.window = window
    self.time = time
    memory = ConversationMemory(sessions: sessions, archive: archive)
  }

  /// Runs one turn: `text` is said, and answered.
  ///
  /// Cancelling the task stops the answer; what was shown of it is stored as
  /// ``AnswerState/partial``, and `CancellationError` is thrown. The same holds when `report`
  /// throws, whose error is then thrown.
  ///
  /// - Parameters:
  ///   - conversation: A new name begins a new conversation.
  ///   - questionID: Names the question. A turn that is run again under the same name changes
  ///     nothing, and gives the answer that is stored.
  ///   - report: Takes what happens, in order; the turn waits for it.
  /// - Throws: ``EmptyMessage``; ``ArchiveError`` when the archive cannot take the question
  ///   (nothing was stored) or the answer (it was shown, but is not durable). A responder's failure
  ///   is not thrown: it is in ``Turn/failure``, and the answer is stored as partial or error.
  public func ask(
    _ text: String, in conversation: ConversationID, as user: UserID,
    questionID: MessageID? = nil,
    report: @Sendable (TurnEvent) async throws -> Void = { _ in }
  ) async throws -> Turn {
    guard !text.allSatisfy(\.isWhitespace) else { throw EmptyMessage() }
    let place = self.place(conversation, user)
    let askedAt = time.now()
    var question = Message(
      id: questionID ?? .generate(at: askedAt), role: .user, content: text, createdAt: askedAt)
    let receipt = try await archive.append(question, to: conversation, of: user)
    if !receipt.isNew {
      // What is stored is what was asked, whatever comes along under the same name now.
      let stored = try await archive.message(question.id, in: conversation, of: user)
      question = stored ?? question
      if let turn = try await storedTurn(question, in: place) {
        try await report(.text(turn.answer.content))
        return turn
      }
    }
    let warmed = try await memory.warm(
      question, following: receipt.previous, in: place, wantsHistory: true, report: report)
    let prompt = Prompt(
      conversation: conversation, instruction: instruction,
      messages: window.messages(for: question, in: warmed.history))
    return try await answer(
      question, prompt, in: place, isWarm: warmed.isWarm, report: report)
  }

  /// Makes a conversation warm, from the archive if need be. One that is new becomes an empty
  /// session.
  ///
  /// - Throws: ``ArchiveError`` with ``ArchiveError/Code/notFound`` when the session store holds
  ///   messages of a conversation that is not the user's; ``SessionStoreError`` when the session
  ///   store fails.
  @discardableResult
  public func open(
    _ conversation: ConversationID, as user: UserID,
    report: @Sendable (TurnEvent) async throws -> Void = { _ in }
  ) async throws -> WarmSession {
    let place = self.place(conversation, user)
    let newest = try await archive.newestMessages(in: conversation, of: user, limit: 1).last
    let reply = try await sessions.open(conversation, in: place.scope)
    try await memory.reportAll(reply.removals, report)
    if let session = reply.value, session.messages.last?.id == newest?.id { return session }
    if newest == nil, reply.value != nil {
      throw ArchiveError(code: .notFound, reason: "no such conversation")
    }
    return try await memory.pageIn(place, report: report).session
  }

  /// The warm sessions that share a limit with `user`'s, most recently used first. Uses none.
  public func warmSessions(as user: UserID) async throws -> StoreReply<[SessionSummary]> {
    try await sessions.list(in: scope(of: user))
  }

  /// Removes a conversation from both tiers, for good.
  ///
  /// The archive comes first: a warm copy that could not be removed after it is never used again,
  /// for it no longer agrees with the archive, and expires.
  ///
  /// - Throws: ``ArchiveError``, with ``ArchiveError/Code/notFound`` for another user's.
  public func delete(
    _ conversation: ConversationID, as user: UserID,
    report: @Sendable (TurnEvent) async throws -> Void = { _ in }
  ) async throws -> DeletionCounts {
    let counts = try await archive.delete(conversation, of: user)
    do {
      let reply = try await sessions.close(conversation, in: scope(of: user))
      try await memory.reportAll(reply.removals, report)
    } catch let error as SessionStoreError {
      try await report(.sessionStoreFailed(error))
    }
    return counts
  }

  private func scope(of user: UserID) -> Scope {
    switch scoping {
    case .shared: .shared
    case .perUser: .user(user)
    }
  }

  private func place(
    _ conversation: ConversationID, _ user: UserID
  ) -> ConversationMemory.Conversation {
    ConversationMemory.Conversation(id: conversation, user: user, scope: scope(of: user))
  }

  private func storedTurn(
    _ question: Message, in place: ConversationMemory.Conversation
  ) async throws -> Turn? {
    let answer = try await archive.message(question.id.answer, in: place.id, of: place.user)
    return answer.map { Turn(question: question, answer: $0, failure: nil, isReplay: true) }
  }

  private func answer(
    _ question: Message, _ prompt: Prompt, in place: ConversationMemory.Conversation,
    isWarm: Bool, report: @Sendable (TurnEvent) async throws -> Void
  ) async throws -> Turn {
    let startedAt = time.now()
    let shown = Locked("")
    let outcome: Result<ResponseSummary, any Error>
    do {
      let summary = try await responder.respond(to: prompt) { event in
        switch event {
        case .text(let text):
          // Kept before it is shown: what a reader that fails has seen is in the archive.
          shown.withLock { $0 += text }
          try await report(.text(text))
        case .fallback(let notice): try await report(.fallback(notice))
        }
      }
      outcome = .success(summary)
    } catch {
      outcome = .failure(error)
    }
    let ending = AnswerEnding(outcome, shown: shown.withLock { $0 }, startedAt: startedAt)
    guard let details = ending.details else { throw ending.interruption ?? CancellationError() }
    // A failure keeps the answer's own name free for the turn that is tried again.
    let id = details.state == .error ? MessageID.generate(at: time.now()) : question.id.answer
    let answer = Message(
      id: id, role: .assistant, content: ending.text, createdAt: time.now(), answer: details)
    let stored = try await finish(
      answer, to: question, in: place, isWarm: isWarm, ending: ending, report: report)
    if let interruption = ending.interruption { throw interruption }
    return stored
  }

  /// Stores an answer in both tiers, also when the task is cancelled. A session store that failed
  /// the question is not waited for again: what it holds then is out of date, and is not used.
  private func finish(
    _ answer: Message, to question: Message, in place: ConversationMemory.Conversation,
    isWarm: Bool, ending: AnswerEnding, report: @Sendable (TurnEvent) async throws -> Void
  ) async throws -> Turn {
    let (memory, archive) = (memory, archive)
    let events = Locked<[TurnEvent]>([])
    let receipt = try await Task {
      let receipt = try await archive.append(answer, to: place.id, of: place.user)
      if receipt.isNew, isWarm {
        _ = try await memory.warm(
          answer, following: receipt.previous, in: place, wantsHistory: false
        ) { event in events.withLock { $0.append(event) } }
      }
      return receipt
    }.value
    if ending.interruption == nil {
      for event in events.withLock({ $0 }) { try await report(event) }
    }
    if !receipt.isNew, let turn = try await storedTurn(question, in: place) { return turn }
    return Turn(question: question, answer: answer, failure: ending.failure, isReplay: false)
  }
}
