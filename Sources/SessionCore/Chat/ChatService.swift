/// Runs the turns of conversations on both tiers.
///
/// A turn stores the question in the archive, makes it warm, asks the responder with the window,
/// and stores the answer in both. The user's message is durable before the responder is asked, the
/// answer before the turn is done. If the warm copy is missing or is not what the archive holds, it
/// is paged in first: the responder never sees a history that the archive does not hold.
///
/// If the fast tier fails, the archive serves alone. If the archive is away and there is a journal,
/// messages wait in it, and the responder sees the warm copy with what waits behind it. If both are
/// away, turns are refused.
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
  /// Where messages wait while the archive is away.
  public let journal: MessageJournal?
  /// Tells what happens. A journal and a session store that were made with the same hub tell their
  /// part there.
  public let events: EventHub

  private let responder: any Responder
  let memory: ConversationMemory
  let link: ArchiveLink
  let log: ServiceLog
  let scoping: Scoping
  let owners = Ownership()
  private let instruction: String?
  private let window: PromptWindow
  let time: any TimeSource

  /// A service on two tiers.
  ///
  /// - Parameters:
  ///   - sessions: The fast tier.
  ///   - archive: The permanent tier.
  ///   - responder: Answers.
  ///   - scoping: Whose sessions share one limit.
  ///   - instruction: Stands above every conversation.
  ///   - window: Chooses what the responder is sent.
  ///   - journal: Takes the messages of turns while the archive is away. Without one, such turns
  ///     are refused.
  ///   - events: Told what happens.
  ///   - time: Dates messages, and tells when a server that is away is tried again.
  public init(
    sessions: any SessionStore, archive: any ConversationArchive, responder: any Responder,
    scoping: Scoping = .shared, instruction: String? = nil, window: PromptWindow = PromptWindow(),
    journal: MessageJournal? = nil, events: EventHub = EventHub(),
    time: any TimeSource = SystemTimeSource()
  ) {
    self.sessions = sessions
    self.archive = archive
    self.responder = responder
    self.scoping = scoping
    self.instruction = instruction
    self.window = window
    self.journal = journal
    self.events = events
    self.time = time
    link = ArchiveLink(archive, journal: journal, time: time, events: events)
    log = ServiceLog(events: events)
    memory = ConversationMemory(sessions: sessions, link: link, log: log)
  }

  /// What the service has counted so far.
  ///
  /// - Complexity: O(1); waits for nothing.
  public var statistics: ServiceStatistics {
    var statistics = log.statistics
    statistics.journalDepth = journal?.depth ?? 0
    return statistics
  }

  /// Runs one turn: `text` is said, and answered.
  ///
  /// Cancelling the task stops the answer; what was shown of it is stored as
  /// ``AnswerState/partial``, and `CancellationError` is thrown. The same holds when `report`
  /// throws, whose error is then thrown.
  ///
  /// It costs two commits of the archive and two calls of the session store when the conversation
  /// is warm, and one page-in more when it is not.
  ///
  /// - Parameters:
  ///   - text: What is said; not blank.
  ///   - conversation: A new name begins a new conversation.
  ///   - user: Who says it.
  ///   - questionID: Names the question. A turn that is run again under the same name changes
  ///     nothing, and gives the answer that is stored.
  ///   - report: Takes what happens, in order; the turn waits for it.
  /// - Throws: ``EmptyMessage``. ``ArchiveError`` when the archive cannot take the question
  ///   (nothing was stored) or the answer (it was shown, but is not durable); with
  ///   ``ArchiveError/Code/unavailable``, there is no journal or the session store is away too.
  ///   ``JournalError`` when the archive is away and the journal cannot take the message. A
  ///   responder's failure is not thrown: it is in ``Turn/failure``, and the answer is stored as
  ///   partial or error.
  public func ask(
    _ text: String, in conversation: ConversationID, as user: UserID,
    questionID: MessageID? = nil,
    report: @Sendable (TurnEvent) async throws -> Void = { _ in }
  ) async throws -> Turn {
    guard !text.allSatisfy(\.isWhitespace) else { throw EmptyMessage() }
    let place = self.place(conversation, user)
    let askedAt = time.now()
    let question = Message(
      id: questionID ?? .generate(at: askedAt), role: .user, content: text, createdAt: askedAt)
    let asked: Asked
    switch try await link.append(question, to: conversation, of: user) {
    case .stored(let receipt):
      owners.learn(conversation, is: user, at: askedAt)
      asked = try await warm(question, receipt, in: place, report: report)
    case .away(let error):
      asked = try await keep(question, in: place, because: error, report: report)
    }
    if let answer = asked.storedAnswer {
      try await report(.text(answer.content))
      return Turn(question: asked.question, answer: answer, failure: nil, isReplay: true)
    }
    let prompt = Prompt(
      conversation: conversation, instruction: instruction,
      messages: window.messages(for: asked.question, in: asked.history))
    return try await answer(
      asked.question, prompt, in: place, isWarm: asked.isWarm, report: report)
  }

  /// A question that is durable, and what is known of its conversation.
  struct Asked {
    /// The question as it is stored.
    let question: Message
    /// The conversation up to the question at least.
    var history: [Message] = []
    /// Whether the session store took the question, so that it is worth giving it the answer.
    var isWarm = false
    /// The answer, if the turn had been done before.
    var storedAnswer: Message?
  }

  private func warm(
    _ asked: Message, _ receipt: AppendReceipt, in place: ConversationMemory.Conversation,
    report: @Sendable (TurnEvent) async throws -> Void
  ) async throws -> Asked {
    var question = asked
    if !receipt.isNew {
      // What is stored is what was asked, whatever comes along under the same name now.
      question = try await message(asked.id, in: place) ?? asked
      if let answer = try await message(asked.id.answer, in: place) {
        return Asked(question: question, storedAnswer: answer)
      }
      if receipt.isRewound {
        throw ArchiveError(code: .rewound, reason: "this question was taken back")
      }
    }
    let warmed = try await memory.warm(
      question, following: receipt.previous, isNew: receipt.isNew, in: place, wantsHistory: true,
      report: report)
    return Asked(question: question, history: warmed.history, isWarm: warmed.isWarm)
  }

  private func message(
    _ id: MessageID, in place: ConversationMemory.Conversation
  ) async throws -> Message? {
    try await link.watched { try await archive.message(id, in: place.id, of: place.user) }
  }

  func scope(of user: UserID) -> Scope {
    switch scoping {
    case .shared: .shared
    case .perUser: .user(user)
    }
  }

  func place(_ conversation: ConversationID, _ user: UserID) -> ConversationMemory.Conversation {
    ConversationMemory.Conversation(id: conversation, user: user, scope: scope(of: user))
  }

  private func answer(
    _ question: Message, _ prompt: Prompt, in place: ConversationMemory.Conversation,
    isWarm: Bool, report: @Sendable (TurnEvent) async throws -> Void
  ) async throws -> Turn {
    let startedAt = time.now()
    let seen = Locked((text: "", known: ResponseSummary?.none))
    let outcome: Result<ResponseSummary, any Error>
    do {
      let summary = try await responder.respond(to: prompt) { event in
        switch event {
        case .text(let text):
          // Kept before it is shown: what a reader that fails has seen is in the archive.
          seen.withLock { $0.text += text }
          try await report(.text(text))
        case .fallback(let notice):
          seen.withLock { $0.known = nil }
          events.tell(.fallback(prompt.conversation, notice))
          try await report(.fallback(notice))
        case .broken(let summary):
          seen.withLock { $0.known = summary }
        }
      }
      outcome = .success(summary)
    } catch {
      outcome = .failure(error)
    }
    let (shown, known) = seen.withLock { $0 }
    let ending = AnswerEnding(outcome, shown: shown, known: known, startedAt: startedAt)
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

  /// Makes an answer durable, and warm if that is worth trying, also when the task is cancelled. A
  /// session store that failed the question is not waited for again: what it holds then is out of
  /// date, and is not used.
  private func finish(
    _ answer: Message, to question: Message, in place: ConversationMemory.Conversation,
    isWarm: Bool, ending: AnswerEnding, report: @Sendable (TurnEvent) async throws -> Void
  ) async throws -> Turn {
    let reported = Locked<[TurnEvent]>([])
    let stored = try await Task {
      try await store(answer, to: question, in: place, isWarm: isWarm) { event in
        reported.withLock { $0.append(event) }
      }
    }.value
    if ending.interruption == nil {
      for event in reported.withLock({ $0 }) { try await report(event) }
    }
    if let stored { return Turn(question: question, answer: stored, failure: nil, isReplay: true) }
    return Turn(question: question, answer: answer, failure: ending.failure, isReplay: false)
  }

  /// Returns the answer that was stored before under the same name, if there was one.
  private func store(
    _ answer: Message, to question: Message, in place: ConversationMemory.Conversation,
    isWarm: Bool, report: ConversationMemory.Report
  ) async throws -> Message? {
    switch try await link.append(answer, to: place.id, of: place.user) {
    case .stored(let receipt):
      guard receipt.isNew else { return try await message(answer.id, in: place) }
      if isWarm {
        _ = try await memory.warm(
          answer, following: receipt.previous, isNew: true, in: place, wantsHistory: false,
          report: report)
      }
      return nil
    case .away(let error):
      guard let journal else { throw error }
      if try await link.keep(answer, of: place.id, place.user, in: journal) { return nil }
      return try await journal.messages(in: place.id, of: place.user)
        .first { $0.id == answer.id }
    }
  }
}
