#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file of a journal, shared with other processes.
///
/// Not Sendable: it belongs to one actor, whose thread may wait. Every change of the file is made
/// between ``lock(within:)`` and ``unlock()``.
final class JournalFile {
  let path: String
  let descriptor: Int32
  private var lockCount = 0

  /// Opens the file, or makes it, readable by its owner alone.
  init(path: String) throws(JournalError) {
    self.path = path
    descriptor = try Self.open(path)
  }

  deinit { _ = close(descriptor) }

  private static func open(_ path: String) throws(JournalError) -> Int32 {
    let descriptor = systemOpen(path, O_RDWR | O_CREAT | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("opened", path) }
    do {
      try prepare(descriptor, path)
    } catch {
      _ = close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func prepare(_ descriptor: Int32, _ path: String) throws(JournalError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("opened", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw JournalError(
        code: .fileFailed, reason: "the journal \(path) cannot be used: it is not a plain file")
    }
    guard fchmod(descriptor, 0o600) == 0 else { throw failure("made private", path) }
    guard status.st_size == 0 else { return }
    // The name of a new file must last as its contents do.
    let directory = systemOpen(parent(of: path), O_RDONLY | O_CLOEXEC)
    guard directory >= 0 else { throw failure("opened", path) }
    defer { _ = close(directory) }
    guard fsync(directory) == 0 else { throw failure("made durable", path) }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.open(path, flags, 0o600)
    #elseif canImport(Musl)
      Musl.open(path, flags, 0o600)
    #else
      Darwin.open(path, flags, 0o600)
    #endif
  }

  private static func failure(_ action: String, _ path: String) -> JournalError {
    let reason = String(cString: strerror(errno))
    return JournalError(
      code: .fileFailed, reason: "the journal \(path) cannot be \(action) (\(reason))")
  }

  /// Keeps other processes out until ``unlock()``; within this one, locks nest.
  func lock(within timeout: Duration) throws(JournalError) {
    let start = ContinuousClock.now
    while lockCount == 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        throw Self.failure("locked", path)
      }
      guard ContinuousClock.now - start < timeout else {
        throw JournalError(
          code: .locked, reason: "another process is using the journal \(path)")
      }
      // flock has no deadline of its own, and this thread has nothing else to do.
      var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
      nanosleep(&pause, nil)
    }
    lockCount += 1
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
      unlock()
      throw JournalError(code: .fileFailed, reason: "the journal \(path) was removed")
    }
  }

  func unlock() {
    lockCount -= 1
    if lockCount == 0 { flock(descriptor, LOCK_UN) }
  }

  /// The size of the file. Reads no disk, so any thread may ask.
  static func byteCount(of descriptor: Int32) -> Int? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
  }

  func byteCount() throws(JournalError) -> Int {
    guard let count = Self.byteCount(of: descriptor) else { throw Self.failure("read", path) }
    return count
  }

  /// The bytes of `range`, fewer where the file ends before.
  func bytes(_ range: Range<Int>) throws(JournalError) -> [UInt8] {
    var count = 0
    var bytes = [UInt8](repeating: 0, count: range.count)
    while count < range.count {
      let read = bytes.withUnsafeMutableBytes { buffer in
        pread(
          descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count,
          off_t(range.lowerBound + count))
      }
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else { throw Self.failure("read", path) }
      if read == 0 { break }
      count += read
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Adds bytes at `end`, and returns once the disk has them. On failure the file is as before.
  func append(_ bytes: [UInt8], at end: Int) throws(JournalError) {
    do {
      try Self.write(bytes, to: descriptor, at: end, path)
      try sync()
    } catch {
      _ = ftruncate(descriptor, off_t(end))
      throw error
    }
  }

  /// Replaces one byte in place.
  func replace(at offset: Int, with byte: UInt8) throws(JournalError) {
    try Self.write([byte], to: descriptor, at: offset, path)
  }

  func truncate(to byteCount: Int) throws(JournalError) {
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
      throw Self.failure("shortened", path)
    }
    try sync()
  }

  /// Adds bytes to the file beside this one that keeps what cannot be flushed.
  func setAside(_ bytes: some Sequence<UInt8>) throws(JournalError) {
    let path = path + ".rejected"
    let descriptor = try Self.open(path)
    defer { _ = close(descriptor) }
    guard let end = Self.byteCount(of: descriptor) else { throw Self.failure("read", path) }
    try Self.write(Array(bytes), to: descriptor, at: end, path)
    guard fsync(descriptor) == 0 else { throw Self.failure("written", path) }
  }

  private func sync() throws(JournalError) {
    guard fsync(descriptor) == 0 else { throw Self.failure("written", path) }
  }

  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, at offset: Int, _ path: String
  ) throws(JournalError) {
    var count = 0
    while count < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        pwrite(
          descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count,
          off_t(offset + count))
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure("written", path) }
      count += written
    }
  }
}
