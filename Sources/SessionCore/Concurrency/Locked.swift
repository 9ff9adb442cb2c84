#if canImport(Glibc)
  package import Glibc
#elseif canImport(Musl)
  package import Musl
#else
  package import Darwin
#endif

/// A value behind a mutex, for the few places where a thread of ours meets Swift's tasks.
///
/// A `pthread_mutex_t` and not `Synchronization.Mutex`, whose uncontended path the thread sanitizer
/// does not see: it reports races that are none.
package final class Locked<State>: @unchecked Sendable {
  // Sendable because `state` is read and written only while `mutex` is held.
  @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
  @usableFromInline var state: State

  /// Puts `state` behind a new mutex.
  package init(_ state: sending State) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    self.state = state
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deinitialize(count: 1)
    mutex.deallocate()
  }

  /// Runs `body` on the state. `body` must not wait, and must not take another lock.
  @inlinable
  package func withLock<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }
}
