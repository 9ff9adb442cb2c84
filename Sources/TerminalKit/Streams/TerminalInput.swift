import Dispatch
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What comes from a terminal: bytes as they are typed, and news of its size. One task reads.
final class TerminalInput: Sendable {
  enum Event: Sendable, Hashable {
    case bytes([UInt8])
    case resized
    case end
  }

  private struct State {
    var events: [Event] = []
    var waiter: CheckedContinuation<Event, any Error>?
    var isCancelled = false
  }

  private let state = Locked(State())
  // Written once, in init; kept because a source that nobody holds is cancelled.
  nonisolated(unsafe) private let resizes: any DispatchSourceSignal

  /// Starts reading on a thread of its own, which ends with the process.
  init() throws {
    signal(SIGWINCH, SIG_IGN)
    resizes = DispatchSource.makeSignalSource(signal: SIGWINCH, queue: .global())
    let state = state
    _ = try DedicatedThread {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(0, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        Self.add(.bytes(Array(buffer[..<count])), to: state)
      }
      Self.add(.end, to: state)
    }
    resizes.setEventHandler { Self.add(.resized, to: state) }
    resizes.resume()
  }

  /// The next event. Behind ``Event/end`` nothing comes any more. A cancelled call throws, and so
  /// does every call after it.
  func next() async throws -> Event {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let ready: Result<Event, any Error>? = state.withLock { state in
          if state.isCancelled { return .failure(CancellationError()) }
          guard state.events.isEmpty else { return .success(state.events.removeFirst()) }
          state.waiter = continuation
          return nil
        }
        if let ready { continuation.resume(with: ready) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.isCancelled = true
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume(throwing: CancellationError())
    }
  }

  private static func add(_ event: Event, to state: Locked<State>) {
    let waiter = state.withLock { state in
      guard let waiter = state.waiter else {
        state.events.append(event)
        return nil as CheckedContinuation<Event, any Error>?
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume(returning: event)
  }
}
