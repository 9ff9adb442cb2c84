#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Waiting for descriptors, and the clock that measures it.
enum Polling {
  /// What a descriptor is ready for.
  struct Readiness {
    var readable = false
    var writable = false
    var woken = false
  }

  /// Nanoseconds on a clock that never steps.
  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The moment when so much time will have passed.
  static func deadline(in time: Duration) -> Int64 {
    // At least a nanosecond, for zero stands for none.
    max(1, now() + min(time.nanoseconds, .max / 4))
  }

  /// Waits until `descriptor` (none if negative) or `wakeUp` is ready, or `deadline` is reached;
  /// nil waits for ever. May return early with nothing ready.
  static func wait(
    for descriptor: Int32, writing: Bool, or wakeUp: Int32 = -1, until deadline: Int64?
  ) -> Readiness {
    let events = Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0)
    var entries = (
      pollfd(fd: descriptor, events: events, revents: 0),
      pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0)
    )
    var timeout: Int32 = -1
    if let deadline {
      // Rounded up: waking a moment early would only mean polling again.
      timeout = Int32(clamping: max(0, deadline - now() + 999_999) / 1_000_000)
    }
    let count = withUnsafeMutableBytes(of: &entries) { bytes in
      poll(bytes.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, timeout)
    }
    guard count > 0 else { return Readiness() }
    // An error or a hang-up is found by reading.
    return Readiness(
      readable: entries.0.revents & ~Int16(POLLOUT) != 0,
      writable: entries.0.revents & Int16(POLLOUT) != 0,
      woken: entries.1.revents != 0)
  }
}
