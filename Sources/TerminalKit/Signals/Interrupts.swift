import Dispatch
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Turns signals into cancellation. Ctrl-C stops the innermost piece of work; a second one before
/// it has stopped ends the process. SIGTERM and SIGHUP stop everything. Work that does not stop
/// within ``grace`` is left: one signal ends the process, whatever it waits for.
package final class Interrupts: Sendable {
  private struct Job {
    let cancel: @Sendable () -> Void
    var isStopping = false
  }

  /// How long all work together may take to stop, in which an answer that was cut is still stored.
  private static let grace = DispatchTimeInterval.seconds(6)

  private let exitCode: Int32
  private let jobs = Locked<[Job]>([])
  private let lastWork = Locked<(@Sendable () -> Void)?>(nil)
  // Written once, in init; kept because a source that nobody holds is cancelled.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  /// Takes over the signals that are not ignored: a shell ignores some for its background jobs, and
  /// nohup for its child. A write that nobody reads, or past the largest size of a file, is an
  /// error of that write.
  ///
  /// - Parameter exitCode: With what a signal ends the process.
  package init(exitCode: Int32) {
    self.exitCode = exitCode
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.receive(number) }
      source.resume()
      sources.append(source)
    }
  }

  /// Sets what is done before a signal ends the process at once.
  package func atHardExit(_ work: @escaping @Sendable () -> Void) {
    lastWork.withLock { $0 = work }
  }

  /// Runs a piece of work that signals can cancel.
  package func run<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = Task { try await work() }
    jobs.withLock { $0.append(Job { task.cancel() }) }
    defer { jobs.withLock { _ = $0.popLast() } }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func receive(_ number: Int32) {
    let isForAll = number != SIGINT
    let (cancelled, mustLeave) = jobs.withLock { jobs in
      guard let last = jobs.indices.last, !jobs[last].isStopping else {
        return ([@Sendable () -> Void](), true)
      }
      let stopped = isForAll ? jobs.indices : last..<jobs.endIndex
      for index in stopped { jobs[index].isStopping = true }
      return (jobs[stopped].map(\.cancel), false)
    }
    if mustLeave { leave() }
    for cancel in cancelled { cancel() }
    if cancelled.count == jobs.withLock({ $0.count }) {
      DispatchQueue.global().asyncAfter(deadline: .now() + Self.grace) { [self] in leave() }
    }
  }

  private func leave() -> Never {
    lastWork.withLock { $0 }?()
    _exit(exitCode)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
