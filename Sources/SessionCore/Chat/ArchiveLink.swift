/// The archive as a turn sees it: with the journal in front of it, and what is known of whether it
/// answers.
///
/// A message goes to the archive only when nothing of its conversation waits in the journal, so the
/// order of every conversation is the order in which its messages were said.
struct ArchiveLink: Sendable {
  /// What became of a message.
  enum Appended: Sendable {
    case stored(AppendReceipt)
    /// The archive is away, for this reason: the message is for the journal.
    case away(ArchiveError)
  }

  private struct State {
    var circuit: Circuit
    var lastError = ArchiveLink.away
    /// Whether a write failed: that the archive can be read proves nothing then.
    var needsWrite = false
    /// Whether something of ours waits, or waited. When it does no longer, somebody has flushed it.
    var hasJournaled = false
  }

  let archive: any ConversationArchive
  let journal: MessageJournal?
  private let time: any TimeSource
  private let events: EventHub
  private let budget: TurnBudget
  private let state: Locked<State>
  /// Sends what waits in the background; nil when turns do it.
  private(set) var drainer: JournalDrainer?

  init(
    _ archive: any ConversationArchive, journal: MessageJournal?, time: any TimeSource,
    events: EventHub, budget: TurnBudget, drainsByItself: Bool
  ) {
    self.archive = archive
    self.journal = journal
    self.time = time
    self.events = events
    self.budget = budget
    let pauses = Circuit.Pauses(first: .seconds(1), longest: .seconds(30))
    state = Locked(State(circuit: Circuit(pauses)))
    guard drainsByItself, let journal else { return }
    let link = self
    drainer = JournalDrainer(journal) { try await link.flush() }
  }

  /// Stores a message in the archive, or says that it is away. Without a journal there is nothing
  /// to do about that, and the archive's error is thrown.
  func append(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) async throws -> Appended {
    guard let journal else {
      return .stored(try await send(message, to: thread, of: user))
    }
    if TurnAllowance.isSpent(.archive) { return .away(lastError) }
    let now = time.now()
    let isEmpty = journal.isEmpty
    let mayTry = state.withLock { state in
      // Somebody has flushed what we had to keep, so the archive is there.
      let isFlushed = state.hasJournaled && isEmpty
      if isFlushed { state.hasJournaled = false }
      return isFlushed || state.circuit.allows(at: now)
    }
    guard mayTry else { return .away(lastError) }
    if !isEmpty {
      // Turns of other conversations do not wait for what waits.
      if let drainer {
        drainer.wake()
      } else {
        do {
          try await flush()
        } catch let error as ArchiveError {
          if error.code == .unavailable {
            TurnAllowance.giveUp(.archive)
            noteFailure(error, isWrite: true)
            return .away(error)
          }
          // Something that waits is refused; what comes behind it in its conversation has to wait.
        } catch is JournalError {
          // What cannot be sent now holds up its own conversations, and no other.
        }
      }
      if await journal.isWaiting(thread) { return .away(lastError) }
    }
    do {
      return .stored(try await send(message, to: thread, of: user))
    } catch let error as ArchiveError where error.code == .unavailable {
      return .away(error)
    }
  }

  private func send(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) async throws -> AppendReceipt {
    try await watched(isWrite: true) { [archive] in
      try await archive.append(message, to: thread, of: user)
    }
  }

  /// Writes a message to the journal. False when it waits there already.
  func keep(
    _ message: Message, of thread: ConversationID, _ user: UserID, in journal: MessageJournal
  ) async throws -> Bool {
    let isNew = try await journal.append(JournalEntry(message, to: thread, of: user))
    state.withLock { $0.hasJournaled = true }
    drainer?.wake()
    return isNew
  }

  /// Sends what waits in the journal to the archive, in order.
  @discardableResult
  func flush() async throws -> JournalFlush {
    guard let journal, !journal.isEmpty else { return JournalFlush() }
    let link = self
    let drain = try await journal.drain { entry in
      // An archive that does not answer is tried again, and not waited for.
      try await TurnAllowance.$current.withValue(TurnAllowance(link.budget)) {
        _ = try await link.send(entry.message, to: entry.thread, of: entry.user)
      }
    }
    // Another process that is at it leaves us nothing to do.
    guard case .drained(let flush) = drain else { return JournalFlush() }
    state.withLock { $0.hasJournaled = false }
    return flush
  }

  /// Runs a call of the archive, for as long as the turn that runs may wait, and learns from it
  /// whether the archive answers.
  func watched<Value: Sendable>(
    isWrite: Bool = false, _ call: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    // Not asked, it says nothing.
    if TurnAllowance.isSpent(.archive) { throw lastError }
    do {
      guard let value = try await TurnAllowance.spend(.archive, call) else {
        throw ArchiveError(
          code: .unavailable,
          reason: "the archive did not answer within the \(budget.archive) that a turn waits",
          mayHaveActed: true)
      }
      noteSuccess(isWrite: isWrite)
      return value
    } catch let error as ArchiveError {
      if error.code == .unavailable {
        TurnAllowance.giveUp(.archive)
        noteFailure(error, isWrite: isWrite)
      } else {
        noteSuccess(isWrite: isWrite)
      }
      throw error
    }
  }

  private func noteSuccess(isWrite: Bool) {
    let isBack = state.withLock { state in
      if state.circuit.isOpen, state.needsWrite, !isWrite { return false }
      state.needsWrite = false
      return state.circuit.succeeded()
    }
    if isBack { events.tell(.modeChanged(ModeChange(tier: .archive, isAvailable: true))) }
  }

  private func noteFailure(_ error: ArchiveError, isWrite: Bool) {
    let now = time.now()
    let isNew = state.withLock { state in
      state.lastError = error
      state.needsWrite = state.needsWrite || isWrite
      return state.circuit.failed(at: now)
    }
    guard isNew else { return }
    events.tell(
      .modeChanged(ModeChange(tier: .archive, isAvailable: false, reason: error.reason)))
  }

  /// Why the archive was away when that was last seen.
  private var lastError: ArchiveError { state.withLock { $0.lastError } }

  private static let away = ArchiveError(
    code: .unavailable, reason: "the archive is away, and messages wait for it in the journal")
}
