#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A thread of our own, for C calls that wait: Swift's shared threads must never block.
///
/// SIGPIPE is blocked on it, so that writing to a closed connection is an error and not the end of
/// the process.
package final class DedicatedThread: Sendable {
  private let handle: Handle
  private let isJoined = Locked(false)

  /// Starts `body` on a new thread.
  ///
  /// - Throws: ``ThreadError`` when the system has no thread left.
  package init(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    let start = Unmanaged.passRetained(Start(body))
    #if canImport(Darwin)
      var handle: pthread_t?
    #else
      var handle = pthread_t()
    #endif
    let status = pthread_create(&handle, nil, runDedicatedThread, start.toOpaque())
    guard status == 0 else {
      start.release()
      throw ThreadError(errno: status)
    }
    #if canImport(Darwin)
      guard let handle else { throw ThreadError(errno: EAGAIN) }
      self.handle = Handle(thread: handle)
    #else
      self.handle = Handle(thread: handle)
    #endif
  }

  deinit {
    if !isJoined.withLock({ $0 }) { pthread_detach(handle.thread) }
  }

  /// Waits until the thread has ended. Blocks its caller: for shut-down and tests only, never on a
  /// Swift task. Called from the thread itself it does nothing, and the thread ends by itself.
  package func join() {
    guard pthread_equal(pthread_self(), handle.thread) == 0 else { return }
    let isFirst = isJoined.withLock { joined in
      defer { joined = true }
      return !joined
    }
    if isFirst { pthread_join(handle.thread, nil) }
  }
}

/// The system refused a thread.
package struct ThreadError: Error, CustomStringConvertible {
  /// What `pthread_create` returned.
  package let errno: Int32
  package var description: String { "no thread could be started (errno \(errno))" }
}

// Sendable because a pthread_t, a number or a pointer by platform, is a name and never
// dereferenced.
private struct Handle: @unchecked Sendable {
  let thread: pthread_t
}

private final class Start: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

#if canImport(Darwin)
  private func runDedicatedThread(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    runStart(context)
    return nil
  }
#else
  private func runDedicatedThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { runStart(context) }
    return nil
  }
#endif

private func runStart(_ context: UnsafeMutableRawPointer) {
  let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  start.body()
}
