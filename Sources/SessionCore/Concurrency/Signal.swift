#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Wakes one sleeping thread of ours. Raised while nobody sleeps, it lets the next sleeper through
/// at once.
package final class Signal: @unchecked Sendable {
  // Sendable because `isRaised` is read and written only while `mutex` is held.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var isRaised = false

  /// A signal that is not raised.
  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    #if canImport(Darwin)
      pthread_cond_init(condition, nil)
    #else
      // Not the wall clock: setting that must not shorten or lengthen a sleep.
      var attributes = pthread_condattr_t()
      pthread_condattr_init(&attributes)
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      pthread_cond_init(condition, &attributes)
      pthread_condattr_destroy(&attributes)
    #endif
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Wakes the thread that sleeps, or the next one.
  package func raise() {
    pthread_mutex_lock(mutex)
    isRaised = true
    pthread_mutex_unlock(mutex)
    // Not under the mutex, where the thread that wakes would only have to wait again.
    pthread_cond_signal(condition)
  }

  /// Sleeps until the signal is raised, and lowers it. False when `limit` passed first.
  package func wait(atMost limit: Duration?) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if !isRaised {
      if let limit { sleep(atMost: max(limit, .zero)) } else { sleep() }
    }
    defer { isRaised = false }
    return isRaised
  }

  private func sleep() {
    while !isRaised { pthread_cond_wait(condition, mutex) }
  }

  private func sleep(atMost limit: Duration) {
    // A year is for ever, and overflows nothing.
    let limit = min(limit, .seconds(31_536_000))
    #if canImport(Darwin)
      let clock = ContinuousClock()
      let end = clock.now + limit
      while !isRaised {
        let rest = max(end - clock.now, .zero).components
        var time = timespec(
          tv_sec: Int(rest.seconds), tv_nsec: Int(rest.attoseconds / 1_000_000_000))
        if pthread_cond_timedwait_relative_np(condition, mutex, &time) == ETIMEDOUT { return }
      }
    #else
      let (seconds, attoseconds) = limit.components
      var end = timespec()
      clock_gettime(CLOCK_MONOTONIC, &end)
      let nanoseconds = Int(end.tv_nsec) + Int(attoseconds / 1_000_000_000)
      end.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
      end.tv_nsec = nanoseconds % 1_000_000_000
      while !isRaised {
        if pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT { return }
      }
    #endif
  }
}
