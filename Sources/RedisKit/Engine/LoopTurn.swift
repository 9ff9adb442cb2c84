import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whose turn it is to work on a connection: its thread's, but for the time that this waits in
/// `poll`.
///
/// A call that comes in that time, with nothing else under way, is sent by the thread that makes
/// it. Waking the connection's thread for it would cost as much as the server takes to answer.
final class LoopTurn: @unchecked Sendable {
  // Sendable because `loop`, and all that it holds, is touched only while `mutex` is held.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var loop: ConnectionLoop?
  /// Whether a call may be sent by whoever makes it. To try the mutex while the connection is busy
  /// would only slow its thread down.
  let isOffered = Atomic(false)

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deinitialize(count: 1)
    mutex.deallocate()
  }

  /// Begins the work of the connection's thread, whose turn it is then.
  func begin(_ loop: ConnectionLoop) {
    pthread_mutex_lock(mutex)
    self.loop = loop
  }

  /// Ends it for good.
  func end() {
    loop = nil
    pthread_mutex_unlock(mutex)
  }

  /// Gives the turn away while `wait` runs, and takes it back. The connection's thread calls this.
  func give<Result>(offeringCalls: Bool, during wait: () -> Result) -> Result {
    isOffered.store(offeringCalls, ordering: .relaxed)
    pthread_mutex_unlock(mutex)
    let result = wait()
    isOffered.store(false, ordering: .relaxed)
    pthread_mutex_lock(mutex)
    return result
  }

  /// Sends a call on the thread that makes it. False, and nothing done, unless that is offered.
  func send(_ call: Call) -> Bool {
    guard isOffered.load(ordering: .relaxed), pthread_mutex_trylock(mutex) == 0 else {
      return false
    }
    defer { pthread_mutex_unlock(mutex) }
    guard let loop, loop.sendAtOnce(call) else { return false }
    isOffered.store(false, ordering: .relaxed)
    return true
  }
}
