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

/// A file that is read in pieces, from its start to its end. No wait for it outlasts the
/// cancellation of its reader.
final class InputFile: Sendable {
  /// What people call it.
  let name: String
  /// Bytes it has; nil for what is no plain file.
  let byteCount: Int?
  private let descriptor: Int32
  private let isNamedPipe: Bool
  private let patience: Duration
  private let hasBegun = Locked(false)
  private let queue = DispatchQueue(label: "chat-cli.input-file")

  private static let pieceByteCount = 256 * 1024
  /// Between two looks at whether somebody still waits, in milliseconds.
  private static let lookInterval: Int32 = 50

  private enum Outcome {
    case bytes([UInt8])
    case failed(FileError)
    case cancelled
  }

  /// - Parameters:
  ///   - path: Nil for the standard input.
  ///   - patience: How long a named pipe may stay without a first byte.
  init(_ path: String?, patience: Duration = .seconds(60)) throws(FileError) {
    name = path ?? "stdin"
    self.patience = patience
    // A named pipe without a writer would hold whoever opens it.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    descriptor = path.map { open($0, flags) } ?? dup(0)
    if descriptor < 0 { throw FileError(name, errno: errno) }
    var status = stat()
    fstat(descriptor, &status)
    let kind = status.st_mode & S_IFMT
    isNamedPipe = path != nil && kind == S_IFIFO
    byteCount = kind == S_IFREG ? Int(status.st_size) : nil
    if kind == S_IFDIR { throw FileError(name, errno: EISDIR) }
  }

  /// Its first bytes, as far as they are there without waiting.
  var start: [UInt8] {
    guard byteCount != nil else { return [] }
    return [UInt8](unsafeUninitializedCapacity: 512) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
    }
  }

  deinit { close(descriptor) }

  /// The next bytes; nil at the end.
  func next() async throws -> [UInt8]? {
    let isCancelled = Locked(false)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: self.read { isCancelled.withLock(\.self) }) }
      }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
    switch outcome {
    case .bytes(let bytes): return bytes.isEmpty ? nil : bytes
    case .failed(let error): throw error
    case .cancelled: throw CancellationError()
    }
  }

  private func read(_ isCancelled: () -> Bool) -> Outcome {
    let start = ContinuousClock.now
    while !isCancelled() {
      if byteCount == nil {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&wanted, 1, Self.lookInterval) == 0 {
          if isNamedPipe, !hasBegun.withLock(\.self), ContinuousClock.now - start > patience {
            return .failed(
              FileError(name, Phrase("personne n'y écrit", "nobody writes to it")))
          }
          continue
        }
      }
      var failure: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: Self.pieceByteCount) { buffer, count in
        let received = systemRead(descriptor, UnsafeMutableRawBufferPointer(buffer))
        if received < 0 { failure = errno }
        count = max(0, received)
      }
      if failure == EINTR || failure == EAGAIN { continue }
      if failure != 0 { return .failed(FileError(name, errno: failure)) }
      hasBegun.withLock { $0 = true }
      return .bytes(bytes)
    }
    return .cancelled
  }
}

/// The system's own, where a method of the same name stands in its way.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
