/// Keeps the messages that wait for an archive that is away: a bounded file, which outlives the
/// process and may be shared by several.
///
/// A message is on the disk when ``ChatService`` goes on with its turn. The file holds one JSON
/// object a line, all of it under a checksum; it and what stands beside it can be read by its owner
/// alone, and links, files and directories of others are refused. When the archive is back,
/// whichever process comes first sends what waits, many conversations at once and each in its
/// order; others add messages meanwhile, and wait for nothing.
///
/// A line that cannot be read, or that the archive refuses for good, goes into a file of the same
/// name with `.rejected` behind it, with the reason; ``rejected(newest:)`` tells of them. Nothing
/// else ever leaves the file.
///
/// Its calls wait for the disk and run on a thread of their own; what is `nonisolated` waits for
/// nothing. The files are closed when the journal is freed.
public actor MessageJournal {
  /// What bounds a journal.
  public struct Limits: Sendable, Hashable {
    /// Bytes of the file at most; 16 MiB by default, which is more than ten thousand long answers.
    /// A message that does not fit is refused.
    public var byteCountMax: Int
    /// Bytes at most of the file of what was put aside; 16 MiB by default. What does not fit stays
    /// in the journal, and so do the messages of the same conversation behind it.
    public var rejectedByteCountMax: Int
    /// How long a call waits for another process that writes; 2 seconds by default. No process
    /// keeps the lock longer than the disk takes, unless it was stopped.
    public var lockTimeout: Duration

    /// Limits with every part given.
    public init(
      byteCountMax: Int = 16 << 20, rejectedByteCountMax: Int = 16 << 20,
      lockTimeout: Duration = .seconds(2)
    ) {
      self.byteCountMax = byteCountMax
      self.rejectedByteCountMax = rejectedByteCountMax
      self.lockTimeout = lockTimeout
    }
  }

  /// The path of the file.
  public nonisolated let path: String
  let limits: Limits
  let events: EventHub
  let file: JournalFile
  let rejects: RejectedFile
  /// Held by who sends.
  let drainLock: JournalLock
  let drains = SingleFlight<String, JournalDrain>()
  nonisolated let contents = Locked(JournalContents())
  private let executor: ThreadExecutor

  /// The thread of the journal.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the journal at `path`, or makes it; its directory must be there.
  ///
  /// Waits for the disk, though for no other process: call it at the start of a program.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - limits: What bounds it.
  ///   - events: Told what happens to the journal.
  /// - Throws: ``JournalError`` when it cannot be opened, is not a plain file under one name, or is
  ///   not the caller's own, and when others can write it or its directory.
  public init(
    path: String, limits: Limits = Limits(), events: EventHub = EventHub()
  ) throws(JournalError) {
    try self.init(path: path, limits: limits, events: events, probe: nil)
  }

  /// - Parameter probe: Told of every step of a file.
  init(
    path: String, limits: Limits, events: EventHub, probe: JournalFile.Probe?
  ) throws(JournalError) {
    do {
      executor = try ThreadExecutor()
    } catch {
      throw JournalError(code: .fileFailed, reason: "no thread for the journal: \(error)")
    }
    self.path = path
    self.limits = limits
    self.events = events
    rejects = RejectedFile(
      path: path + ".rejected", byteCountMax: limits.rejectedByteCountMax, probe: probe)
    drainLock = JournalLock(path: path + ".drain")
    file = try JournalFile(path: path, contents: contents, probe: probe)
  }

  // MARK: What waits for nothing

  /// How many messages waited when this journal last looked at its file: an instant answer, right
  /// as long as no other process uses the file.
  public nonisolated var depth: Int { contents.withLock { $0.depth } }

  /// The conversations that have messages waiting, as of the last look.
  public nonisolated var waitingConversations: Set<ConversationID> {
    contents.withLock { Set($0.waitingCounts.keys) }
  }

  /// Whether nothing is to be sent or put aside. Asks the system for the size of the file, which
  /// waits for no disk, no lock and no process; right also when other processes use the file, which
  /// may at most have less to be sent than this says.
  nonisolated var isEmpty: Bool {
    let stamp = FileStamp(path: path)
    return stamp?.byteCount == 0
      || contents.withLock { $0.isSettled && (stamp == nil || stamp == $0.stamp) }
  }

  // MARK: What reads

  /// Looks at the file, and says how many messages wait in it. Waits for no other process.
  ///
  /// - Throws: ``JournalError``.
  public func countWaiting() throws -> Int {
    try file.look()
    return contents.withLock { $0.depth }
  }

  /// Whether a message of this conversation waits, so that its next one has to wait behind it.
  ///
  /// Waits for no other process: it reads the file when that was changed since the last look, and
  /// nothing otherwise.
  nonisolated func isWaiting(_ thread: ConversationID) async -> Bool {
    let known = contents.withLock { contents in
      contents.stamp == FileStamp(path: path) ? contents.waitingCounts[thread] != nil : nil
    }
    if let known { return known }
    return await looksWaiting(thread)
  }

  private func looksWaiting(_ thread: ConversationID) -> Bool {
    // A file that is gone or cannot be read keeps those back that are known to wait, and nobody
    // else.
    try? file.look()
    return contents.withLock { $0.waitingCounts[thread] != nil }
  }

  /// The messages of a conversation that the file holds, in order: all that wait are among them,
  /// and those before them that were sent since. Waits for no other process.
  func messages(in thread: ConversationID, of user: UserID) throws -> [Message] {
    try file.look()
    return contents.withLock { $0.entries(of: thread) }
      .filter { $0.user == user }.map(\.message)
  }

  /// What was put aside so far.
  ///
  /// - Parameter newest: How many of them are given with their reasons.
  /// - Throws: ``JournalError``.
  /// - Complexity: O(file).
  public func rejected(newest: Int = 10) throws -> RejectedMessages {
    try rejects.summary(newest: newest)
  }

  // MARK: What writes

  /// Writes a message behind those that wait. Returns once the disk has it.
  ///
  /// - Returns: False when the file holds it already, and nothing was written.
  func append(_ entry: JournalEntry) throws -> Bool {
    let line = try JournalLine.bytes(of: entry)
    return try withFile {
      if let known = contents.withLock({ $0.entry(of: entry.message.id) }) {
        guard known.thread == entry.thread, known.user == entry.user else {
          throw JournalError(
            code: .idTaken, reason: "a message of another conversation waits under the same id")
        }
        return false
      }
      try makeRoom(for: line.count)
      try file.append(line)
      events.tell(.messageJournaled(entry.thread, entry.message.id))
      return true
    }
  }

  private func makeRoom(for byteCount: Int) throws {
    if fits(byteCount) { return }
    let wasHeld = drainLock.isHeld
    // Only who sends makes the file shorter, for he knows what is under way.
    if try wasHeld || drainLock.tryLock() {
      defer { if !wasHeld { drainLock.unlock() } }
      try removeSettled()
      if fits(byteCount) { return }
    }
    let (depth, size) = contents.withLock { ($0.depth, $0.byteCount) }
    throw JournalError(
      code: .full,
      reason: "the journal \(path) is full: \(depth) messages wait for the archive in \(size) of "
        + "\(limits.byteCountMax) bytes")
  }

  private func fits(_ byteCount: Int) -> Bool {
    contents.withLock { ($0.stamp?.byteCount ?? 0) + byteCount <= limits.byteCountMax }
  }

  /// Makes the file shorter: what no conversation needs any more leaves it.
  func removeSettled() throws {
    let waiting = contents.withLock { $0.waitingCounts }
    try file.replace { line in
      line.entry.map { waiting[$0.thread] != nil } ?? true
    }
  }

  /// Takes the lock of the file for as long as `body` takes, with the file known.
  func withFile<Value>(
    within timeout: Duration? = nil, _ body: () throws -> Value
  ) throws -> Value {
    try file.withLock(within: timeout ?? limits.lockTimeout) {
      let tail = file.tailByteCount
      // Never acknowledged, and ended by whatever line comes next. It is put aside like a damaged
      // one.
      if tail > 0 {
        try file.append(JournalLine.bytes(done: []))
        events.tell(.journalRepaired(droppedByteCount: tail))
      }
      return try body()
    }
  }
}
