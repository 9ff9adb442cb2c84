import Dispatch
import TerminalKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is there whole or not at all: it is written under another name beside its own, and
/// takes its name when it is finished. Its owner alone can read it.
///
/// Writing waits for the disk on a queue of its own.
actor OutputFile {
  private let path: String
  private let temporary: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "chat-cli.file")
  private var buffer: [UInt8] = []
  private var isOpen = true

  private static let bufferByteCount = 64 * 1024

  init(_ path: String) throws(FileError) {
    self.path = path
    temporary = "\(path).\(getpid()).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if descriptor < 0 { throw FileError(path, errno: errno) }
  }

  func write(_ bytes: some Sequence<UInt8> & Sendable) async throws(FileError) {
    buffer += bytes
    if buffer.count >= Self.bufferByteCount { try await flush() }
  }

  /// Writes what is left to the disk, and gives the file its name.
  func finish() async throws(FileError) {
    do {
      try await flush()
      try await check { [descriptor] in fsync(descriptor) == 0 }
      close(descriptor)
      isOpen = false
      try await check { [temporary, path] in rename(temporary, path) == 0 }
    } catch {
      abandon()
      throw error
    }
  }

  /// Leaves nothing behind.
  func abandon() {
    if isOpen { close(descriptor) }
    isOpen = false
    unlink(temporary)
  }

  private func flush() async throws(FileError) {
    let bytes = buffer
    buffer = []
    try await check { [descriptor] in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  /// Runs a call on the queue; false means that it failed.
  private func check(_ call: @escaping @Sendable () -> Bool) async throws(FileError) {
    let status: Int32 = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: call() ? 0 : errno) }
    }
    if status != 0 { throw FileError(path, errno: status, code: .failed) }
  }
}
