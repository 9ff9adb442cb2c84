#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A lock between processes: a file that is never replaced, and says which process has it.
///
/// Not Sendable: it belongs to one actor, whose thread may wait. The system gives the lock back
/// when a process ends, whatever ended it.
final class JournalLock {
  private let path: String
  private var descriptor: Int32 = -1
  private(set) var isHeld = false

  /// Opens nothing before it is used.
  init(path: String) { self.path = path }

  deinit { if descriptor >= 0 { _ = close(descriptor) } }

  /// Takes the lock; false when another one has it. Waits for nobody.
  func tryLock() throws(JournalError) -> Bool {
    while true {
      try open()
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        if errno == EINTR { continue }
        guard errno == EWOULDBLOCK else { throw PrivateFile.failure("locked", path) }
        return false
      }
      // Whoever removed the file keeps nobody out by it any more.
      guard try isInPlace() else { continue }
      isHeld = true
      let number = Array("\(getpid())\n".utf8)
      guard ftruncate(descriptor, 0) == 0 else { return true }
      // A number that cannot be written costs a name in an error, and nothing else.
      try? PrivateFile.write(number[...], to: descriptor, path)
      return true
    }
  }

  /// Takes the lock, and waits for it at most for `timeout`.
  func lock(within timeout: Duration) throws(JournalError) {
    let start = ContinuousClock.now
    while try !tryLock() {
      guard ContinuousClock.now - start < timeout else { throw isTaken }
      // flock has no deadline of its own, and this thread has nothing else to do.
      var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
      nanosleep(&pause, nil)
    }
  }

  func unlock() {
    isHeld = false
    flock(descriptor, LOCK_UN)
  }

  /// The process that has the lock, as it wrote itself.
  var holder: Int32? {
    guard descriptor >= 0, let bytes = try? PrivateFile.bytes(0..<16, of: descriptor, path) else {
      return nil
    }
    return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  private var isTaken: JournalError {
    let name = holder.map { $0 == getpid() ? "this process" : "process \($0)" }
    return JournalError(
      code: .locked, reason: "\(name ?? "another process") holds the journal's lock \(path)")
  }

  private func open() throws(JournalError) {
    if descriptor >= 0, try isInPlace() { return }
    if descriptor >= 0 { _ = close(descriptor) }
    descriptor = -1
    descriptor = try PrivateFile.open(path) ?? -1
  }

  private func isInPlace() throws(JournalError) -> Bool {
    let own = try FileStamp(descriptor: descriptor, path)
    return FileStamp(path: path)?.isSameFile(as: own) == true
  }
}
