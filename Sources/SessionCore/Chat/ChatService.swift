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

  let responder: any Responder
  let memory: ConversationMemory
  let link: ArchiveLink
  let log: ServiceLog
  let scoping: Scoping
  let owners = Ownership()
  private let turns = RunningTurns()
  let instruction: String?
  let window: PromptWindow
  let observer: (any TurnObserver)?
  private let budget: TurnBudget
  let time: any TimeSource

  /// A service on two tiers that are wired for outages: while `sessions` is away a store in memory
  /// stands in for it, and while `archive` is away messages wait in the journal, which drains by
  /// itself when the archive is back. Both tell what happens in one hub.
  ///
  /// - Parameters:
  ///   - sessions: The fast tier.
  ///   - archive: The permanent tier.
  ///   - responder: Answers.
  ///   - journal: The path of the journal's file, in a directory that is there and that others
  ///     cannot write to. Nil: turns are refused while the archive is away.
  ///   - scoping: Whose sessions share one limit.
  ///   - instruction: Stands above every conversation.
  ///   - window: Chooses what the responder is sent.
  ///   - budget: How long a turn waits for each tier.
  ///   - events: Told what happens.
  ///   - observer: Watches each turn: a tracer.
  /// - Throws: ``JournalError`` when the journal cannot be opened.
  public convenience init(
    sessions: any SessionStore, archive: any ConversationArchive, responder: any Responder,
    journal: String?, scoping: Scoping = .perUser, instruction: String? = nil,
    window: PromptWindow = PromptWindow(), budget: TurnBudget = TurnBudget(),
    events: EventHub = EventHub(), observer: (any TurnObserver)? = nil
  ) throws(JournalError) {
    var opened: MessageJournal?
    if let journal { opened = try MessageJournal(path: journal, events: events) }
    self.init(
      sessions: FailoverSessionStore(sessions, events: events), archive: archive,
      responder: responder, scoping: scoping, instruction: instruction, window: window,
      journal: opened, budget: budget, events: events, observer: observer)
  }

  /// A service on two tiers, as they are.
  ///
  /// - Parameters:
  ///   - sessions: The fast tier. An outage of it is bridged by the archive alone, unless it is a
  ///     ``FailoverSessionStore``.
  ///   - archive: The permanent tier.
  ///   - responder: Answers.
  ///   - scoping: Whose sessions share one limit.
  ///   - instruction: Stands above every conversation.
  ///   - window: Chooses what the responder is sent.
  ///   - journal: Takes the messages of turns while the archive is away. Without one, such turns
  ///     are refused.
  ///   - budget: How long a turn waits for each tier.
  ///   - events: Told what happens.
  ///   - observer: Watches each turn: a tracer.
  ///   - time: Dates messages, and tells when a server that is away is tried again.
  public convenience init(
    sessions: any SessionStore, archive: any ConversationArchive, responder: any Responder,
    scoping: Scoping = .perUser, instruction: String? = nil, window: PromptWindow = PromptWindow(),
    journal: MessageJournal? = nil, budget: TurnBudget = TurnBudget(),
    events: EventHub = EventHub(), observer: (any TurnObserver)? = nil,
    time: any TimeSource = SystemTimeSource()
  ) {
    self.init(
      sessions: sessions, archive: archive, responder: responder, scoping: scoping,
      instruction: instruction, window: window, journal: journal, budget: budget, events: events,
      observer: observer, time: time, drainsByItself: true)
  }

  /// - Parameter drainsByItself: False: each turn sends what waits in the journal first, and nobody
  ///   else does; for tests that count calls.
  package init(
    sessions: any SessionStore, archive: any ConversationArchive, responder: any Responder,
    scoping: Scoping, instruction: String? = nil, window: PromptWindow = PromptWindow(),
    journal: MessageJournal?, budget: TurnBudget = TurnBudget(), events: EventHub,
    observer: (any TurnObserver)? = nil, time: any TimeSource, drainsByItself: Bool
  ) {
    self.sessions = sessions
    self.archive = archive
    self.responder = responder
    self.scoping = scoping
    self.instruction = instruction
    self.window = window
    self.journal = journal
    self.budget = budget
    self.events = events
    self.observer = observer
    self.time = time
    link = ArchiveLink(
      archive, journal: journal, time: time, events: events, budget: budget,
      drainsByItself: drainsByItself)
    log = ServiceLog(events: events)
    memory = ConversationMemory(sessions: sessions, link: link, log: log)
    // What an earlier run left.
    link.drainer?.wake()
  }

  /// Keeps the service going until the task is cancelled, and closes it then: the shape that
  /// service runners want.
  public func run() async {
    let end = AsyncStream<Never>.makeStream()
    for await _ in end.stream {}
    // The end is not to be cut short by what asked for it.
    await Task { await close() }.value
  }

  /// Ends the service: new turns are refused, those in a sequence are stopped and keep what was
  /// read, and the others are waited for; what waits in the journal is sent, as far as that takes
  /// no longer than `limit`; the connections of both tiers are closed. Safe to call again.
  ///
  /// - Parameter limit: How long the journal may take. 2 s.
  public func close(within limit: Duration = .seconds(2)) async {
    await turns.close()
    await link.drainer?.stop()
    if let journal, !journal.isEmpty {
      let link = link
      _ = try? await withinDeadline(limit) { try await link.flush() }
    }
    await sessions.close()
    await archive.close()
  }

  /// What the service has counted so far.
  ///
  /// - Complexity: O(1); waits for nothing.
  public var statistics: ServiceStatistics {
    var statistics = log.statistics
    statistics.journalDepth = journal?.depth ?? 0
    return statistics
  }

  /// Runs one turn: `text` is said, and answered. The events of the turn come as a sequence, which
  /// ends with ``TurnEvent/finished(_:)``; see ``TurnStream`` for how it is read and left.
  ///
  /// It costs two commits of the archive and two calls of the session store when the conversation
  /// is warm, one page-in more when it is not, and one commit and one call more for each tool round
  /// and each result in it.
  ///
  /// - Parameters:
  ///   - text: What is said; not blank.
  ///   - conversation: A new name begins a new conversation.
  ///   - user: Who says it.
  ///   - options: What is special about this turn.
  /// - Returns: The sequence. It throws what ``ask(_:in:as:options:)`` throws.
  public func stream(
    _ text: String, in conversation: ConversationID, as user: UserID,
    options: TurnOptions = TurnOptions()
  ) -> TurnStream {
    var options = options
    options.questionID = options.questionID ?? .generate(at: time.now())
    return TurnStream { [options] channel, stop in
      try await self.turns.run(stop: stop) {
        _ = try await self.run(text, in: conversation, as: user, options: options, reader: channel)
      }
    }
  }

  /// Runs one turn as ``stream(_:in:as:options:)`` does, and returns it whole.
  ///
  /// Cancelling the task stops the answer; what had come of it is stored as
  /// ``AnswerState/partial``, and `CancellationError` is thrown.
  ///
  /// - Parameters:
  ///   - text: What is said; not blank.
  ///   - conversation: A new name begins a new conversation.
  ///   - user: Who says it.
  ///   - options: What is special about this turn.
  /// - Throws: ``EmptyMessage``; ``ServiceClosed``. ``ArchiveError`` when the archive cannot take
  ///   the question (nothing was stored) or a later message of the turn (it was shown, but is not
  ///   durable); with ``ArchiveError/Code/unavailable``, there is no journal or the session store
  ///   is away too.
  ///   ``JournalError`` when the archive is away and the journal cannot take the message. A
  ///   responder's failure is not thrown: it is in ``Turn/failure``, and the answer is stored as
  ///   partial or error.
  public func ask(
    _ text: String, in conversation: ConversationID, as user: UserID,
    options: TurnOptions = TurnOptions()
  ) async throws -> Turn {
    try await turns.run {
      try await run(text, in: conversation, as: user, options: options, reader: NoReader())
    }
  }

  private func run<Reader: TurnReader>(
    _ text: String, in conversation: ConversationID, as user: UserID, options: TurnOptions,
    reader: Reader
  ) async throws -> Turn {
    guard !text.allSatisfy(\.isWhitespace) else { throw EmptyMessage() }
    let askedAt = time.now()
    let question = Message(
      id: options.questionID ?? .generate(at: askedAt), role: .user, content: text,
      createdAt: askedAt, metadata: options.metadata)
    var run = TurnRun(
      question, in: place(conversation, user), options: options, service: self, reader: reader)
    let result: Result<Turn, any Error>
    do {
      result = .success(
        try await TurnAllowance.$current.withValue(TurnAllowance(budget)) { try await run.turn() })
    } catch {
      result = .failure(error)
    }
    run.observation?.end(result)
    events.tell(.turnFinished(run.report(of: result, at: time.now())))
    let turn = try result.get()
    // The turn is done, whether its reader waits for the news or not.
    try? await reader.take(.finished(turn))
    return turn
  }

  /// Makes a question durable and its conversation warm.
  func store(
    _ question: Message, in place: ConversationMemory.Conversation, events: inout [TurnEvent]
  ) async throws -> Asked {
    switch try await link.append(question, to: place.id, of: place.user) {
    case .stored(let receipt):
      owners.learn(place.id, is: place.user, at: question.createdAt)
      do {
        return try await warm(question, receipt, in: place, events: &events)
      } catch let error as ArchiveError where error.code == .unavailable {
        // The archive went away behind the question, which is stored: the turn goes on as without
        // an archive.
        guard let journal else { throw error }
        let known = try await knownMessages(
          of: place, in: journal, because: error, events: &events)
        let isKnown = known.messages.contains { $0.id == question.id }
        return Asked(question: question, history: known.messages + (isKnown ? [] : [question]))
      }
    case .away(let error):
      return try await keep(question, in: place, because: error, events: &events)
    }
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
    events: inout [TurnEvent]
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
      // What stands behind it (a round of tools, somebody's answer) may be missing in a warm copy
      // that ends with it, and a first message would make a session of its own.
      let newest = try await link.watched { [archive] in
        try await archive.newestMessages(in: place.id, of: place.user, limit: 1).last
      }
      if newest?.id != question.id {
        let paged = try await memory.pageIn(place, events: &events)
        return Asked(
          question: question, history: paged.session.messages, isWarm: paged.storeError == nil)
      }
    }
    let warmed = try await memory.warm(
      question, following: receipt.previous, isNew: receipt.isNew, in: place, wantsHistory: true,
      events: &events)
    return Asked(question: question, history: warmed.history, isWarm: warmed.isWarm)
  }

  private func message(
    _ id: MessageID, in place: ConversationMemory.Conversation
  ) async throws -> Message? {
    try await link.watched { [archive] in
      try await archive.message(id, in: place.id, of: place.user)
    }
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

  /// What came of storing a message behind a question.
  struct Stored: Sendable {
    /// The message that is stored under the id already, if there is one.
    var earlier: Message?
    /// Whether the session store took the message.
    var isWarm = false
    var events: [TurnEvent] = []
  }

  /// Makes an answer or a part of a tool round durable, and warm if that is worth trying, also when
  /// the task is cancelled. A session store that failed before is not waited for again: what it
  /// holds then is out of date, and is not used.
  func store(
    _ message: Message, in place: ConversationMemory.Conversation, isWarm: Bool
  ) async throws -> Stored {
    try await Task { try await storeHere(message, in: place, isWarm: isWarm) }.value
  }

  private func storeHere(
    _ message: Message, in place: ConversationMemory.Conversation, isWarm: Bool
  ) async throws -> Stored {
    var stored = Stored()
    switch try await link.append(message, to: place.id, of: place.user) {
    case .stored(let receipt):
      guard receipt.isNew else {
        stored.earlier = try await self.message(message.id, in: place)
        return stored
      }
      guard isWarm else { return stored }
      let warmed = try await memory.warm(
        message, following: receipt.previous, isNew: true, in: place, wantsHistory: false,
        events: &stored.events)
      stored.isWarm = warmed.isWarm
    case .away(let error):
      guard let journal else { throw error }
      if try await link.keep(message, of: place.id, place.user, in: journal) { return stored }
      stored.earlier = try await journal.messages(in: place.id, of: place.user)
        .first { $0.id == message.id }
    }
    return stored
  }
}
