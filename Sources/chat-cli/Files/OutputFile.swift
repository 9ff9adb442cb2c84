import Dispatch
import SessionCore
import TerminalKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is there whole or not at all: it is written under another name beside its own, and
/// takes its name when it is finished. Its owner alone can read it. A link stays a link: what it
/// leads to is replaced.
///
/// A device or a pipe is written to as it is. Writing waits on a queue of its own, and no wait
/// outlasts the cancellation of the writer.
actor OutputFile {
  /// What becomes of a file.
  private enum Target {
    /// It takes the place of `path`.
    case replaced(path: String, temporary: String)
    case writtenThrough
  }

  private let path: String
  private let target: Target
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "chat-cli.output-file")
  private var buffer: [UInt8] = []
  private var isOpen = true

  private static let bufferByteCount = 64 * 1024
  /// Between two looks at whether somebody still waits, in milliseconds.
  private static let lookInterval: Int32 = 50

  private init(_ path: String, _ target: Target, descriptor: Int32) {
    self.path = path
    self.target = target
    self.descriptor = descriptor
  }

  /// Opens a file to write.
  ///
  /// - Parameter patience: How long a named pipe may stay without a reader.
  static func open(
    _ path: String, patience: Duration = .seconds(60)
  ) async throws -> OutputFile {
    if let own = ownDescriptor(path) {
      let copy = fcntl(own, F_DUPFD_CLOEXEC, 0)
      if copy < 0 { throw FileError(path, errno: errno) }
      return OutputFile(path, .writtenThrough, descriptor: copy)
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      if status.st_mode & S_IFMT == S_IFDIR { throw FileError(path, errno: EISDIR) }
      return try await openThrough(path, patience)
    }
    let end = try endOfLinks(path)
    // Made by us alone: nobody's file or link of that name is written to.
    for _ in 0..<16 {
      let temporary = "\(end).\(String(UInt32.random(in: 0 ... .max), radix: 36)).part"
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
      let descriptor = systemOpen(temporary, flags)
      if descriptor >= 0 {
        return OutputFile(
          path, .replaced(path: end, temporary: temporary), descriptor: descriptor)
      }
      if errno != EEXIST { throw FileError(path, errno: errno) }
    }
    throw FileError(path, errno: EEXIST)
  }

  /// The descriptor of this process that a path names: opening it would begin the file anew.
  private static func ownDescriptor(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdout": return 1
    case "/dev/stderr": return 2
    default:
      let prefix = ["/dev/fd/", "/proc/self/fd/"].first { path.hasPrefix($0) }
      return prefix.flatMap { Int32(path.dropFirst($0.count)) }
    }
  }

  private static func openThrough(_ path: String, _ patience: Duration) async throws -> OutputFile {
    let start = ContinuousClock.now
    while true {
      let descriptor = systemOpen(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
      if descriptor >= 0 { return OutputFile(path, .writtenThrough, descriptor: descriptor) }
      // A named pipe that nobody reads yet.
      guard errno == ENXIO else { throw FileError(path, errno: errno) }
      guard ContinuousClock.now - start < patience else {
        throw FileError(path, Phrase("personne n'y lit", "nobody reads from it"))
      }
      try await Task.sleep(for: .milliseconds(Int64(lookInterval)))
    }
  }

  /// Where the links of a path end, whether or not a file is there.
  private static func endOfLinks(_ path: String) throws(FileError) -> String {
    var end = path
    for _ in 0..<40 {
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink(end, &buffer, buffer.count)
      if count <= 0 { return end }
      let link = String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
      let folder = end.lastIndex(of: "/").map { end[...$0] } ?? ""
      end = link.hasPrefix("/") ? link : folder + link
    }
    throw FileError(path, errno: ELOOP)
  }

  func write(_ bytes: some Sequence<UInt8> & Sendable) async throws {
    buffer += bytes
    if buffer.count >= Self.bufferByteCount { try await flush() }
  }

  /// Writes what is left to the disk, and gives the file its name.
  func finish() async throws {
    do {
      try await flush()
      if case .replaced(let path, let temporary) = target {
        try await check { [descriptor] _ in fsync(descriptor) == 0 }
        try await check { _ in rename(temporary, path) == 0 }
      }
      close(descriptor)
      isOpen = false
    } catch {
      abandon()
      throw error
    }
  }

  /// Leaves nothing behind.
  func abandon() {
    if isOpen { close(descriptor) }
    isOpen = false
    if case .replaced(_, let temporary) = target { unlink(temporary) }
  }

  private func flush() async throws {
    let bytes = buffer
    buffer = []
    try await check { [descriptor] isCancelled in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN, !isCancelled() {
          var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wanted, 1, Self.lookInterval)
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }

  /// Runs a call on the queue; false means that it failed.
  private func check(_ call: @escaping @Sendable (() -> Bool) -> Bool) async throws {
    let isCancelled = Locked(false)
    let status: Int32 = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async {
          let isDone = call { isCancelled.withLock(\.self) }
          continuation.resume(returning: isDone ? 0 : errno)
        }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
    if status == 0 { return }
    try Task.checkCancellation()
    throw FileError(path, errno: status, code: .failed)
  }
}

/// The system's own, where a method of the same name stands in its way.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o600) }
