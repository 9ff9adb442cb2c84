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
package final class LineInput: Sendable {
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
  private let queue = DispatchQueue(label: "terminal.input")

  /// Whether somebody types at the standard input.
  package static var isTerminal: Bool { isatty(0) == 1 }

  /// - Parameters:
  ///   - descriptor: What is read; the standard input by default.
  ///   - closesDescriptor: Whether it is closed once nobody reads any more.
  ///   - lineByteCountMax: Longer lines are skipped, and told.
  package init(
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
  package var byteCount: Int { state.withLock(\.byteCount) }

  /// Why reading ended before the end of the input; 0 when it did not.
  package var failure: Int32 { state.withLock(\.errno) }

  /// The next line; nil at the end. A cancelled call throws at once and leaves the read that is
  /// under way to itself: what it brings is the next call's.
  package func next() async throws -> InputLine? {
    try await onQueue {
      // A line that nobody waits for any more stays for the next who asks.
      while !self.state.withLock({ !$0.lines.isEmpty || $0.isAtEnd }) { self.readMore() }
    } result: {
      self.state.withLock { $0.lines.isEmpty ? nil : $0.lines.removeFirst() }
    }
  }

  /// Whether something can be read, or the input has ended, within a time.
  package func isReady(within time: Duration) async throws -> Bool {
    let milliseconds = Int32(clamping: Int64(time / .milliseconds(1)))
    let isReady = Locked(false)
    return try await onQueue { [descriptor] in
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      isReady.withLock { $0 = poll(&wanted, 1, milliseconds) != 0 }
    } result: {
      isReady.withLock { $0 }
    }
  }

  /// All bytes to the end, of an input of which no line was asked for; nil when they are more than
  /// `byteCountMax`, as soon as that is known.
  package func all(byteCountMax: Int) async throws -> [UInt8]? {
    let bytes = Locked<[UInt8]?>([])
    return try await onQueue {
      var piece = self.read()
      while !piece.isEmpty {
        let isTooLong = bytes.withLock { bytes in
          bytes?.append(contentsOf: piece)
          if bytes.map({ $0.count > byteCountMax }) == true { bytes = nil }
          return bytes == nil
        }
        if isTooLong { return }
        piece = self.read()
      }
    } result: {
      bytes.withLock { $0 }
    }
  }

  /// Runs what may wait on the queue, and then takes its result if somebody still waits for it.
  private func onQueue<Value: Sendable>(
    _ work: @escaping @Sendable () -> Void, result: @escaping @Sendable () -> Value
  ) async throws -> Value {
    let waiter = Waiter<Value>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        guard waiter.begin(continuation) else { return }
        queue.async {
          work()
          waiter.finish(result)
        }
      }
    } onCancel: {
      waiter.cancel()
    }
  }

  /// The next bytes; none at the end, or when they cannot be read.
  private func read() -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      var received = systemRead(descriptor, buffer)
      while received < 0, errno == EINTR || errno == EAGAIN {
        if errno == EAGAIN {
          // Somebody else made the descriptor non-blocking.
          var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
          poll(&wanted, 1, -1)
        }
        received = systemRead(descriptor, buffer)
      }
      if received < 0 { failure = errno }
      count = max(0, received)
    }
    state.withLock { state in
      state.byteCount += bytes.count
      state.errno = failure
    }
    return bytes
  }

  private func readMore() {
    let bytes = read()
    state.withLock { state in
      if bytes.isEmpty {
        state.isAtEnd = true
        if let line = state.splitter.finish() { state.lines.append(line) }
      } else {
        state.lines += state.splitter.feed(bytes)
      }
    }
  }
}

/// The system's own, where a method of the same name stands in its way.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}

/// One who waits for a value, or until it is cancelled, whichever comes first.
private final class Waiter<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Value, any Error>?
    var isCancelled = false
  }

  private let state = Locked(State())

  /// False when it was cancelled before.
  func begin(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
    let isCancelled = state.withLock { state in
      if !state.isCancelled { state.continuation = continuation }
      return state.isCancelled
    }
    if isCancelled { continuation.resume(throwing: CancellationError()) }
    return !isCancelled
  }

  /// Takes the value only if somebody still waits for it.
  func finish(_ value: () -> Value) {
    guard let continuation = take(isCancelled: false) else { return }
    continuation.resume(returning: value())
  }

  func cancel() { take(isCancelled: true)?.resume(throwing: CancellationError()) }

  private func take(isCancelled: Bool) -> CheckedContinuation<Value, any Error>? {
    state.withLock { state in
      if isCancelled { state.isCancelled = true }
      defer { state.continuation = nil }
      return state.continuation
    }
  }
}
