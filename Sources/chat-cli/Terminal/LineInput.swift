import Dispatch
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The lines of an input. Nothing is read before it is asked for, so that a long input waits where
/// it is. One task reads at a time.
final class LineInput: Sendable {
  private struct State {
    var splitter: LineSplitter
    var lines: [InputLine] = []
    var isAtEnd = false
    var byteCount = 0
    var errno: Int32 = 0
  }

  private let descriptor: Int32
  private let closesDescriptor: Bool
  private let state: Locked<State>
  private let queue = DispatchQueue(label: "chat-cli.input")

  /// Whether somebody types at the standard input.
  static var isTerminal: Bool { isatty(0) == 1 }

  /// - Parameters:
  ///   - descriptor: What is read; the standard input by default.
  ///   - closesDescriptor: Whether it is closed once nobody reads any more.
  ///   - lineByteCountMax: Longer lines are skipped, and told.
  init(
    descriptor: Int32 = 0, closesDescriptor: Bool = false,
    lineByteCountMax: Int = LineSplitter.byteCountMax
  ) {
    self.descriptor = descriptor
    self.closesDescriptor = closesDescriptor
    state = Locked(State(splitter: LineSplitter(byteCountMax: lineByteCountMax)))
  }

  // A read that is under way holds this object, so none is ever left with a closed descriptor.
  deinit { if closesDescriptor { close(descriptor) } }

  /// Bytes read so far.
  var byteCount: Int { state.withLock(\.byteCount) }

  /// Why reading ended before the end of the input; 0 when it did not.
  var failure: Int32 { state.withLock(\.errno) }

  /// The next line; nil at the end. A cancelled call throws at once and leaves the read that is
  /// under way to itself: what it brings is the next call's.
  func next() async throws -> InputLine? {
    let waiter = Waiter()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard waiter.begin(continuation) else { return }
        queue.async {
          // A line that nobody waits for any more stays for the next who asks.
          while !self.state.withLock({ !$0.lines.isEmpty || $0.isAtEnd }) { self.readMore() }
          waiter.finish {
            self.state.withLock { $0.lines.isEmpty ? nil : $0.lines.removeFirst() }
          }
        }
      }
    } onCancel: {
      waiter.cancel()
    }
  }

  private func readMore() {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      var received = read(descriptor, buffer.baseAddress, buffer.count)
      while received < 0, errno == EINTR {
        received = read(descriptor, buffer.baseAddress, buffer.count)
      }
      if received < 0 { failure = errno }
      count = max(0, received)
    }
    state.withLock { state in
      state.byteCount += bytes.count
      state.errno = failure
      if bytes.isEmpty {
        state.isAtEnd = true
        if let line = state.splitter.finish() { state.lines.append(line) }
      } else {
        state.lines += state.splitter.feed(bytes)
      }
    }
  }
}

/// One who waits for a line, or until it is cancelled, whichever comes first.
private final class Waiter: Sendable {
  private struct State {
    var continuation: CheckedContinuation<InputLine?, any Error>?
    var isCancelled = false
  }

  private let state = Locked(State())

  /// False when it was cancelled before.
  func begin(_ continuation: CheckedContinuation<InputLine?, any Error>) -> Bool {
    let isCancelled = state.withLock { state in
      if !state.isCancelled { state.continuation = continuation }
      return state.isCancelled
    }
    if isCancelled { continuation.resume(throwing: CancellationError()) }
    return !isCancelled
  }

  /// Takes the line only if somebody still waits for it.
  func finish(_ line: () -> InputLine?) {
    guard let continuation = take(isCancelled: false) else { return }
    continuation.resume(returning: line())
  }

  func cancel() { take(isCancelled: true)?.resume(throwing: CancellationError()) }

  private func take(isCancelled: Bool) -> CheckedContinuation<InputLine?, any Error>? {
    state.withLock { state in
      if isCancelled { state.isCancelled = true }
      defer { state.continuation = nil }
      return state.continuation
    }
  }
}
