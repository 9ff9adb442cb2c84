#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file of a journal, shared with other processes.
///
/// It grows at its end until it is emptied, or a new file takes its place, which its readers
/// notice.
/// So it can be read without a lock; whoever writes holds one for as long as the disk takes.
///
/// Not Sendable: it belongs to one actor, whose thread may wait.
final class JournalFile {
  /// Told of every step before it is made; a test makes it fail there, as a crash would.
  typealias Probe = @Sendable (_ step: String) throws(JournalError) -> Void

  let path: String
  private let contents: Locked<JournalContents>
  private let lock: JournalLock
  private let probe: Probe?
  private var descriptor: Int32

  /// Opens the file, or makes it, readable by its owner alone.
  ///
  /// - Parameter contents: What is known of the file, kept up to date here.
  init(
    path: String, contents: Locked<JournalContents>, probe: Probe?
  ) throws(JournalError) {
    self.path = path
    self.contents = contents
    self.probe = probe
    lock = JournalLock(path: path + ".lock")
    descriptor = try PrivateFile.open(path) ?? -1
    try read()
  }

  deinit { _ = close(descriptor) }

  /// Keeps other writers out while `body` runs, which sees the file as it is.
  func withLock<Value>(
    within timeout: Duration, _ body: () throws -> Value
  ) throws -> Value {
    // A file that is gone is told before its lock is looked for.
    try look()
    try lock.lock(within: timeout)
    defer { lock.unlock() }
    try look(creating: true)
    return try body()
  }

  /// The process that has the lock, as far as it is known.
  var writer: Int32? { lock.holder }

  /// Brings what is known of the file up to date, without a lock.
  ///
  /// - Parameter creating: Makes the file anew when it is gone and nothing waited in it.
  /// - Throws: ``JournalError`` with ``JournalError/Code/moved`` when it is gone and something did.
  /// - Complexity: O(what was added since).
  func look(creating: Bool = false) throws(JournalError) {
    while try !isInPlace() {
      // Once more: its end says whether a new file took its place.
      try read()
      guard contents.withLock({ $0.isReplaced || $0.isSettled }) else { throw isGone }
      guard let next = try PrivateFile.open(path, creating: creating) else {
        return contents.withLock { $0 = JournalContents() }
      }
      exchange(for: next)
    }
    try read()
  }

  private func exchange(for next: Int32) {
    _ = close(descriptor)
    descriptor = next
    contents.withLock { $0 = JournalContents() }
  }

  private func isInPlace() throws(JournalError) -> Bool {
    let own = try FileStamp(descriptor: descriptor, path)
    return FileStamp(path: path)?.isSameFile(as: own) == true
  }

  private var isGone: JournalError {
    let count = contents.withLock { $0.depth }
    return JournalError(
      code: .moved,
      reason: "the journal \(path) or its directory was moved or removed while \(count) messages "
        + "waited in it: put it back")
  }

  private func read() throws(JournalError) {
    try probe?("read")
    let stamp = try FileStamp(descriptor: descriptor, path)
    let (end, head, offset) = contents.withLock {
      ($0.byteCount, $0.lastHead, $0.lastHeadOffset)
    }
    var known = end
    let isSame = try bytes(offset..<(offset + head.count)) == head
    // Emptied, or a line that could not be made durable was taken back by who wrote it.
    if stamp.byteCount < known || !isSame {
      known = 0
      contents.withLock { $0 = JournalContents() }
    }
    let new = try bytes(known..<stamp.byteCount)
    let lines = JournalLine.lines(of: new)
    contents.withLock { contents in
      contents.add(lines, of: new)
      contents.stamp = stamp
    }
  }

  /// The bytes of `range`, fewer where the file ends before.
  func bytes(_ range: Range<Int>) throws(JournalError) -> [UInt8] {
    try PrivateFile.bytes(range, of: descriptor, path)
  }

  /// Bytes behind the last whole line: it was cut short. Under the lock, where nobody is writing.
  var tailByteCount: Int {
    contents.withLock { ($0.stamp?.byteCount ?? 0) - $0.byteCount }
  }

  /// Adds a line, and returns once the disk has it. On failure the file is as before. Under the
  /// lock.
  func append(_ line: [UInt8]) throws(JournalError) {
    let end = try FileStamp(descriptor: descriptor, path).byteCount
    do {
      try write(line, to: descriptor)
    } catch {
      try? takeBack(to: end)
      throw error
    }
    // What is on the disk is taken, also when it cannot be read at once.
    try? read()
  }

  private func takeBack(to end: Int) throws(JournalError) {
    try probe?("take back")
    _ = ftruncate(descriptor, off_t(end))
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws(JournalError) {
    try probe?("write")
    let half = probe == nil ? 0 : bytes.count / 2
    try PrivateFile.write(bytes[..<half], to: descriptor, path)
    try probe?("write the rest")
    try PrivateFile.write(bytes[half...], to: descriptor, path)
    try probe?("sync")
    guard fsync(descriptor) == 0 else { throw PrivateFile.failure("written", path) }
  }

  /// Removes all lines. Under the lock.
  func empty() throws(JournalError) {
    try probe?("empty")
    guard ftruncate(descriptor, 0) == 0, fsync(descriptor) == 0 else {
      throw PrivateFile.failure("shortened", path)
    }
    try read()
  }

  /// Puts a new file in the place of this one, with those of its lines that are kept. Under the
  /// lock.
  func replace(keeping isKept: (JournalContents.Line) -> Bool) throws {
    let lines = contents.withLock { $0.lines }
    var kept: [UInt8] = []
    var done: [MessageID] = []
    for line in lines where isKept(line) {
      kept += try bytes(line.range)
      if let entry = line.entry, !line.isWaiting { done.append(entry.message.id) }
    }
    if !done.isEmpty { kept += try JournalLine.bytes(done: done) }
    let temporary = path + ".new"
    try probe?("make")
    // Left by one that was killed: whoever holds the lock is the only one that makes it.
    unlink(temporary)
    let next = try PrivateFile.make(temporary)
    do {
      try write(kept, to: next)
      try probe?("mark")
      try PrivateFile.write(try JournalLine.bytesOfReplaced()[...], to: descriptor, path)
      try probe?("rename")
      guard rename(temporary, path) == 0 else { throw PrivateFile.failure("replaced", path) }
    } catch {
      _ = close(next)
      unlink(temporary)
      throw error
    }
    exchange(for: next)
    try read()
    try probe?("sync directory")
    try PrivateFile.syncDirectory(of: path)
  }
}
