import SessionCore
import Testing

@testable import RedisKit

@Suite("Connecting a socket")
struct SocketConnectingTests {
  @Test("A port where nobody listens refuses, also when the system gives it to the socket itself")
  func connectsToItself() async throws {
    // One that Linux gives to connections; whoever tries often enough gets it sooner or later.
    let address = RedisConfiguration.Address.tcp(host: "127.0.0.1", port: 45_678)
    let connectedCount = try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread {
          var count = 0
          for _ in 0..<60_000 {
            let deadline = Polling.now() + 1_000_000_000
            if (try? SocketTransport.connect(to: address, until: deadline)) != nil { count += 1 }
          }
          continuation.resume(returning: count)
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    #expect(connectedCount == 0)
  }
}
