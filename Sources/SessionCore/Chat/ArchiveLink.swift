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
    var lastError: ArchiveError?
    /// Whether something of ours waits, or waited. When it does no longer, somebody has flushed it.
    var hasJournaled = false
  }

  let archive: any ConversationArchive
  let journal: MessageJournal?
  private let time: any TimeSource
  private let events: EventHub
  private let state: Locked<State>
  /// Sends what waits in the background; nil when turns do it.
  private(set) var drainer: JournalDrainer?

  init(
    _ archive: any ConversationArchive, journal: MessageJournal?, time: any TimeSource,
    events: EventHub, drainsByItself: Bool
  ) {
    self.archive = archive
    self.journal = journal
    self.time = time
    self.events = events
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
      return .stored(
        try await watched { try await archive.append(message, to: thread, of: user) })
    }
    let now = time.now()
    let isEmpty = journal.isEmpty
    let (mayTry, lastError) = state.withLock { state in
      // Somebody has flushed what we had to keep, so the archive is there.
      let isFlushed = state.hasJournaled && isEmpty
      if isFlushed { state.hasJournaled = false }
      return (isFlushed || state.circuit.allows(at: now), state.lastError)
    }
    guard mayTry else { return .away(lastError ?? Self.away) }
    if !isEmpty {
      // Turns of other conversations do not wait for what waits.
      if let drainer {
        drainer.wake()
      } else {
        do {
          try await flush()
        } catch let error as ArchiveError {
          if error.code == .unavailable {
            noteFailure(error)
            return .away(error)
          }
          // Something that waits is refused; what comes behind it in its conversation has to wait.
        } catch is JournalError {
          // What cannot be sent now holds up its own conversations, and no other.
        }
      }
      if await journal.isWaiting(thread) { return .away(lastError ?? Self.away) }
    }
    do {
      return .stored(
        try await watched { try await archive.append(message, to: thread, of: user) })
    } catch let error as ArchiveError where error.code == .unavailable {
      return .away(error)
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
    let (archive, link) = (archive, self)
    let drain = try await journal.drain { entry in
      _ = try await link.watched {
        try await archive.append(entry.message, to: entry.thread, of: entry.user)
      }
    }
    // Another process that is at it leaves us nothing to do.
    guard case .drained(let flush) = drain else { return JournalFlush() }
    state.withLock { $0.hasJournaled = false }
    return flush
  }

  /// Runs a call of the archive, and learns from it whether the archive answers.
  func watched<Value>(_ call: () async throws -> Value) async throws -> Value {
    do {
      let value = try await call()
      noteSuccess()
      return value
    } catch let error as ArchiveError {
      if error.code == .unavailable { noteFailure(error) } else { noteSuccess() }
      throw error
    }
  }

  private func noteSuccess() {
    let isBack = state.withLock { $0.circuit.succeeded() }
    if isBack { events.tell(.modeChanged(ModeChange(tier: .archive, isAvailable: true))) }
  }

  private func noteFailure(_ error: ArchiveError) {
    let now = time.now()
    let isNew = state.withLock { state in
      state.lastError = error
      return state.circuit.failed(at: now)
    }
    guard isNew else { return }
    events.tell(
      .modeChanged(ModeChange(tier: .archive, isAvailable: false, reason: error.reason)))
  }

  private static let away = ArchiveError(
    code: .unavailable, reason: "the archive is away, and messages wait for it in the journal")
}
