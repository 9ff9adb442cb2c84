import CHiredis

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Wakes a thread out of `poll`: an eventfd on Linux, a pipe elsewhere.
final class WakeUp: Sendable {
  /// Readable after ``signal()`` until ``drain()``.
  let descriptor: Int32
  private let writeEnd: Int32

  /// Takes one or two descriptors.
  ///
  /// - Throws: ``RedisError`` when the process has none left.
  init() throws(RedisError) {
    #if os(Linux)
      let descriptor = chiredis_eventfd()
      // Before anything is set: deinit must not close what is none.
      guard descriptor >= 0 else { throw Self.failure() }
      (self.descriptor, writeEnd) = (descriptor, descriptor)
    #else
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw Self.failure() }
      (descriptor, writeEnd) = (ends[0], ends[1])
      for end in ends {
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      }
    #endif
  }

  deinit {
    close(descriptor)
    if writeEnd != descriptor { close(writeEnd) }
  }

  /// Makes the descriptor readable. From any thread.
  func signal() {
    var one: UInt64 = 1
    _ = write(writeEnd, &one, MemoryLayout<UInt64>.size)
  }

  /// Makes it unreadable again.
  func drain() {
    var count: UInt64 = 0
    #if os(Linux)
      _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    #else
      while read(descriptor, &count, MemoryLayout<UInt64>.size) > 0 {}
    #endif
  }

  private static func failure() -> RedisError {
    RedisError(
      code: .connectFailed, reason: "the process has no descriptor left (errno \(errno))")
  }
}
