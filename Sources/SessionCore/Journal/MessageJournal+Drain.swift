/// How a drain of a journal ended.
public enum JournalDrain: Sendable, Hashable {
  /// What waited was sent, or put aside.
  case drained(JournalFlush)
  /// Another process is at it, and nothing was done; its number, as far as it is known.
  case busy(process: Int32?)
}

/// What a flush of a journal did.
public struct JournalFlush: Sendable, Hashable, Codable {
  /// A line that was put aside, in the file with `.rejected` behind its name.
  public struct Rejection: Sendable, Hashable, Codable {
    /// Its conversation; nil for a line that cannot be read.
    public let conversation: ConversationID?
    /// Its message; nil for a line that cannot be read.
    public let message: MessageID?
    /// What the archive said, or why the line cannot be read.
    public let reason: String
  }

  /// Messages that the archive has now.
  public internal(set) var sentCount = 0
  /// Lines that it can never have.
  public internal(set) var rejections: [Rejection] = []

  /// Nothing was done.
  public init() {}
}

extension MessageJournal {
  /// Sends what waits: many conversations at the same time, and the messages of each one after the
  /// other, in order. All who ask at the same time share one drain; of several processes one does
  /// it, and the others are told so at once. Messages that arrive meanwhile are sent too.
  ///
  /// - Parameter send: Stores one message; storing it twice must change nothing. An
  ///   ``ArchiveError`` that says that this message can never be stored puts it aside. Any other
  ///   one keeps its conversation waiting, and is thrown when the others are through; that the
  ///   archive is away, or an error of any other kind, ends the drain.
  /// - Throws: What ended the drain; ``JournalError``. What was not sent waits.
  func drain(
    _ send: @escaping @Sendable (JournalEntry) async throws -> Void
  ) async throws -> JournalDrain {
    try await drains.run(path) { try await self.drainAlone(send) }
  }

  private func drainAlone(
    _ send: @escaping @Sendable (JournalEntry) async throws -> Void
  ) async throws -> JournalDrain {
    guard try drainLock.tryLock() else { return .busy(process: drainLock.holder) }
    defer { drainLock.unlock() }
    var progress = DrainProgress()
    defer { if progress.flush != JournalFlush() { events.tell(.journalFlushed(progress.flush)) } }
    do {
      // A turn may wait for this, with an archive that answers.
      let patience = min(limits.lockTimeout, .milliseconds(100))
      try withFile(within: patience) { try setAsideDamaged(&progress) }
    } catch let error as JournalError where error.code == .locked {
      return .busy(process: file.writer)
    }
    while progress.mayGoOn {
      let queues = contents.withLock { $0.queues(without: progress.held) }
      await sendAll(queues, by: send, &progress)
      if try withFile({ try settle(&progress) }) { break }
    }
    if let failure = progress.failure { throw failure }
    return .drained(progress.flush)
  }

  /// Sends queues, each in its order.
  private func sendAll(
    _ queues: [[JournalEntry]], by send: @escaping @Sendable (JournalEntry) async throws -> Void,
    _ progress: inout DrainProgress
  ) async {
    var unsent = queues.map { $0[...] }
    var nextQueue = 0
    await withTaskGroup(of: (queue: Int, entry: JournalEntry, error: (any Error)?).self) { group in
      func start(_ queue: Int) {
        guard let entry = unsent[queue].popFirst() else { return startNext() }
        group.addTask {
          do {
            try await send(entry)
            return (queue, entry, nil)
          } catch {
            return (queue, entry, error)
          }
        }
      }
      func startNext() {
        guard nextQueue < unsent.count else { return }
        nextQueue += 1
        start(nextQueue - 1)
      }
      for _ in 0..<DrainProgress.concurrentSendCountMax { startNext() }
      while let (queue, entry, error) = await group.next() {
        if let error { fail(entry, error, &progress) } else { progress.sent(entry) }
        if progress.isMarkDue { mark(&progress) }
        guard progress.mayGoOn else { continue }
        if progress.held.contains(entry.thread) { startNext() } else { start(queue) }
      }
    }
  }

  private func fail(_ entry: JournalEntry, _ error: any Error, _ progress: inout DrainProgress) {
    guard let refusal = error as? ArchiveError else { return progress.end(error) }
    guard refusal.code != .unavailable else { return progress.end(error) }
    guard refusal.isFinal else { return progress.hold(entry.thread, error) }
    do {
      if try rejects.add(entry, because: refusal.reason) {
        progress.rejected(entry, refusal.reason)
      } else {
        progress.hold(entry.thread, rejectsAreFull)
      }
    } catch {
      progress.hold(entry.thread, error)
    }
  }

