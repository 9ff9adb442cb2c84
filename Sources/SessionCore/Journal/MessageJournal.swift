/// Keeps the messages that wait for an archive that is away: a bounded file, which outlives the
/// process and may be shared by several.
///
/// A message is on the disk when ``ChatService`` goes on with its turn. The file holds one JSON
/// object a line, each with a checksum; only its owner can read it. When the archive is back,
/// whichever process comes first sends what waits, in order, while a lock on the file keeps the
/// others out. A last line that a crash cut short was never acknowledged: it is dropped, and
/// reported. A line that cannot be read, or that the archive refuses for good, goes into a file of
/// the same name with `.rejected` behind it. Nothing else ever leaves the file.
///
/// Its calls wait for the disk and run on a thread of their own. The file is closed when the
/// journal is freed.
public actor MessageJournal {
  /// What bounds a journal.
  public struct Limits: Sendable, Hashable {
    /// Bytes of the file at most; 16 MiB by default, which is more than ten thousand long answers.
    /// A message that does not fit is refused.
    public var byteCountMax: Int
    /// How long a call waits for another process that holds the file; 10 seconds by default.
    public var lockTimeout: Duration

    /// Limits with every part given.
    public init(byteCountMax: Int = 16 << 20, lockTimeout: Duration = .seconds(10)) {
      self.byteCountMax = byteCountMax
      self.lockTimeout = lockTimeout
    }
  }

  private struct Line {
    let range: Range<Int>
    /// Nil for a line that cannot be read.
    let entry: JournalEntry?
  }

  /// The path of the file.
  public nonisolated let path: String
  private let limits: Limits
  private let executor: ThreadExecutor
  private let file: JournalFile
  private nonisolated let descriptor: Int32
  private let events: EventHub
  private nonisolated let lastDepth = Locked(0)
  private let flights = SingleFlight<String, JournalFlush>()

  /// The lines of the file as of the last look. The first ``sentCount`` are in the archive already
  /// and stay until the file is emptied: a conversation is whole with them.
  private var lines: [Line] = []
  private var sentCount = 0
  private var ids: Set<MessageID> = []
  private var knownByteCount = 0
  /// The last line looked at: when other bytes stand there, another process has flushed the file.
  private var lastLine = 0..<0
  private var lastLineBytes: [UInt8] = []

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
  /// - Throws: ``JournalError`` when it cannot be opened, or is not a plain file.
  public init(
    path: String, limits: Limits = Limits(), events: EventHub = EventHub()
  ) throws(JournalError) {
    do {
      executor = try ThreadExecutor()
    } catch {
      throw JournalError(code: .fileFailed, reason: "no thread for the journal: \(error)")
    }
    self.path = path
    self.limits = limits
    self.events = events
    let file = try JournalFile(path: path)
    self.file = file
    descriptor = file.descriptor
  }

  /// How many messages waited when this journal last looked at its file: an instant answer, right
  /// as long as no other process uses the file.
  public nonisolated var depth: Int { lastDepth.withLock { $0 } }

  /// Looks at the file, and says how many messages wait in it.
  ///
  /// - Throws: ``JournalError``.
  public func countWaiting() throws -> Int {
    try withFile { lines.count - sentCount }
  }

  /// Whether the file is known to hold nothing. Asks the system for the size of an open file, which
  /// waits for no disk.
  nonisolated var isEmpty: Bool { JournalFile.byteCount(of: descriptor) == 0 }

  /// The messages of a conversation that the file holds, in order: all that wait are among them.
  func messages(in thread: ConversationID, of user: UserID) throws -> [Message] {
    try withFile {
      lines.compactMap(\.entry).filter { $0.thread == thread && $0.user == user }.map(\.message)
    }
  }

  /// Writes a message behind those that wait. Returns once the disk has it.
  ///
  /// - Returns: False when the file holds it already, and nothing was written.
  func append(_ entry: JournalEntry) throws -> Bool {
    let bytes = try JournalLine.bytes(of: entry)
    return try withFile {
      guard !ids.contains(entry.message.id) else { return false }
      guard knownByteCount + bytes.count <= limits.byteCountMax else {
        throw JournalError(
          code: .full,
          reason: "the journal \(path) is full: \(lines.count - sentCount) messages wait for the "
            + "archive in \(knownByteCount) of \(limits.byteCountMax) bytes")
      }
      try file.append(bytes, at: knownByteCount)
      note(Line(range: knownByteCount..<(knownByteCount + bytes.count), entry: entry), bytes[...])
      events.tell(.messageJournaled(entry.thread, entry.message.id))
      return true
    }
  }

  /// Sends what waits, in order. All who ask at the same time share one flush.
  ///
  /// - Parameter send: Stores one message. An ``ArchiveError`` that says that this message can
  ///   never be stored puts it aside; any other error ends the flush, and what was not sent waits.
  func flush(
    _ send: @escaping @Sendable (JournalEntry) async throws -> Void
  ) async throws -> JournalFlush {
    try await flights.run(path) { try await self.flushAlone(send) }
  }

  private func flushAlone(
    _ send: @Sendable (JournalEntry) async throws -> Void
  ) async throws -> JournalFlush {
    try file.lock(within: limits.lockTimeout)
    defer { file.unlock() }
    var flush = JournalFlush()
    defer { if flush != JournalFlush() { events.tell(.journalFlushed(flush)) } }
    try look()
    // Messages that arrive meanwhile come behind; the file is emptied only when none is left.
    while sentCount < lines.count {
      let line = lines[sentCount]
      if let entry = line.entry {
        do {
          try await send(entry)
          flush.sentCount += 1
        } catch let error as ArchiveError where error.isFinal {
          try setAside(line, for: error.reason, &flush)
        }
        // Whoever emptied the file without asking for its lock took its lines away meanwhile.
        guard sentCount < lines.count, lines[sentCount].range == line.range else { continue }
        try file.replace(
          at: line.range.lowerBound + JournalLine.sentOffset, with: JournalLine.isSent)
      } else {
        try setAside(line, for: "the line is damaged", &flush)
      }
      sentCount += 1
      tellDepth()
    }
    try file.truncate(to: 0)
    forget()
    return flush
  }

  private func setAside(_ line: Line, for reason: String, _ flush: inout JournalFlush) throws {
    try file.setAside(file.bytes(line.range))
    flush.rejections.append(
      JournalFlush.Rejection(
        conversation: line.entry?.thread, message: line.entry?.message.id, reason: reason))
  }

  private func withFile<Value>(_ body: () throws -> Value) throws -> Value {
    try file.lock(within: limits.lockTimeout)
    defer { file.unlock() }
    try look()
    return try body()
  }

  /// Brings what is known of the file up to date, and mends its end.
  ///
  /// - Complexity: O(what was added since), or O(file) after another process has flushed it.
  private func look() throws {
    let byteCount = try file.byteCount()
    let isSame = try byteCount >= knownByteCount && file.bytes(lastLine) == lastLineBytes
    if !isSame { forget() }
    let new = try file.bytes(knownByteCount..<max(byteCount, knownByteCount))
    var rest = new[...]
    while let end = rest.firstIndex(of: JournalLine.newline) {
      let line = rest[..<end]
      let start = knownByteCount
      let range = start..<(start + line.count + 1)
      switch JournalLine.content(of: line) {
      case .entry(let entry, let isSent):
        note(Line(range: range, entry: entry), rest[...end])
        if isSent { sentCount = lines.count }
      case .damaged:
        note(Line(range: range, entry: nil), rest[...end])
      }
      rest = rest[(end + 1)...]
    }
    tellDepth()
    guard !rest.isEmpty else { return }
    try file.truncate(to: knownByteCount)
    events.tell(.journalRepaired(droppedByteCount: rest.count))
  }

  private func note(_ line: Line, _ bytes: ArraySlice<UInt8>) {
    lines.append(line)
    if let entry = line.entry { ids.insert(entry.message.id) }
    knownByteCount = line.range.upperBound
    // Enough of it to hold the checksum, and not the digit that a flush changes.
    lastLineBytes = Array(bytes.prefix(JournalLine.sentOffset))
    lastLine = line.range.lowerBound..<(line.range.lowerBound + lastLineBytes.count)
    tellDepth()
  }

  private func forget() {
    lines = []
    sentCount = 0
    ids = []
    knownByteCount = 0
    lastLine = 0..<0
    lastLineBytes = []
    tellDepth()
  }

  private func tellDepth() {
    let depth = lines.count - sentCount
    lastDepth.withLock { $0 = depth }
  }
}

/// What a flush of a journal did.
public struct JournalFlush: Sendable, Hashable, Codable {
  /// A line that was put aside, in the file with `.rejected` behind its name.
  public struct Rejection: Sendable, Hashable, Codable {
    /// Its conversation; nil for a line that cannot be read.
    public let conversation: ConversationID?
    /// Its message; nil for a line that cannot be read.
    public let message: MessageID?
    /// What the archive said.
    public let reason: String
  }

  /// Messages that the archive has now.
  public internal(set) var sentCount = 0
  /// Lines that it can never have.
  public internal(set) var rejections: [Rejection] = []

  /// Nothing was done.
  public init() {}
}

extension ArchiveError {
  /// Whether the archive would say the same of the same message for ever.
  fileprivate var isFinal: Bool {
    code == .notFound || code == .tooLarge || code == .idTaken
  }
}
