#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Opens files that hold what people said: plain files of ours, that nobody else can read or write,
/// under the one name that they were opened by.
enum PrivateFile {
  /// Opens a file for reading and writing at its end, and checks who owns it.
  ///
  /// - Parameter creating: Makes the file when it is not there.
  /// - Returns: A descriptor that the caller closes; nil when the file is not there.
  /// - Throws: ``JournalError`` for a link, a file or directory of somebody else, and one that
  ///   others can write.
  static func open(_ path: String, creating: Bool = true) throws(JournalError) -> Int32? {
    if !creating, FileStamp(path: path) == nil, errno == ENOENT { return nil }
    try checkDirectory(of: path)
    while true {
      let descriptor = systemOpen(path, creating ? O_CREAT : 0)
      guard descriptor >= 0 else {
        if errno == ENOENT, !creating { return nil }
        if errno == ELOOP { throw unusable(path, "it is a symbolic link") }
        throw failure("opened", path)
      }
      do {
        if try check(descriptor, path) { return descriptor }
      } catch {
        _ = close(descriptor)
        throw error
      }
      // Another process put a new file in its place meanwhile.
      _ = close(descriptor)
    }
  }

  /// Makes a file that was not there, of our own.
  static func make(_ path: String) throws(JournalError) -> Int32 {
    try checkDirectory(of: path)
    let descriptor = systemOpen(path, O_CREAT | O_EXCL)
    guard descriptor >= 0 else { throw failure("made", path) }
    return descriptor
  }

  private static func systemOpen(_ path: String, _ more: Int32) -> Int32 {
    // Not blocking: what is no plain file is refused, and must not be waited for before.
    let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | more
    #if canImport(Glibc)
      return Glibc.open(path, flags, 0o600)
    #elseif canImport(Musl)
      return Musl.open(path, flags, 0o600)
    #else
      return Darwin.open(path, flags, 0o600)
    #endif
  }

  /// False when the file has lost its name since it was opened.
  private static func check(_ descriptor: Int32, _ path: String) throws(JournalError) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("opened", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw unusable(path, "it is not a plain file") }
    guard status.st_uid == geteuid() else {
      throw unusable(path, "it belongs to another user of this machine")
    }
    guard status.st_nlink > 0 else { return false }
    guard status.st_nlink == 1 else {
      throw unusable(path, "it has a second name (a hard link)")
    }
    guard status.st_mode & 0o022 == 0 else {
      throw unusable(path, "others can write it (chmod go-w)")
    }
    guard status.st_mode & 0o777 == 0o600 || fchmod(descriptor, 0o600) == 0 else {
      throw failure("made private", path)
    }
    // The name of a new file must last as its contents do.
    if status.st_size == 0 { try syncDirectory(of: path) }
    return true
  }

  private static func checkDirectory(of path: String) throws(JournalError) {
    let directory = parent(of: path)
    var status = stat()
    guard stat(directory, &status) == 0 else { throw failure("opened", path) }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw unusable(path, "its directory belongs to another user of this machine")
    }
    // In a sticky one, as /tmp, others cannot move what is ours.
    guard status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0 else {
      throw unusable(path, "others can write its directory (chmod go-w)")
    }
  }

  /// Returns once the disk has the names of a directory.
  static func syncDirectory(of path: String) throws(JournalError) {
    #if canImport(Glibc)
      let directory = Glibc.open(parent(of: path), O_RDONLY | O_CLOEXEC)
    #elseif canImport(Musl)
      let directory = Musl.open(parent(of: path), O_RDONLY | O_CLOEXEC)
    #else
      let directory = Darwin.open(parent(of: path), O_RDONLY | O_CLOEXEC)
    #endif
    guard directory >= 0 else { throw failure("opened", path) }
    defer { _ = close(directory) }
    guard fsync(directory) == 0 else { throw failure("made durable", path) }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The bytes of `range`, fewer where the file ends before.
  static func bytes(
    _ range: Range<Int>, of descriptor: Int32, _ path: String
  ) throws(JournalError) -> [UInt8] {
    // No limit lets a file grow so large.
    guard range.count <= 1 << 30 else { throw unusable(path, "it is too large") }
    var count = 0
    var bytes = [UInt8](repeating: 0, count: range.count)
    while count < range.count {
      let read = bytes.withUnsafeMutableBytes { buffer in
        pread(
          descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count,
          off_t(range.lowerBound + count))
      }
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else { throw failure("read", path) }
      if read == 0 { break }
      count += read
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Adds bytes at the end of the file.
  static func write(
    _ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ path: String
  ) throws(JournalError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure("written", path) }
      rest = rest.dropFirst(written)
    }
  }

  private static func systemWrite(
    _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes, count)
    #else
      Darwin.write(descriptor, bytes, count)
    #endif
  }

  /// What the last call of the system said.
  static func failure(_ action: String, _ path: String) -> JournalError {
    let reason = String(cString: strerror(errno))
    return JournalError(
      code: .fileFailed, reason: "the journal \(path) cannot be \(action) (\(reason))")
  }

  private static func unusable(_ path: String, _ reason: String) -> JournalError {
    JournalError(code: .fileFailed, reason: "the journal \(path) cannot be used: \(reason)")
  }
}

/// Which file stands somewhere, and how long it is.
struct FileStamp: Sendable, Hashable {
  private let device: UInt64
  private let number: UInt64
  let byteCount: Int

  /// The file at a path, links not followed. Reads no disk, as a rule, so any thread may ask. Nil
  /// when there is none.
  init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// An open file.
  init(descriptor: Int32, _ path: String) throws(JournalError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw PrivateFile.failure("read", path) }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
    byteCount = Int(status.st_size)
  }

  /// Whether both are one file. One that is open keeps its number to itself.
  func isSameFile(as other: FileStamp) -> Bool {
    device == other.device && number == other.number
  }
}