  private var rejectsAreFull: JournalError {
    JournalError(
      code: .full, reason: "\(rejects.path) is full: what the archive refuses stays in the journal")
  }

  /// Writes down what is done, so that others know it and nobody does it again.
  private func mark(_ progress: inout DrainProgress) {
    do {
      try withFile { try writeMark(&progress) }
    } catch {
      progress.end(error)
    }
  }

  private func writeMark(_ progress: inout DrainProgress) throws {
    guard !progress.unmarked.isEmpty else { return }
    try file.append(JournalLine.bytes(done: progress.unmarked))
    progress.marked()
  }

  /// Writes down what is done, under the lock. True when the drain is over.
  private func settle(_ progress: inout DrainProgress) throws -> Bool {
    try file.look()
    let done = Set(progress.unmarked)
    let (isAllDone, isMoreToSend, size) = contents.withLock { contents in
      let rest = contents.lines.filter { line in
        line.isWaiting && line.entry.map { !done.contains($0.message.id) } ?? true
      }
      return (
        rest.isEmpty,
        rest.contains { $0.entry.map { !progress.held.contains($0.thread) } ?? false },
        contents.byteCount
      )
    }
    // Emptied rather than marked: that works on a full disk, too.
    if isAllDone {
      try file.empty()
      return true
    }
    try writeMark(&progress)
    if isMoreToSend, progress.mayGoOn { return false }
    // What waits on must not carry what is done along for ever.
    if size > limits.byteCountMax / 2 { try removeSettled() }
    return true
  }

  /// Under the lock.
  private func setAsideDamaged(_ progress: inout DrainProgress) throws {
    let damaged = contents.withLock { $0.lines.filter { $0.entry == nil } }
    guard !damaged.isEmpty else { return }
    let reason = "the line is damaged, or was cut short"
    guard try rejects.add(lines: damaged.map { try file.bytes($0.range) }, because: reason) else {
      return progress.record(rejectsAreFull)
    }
    for _ in damaged { progress.rejectedDamaged(reason) }
    try file.replace { $0.entry != nil }
  }
}

/// How far a drain has come.
private struct DrainProgress {
  /// Conversations that are sent at the same time. More are quicker, and slow the turns of others
  /// down (`turn.journal` of the benchmarks).
  static let concurrentSendCountMax = 64
  private static let unmarkedCountMax = 256
  private static let unmarkedTimeMax: Duration = .milliseconds(200)

  private(set) var flush = JournalFlush()
  /// What is done and not written down yet.
  private(set) var unmarked: [MessageID] = []
  /// Conversations that have to wait on.
  private(set) var held: Set<ConversationID> = []
  private(set) var failure: (any Error)?
  /// False when nothing more is to be sent.
  private(set) var mayGoOn = true
  private var lastMark = ContinuousClock.now

  var isMarkDue: Bool {
    unmarked.count >= Self.unmarkedCountMax
      || !unmarked.isEmpty && ContinuousClock.now - lastMark > Self.unmarkedTimeMax
  }

  mutating func sent(_ entry: JournalEntry) {
    flush.sentCount += 1
    unmarked.append(entry.message.id)
  }

  mutating func rejected(_ entry: JournalEntry, _ reason: String) {
    flush.rejections.append(
      JournalFlush.Rejection(
        conversation: entry.thread, message: entry.message.id, reason: reason))
    unmarked.append(entry.message.id)
  }

  mutating func rejectedDamaged(_ reason: String) {
    flush.rejections.append(
      JournalFlush.Rejection(conversation: nil, message: nil, reason: reason))
  }

  mutating func marked() {
    unmarked = []
    lastMark = .now
  }

  mutating func hold(_ thread: ConversationID, _ error: any Error) {
    held.insert(thread)
    record(error)
  }

  mutating func end(_ error: any Error) {
    mayGoOn = false
    record(error)
  }

  mutating func record(_ error: any Error) { failure = failure ?? error }
}

extension ArchiveError {
  /// Whether the archive would say the same of the same message for ever.
  fileprivate var isFinal: Bool {
    code == .notFound || code == .tooLarge || code == .idTaken
  }
}
