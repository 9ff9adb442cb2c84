import RawClient
import SessionCore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The plain client of the tests", .timeLimit(.minutes(5)))
struct RawConnectionTests {
  // In a process of its own: what is closed by mistake is another test's otherwise.
  @Test("A connection that is refused closes its descriptor once, and nobody else's")
  func refused() async {
    await #expect(processExitsWith: .success) {
      let isOver = Locked(false)
      _ = try DedicatedThread {
        // Nobody listens on this port.
        for _ in 0..<5000 { _ = try? RawConnection(port: 1) }
        isOver.withLock { $0 = true }
      }
      let lost: Int = try await withCheckedThrowingContinuation { continuation in
        do {
          _ = try DedicatedThread {
            var lost = 0
            while !isOver.withLock({ $0 }) {
              let descriptor = open("/dev/null", O_RDONLY)
              if close(descriptor) != 0 { lost += 1 }
            }
            continuation.resume(returning: lost)
          }
        } catch {
          continuation.resume(throwing: error)
        }
      }
      if lost > 0 {
        print("\(lost) descriptors were closed by somebody else")
        exit(2)
      }
    }
  }
}
