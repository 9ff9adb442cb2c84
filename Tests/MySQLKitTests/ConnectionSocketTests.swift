import SessionCore
import TestSupport
import Testing

@testable import MySQLKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The socket of a connection", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct ConnectionSocketTests {
  /// What became of the socket of a connection that broke while it was used.
  private struct Seen: Sendable {
    var opened: ino_t?
    /// What bore the number of the socket when its owner had it taken off the books.
    var reported: ino_t?
    var isKnownToBeBroken = false
    var code: MySQLError.Code?
  }

  /// What a descriptor names; nil when it is closed.
  private static func file(of descriptor: Int32) -> ino_t? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? status.st_ino : nil
  }

  /// Breaks a connection, and then runs a statement that must not be sent once more.
  private static func breakConnection(_ configuration: MySQLConfiguration) throws -> Seen {
    var seen = Seen()
    var socket: ConnectionSocket?
    let observer = ConnectionObserver(
      statement: nil,
      endpoint: { endpoint in
        if let endpoint {
          socket = endpoint.socket
          seen.opened = file(of: endpoint.socket.descriptor)
        } else {
          // Here the library has closed its own number already.
          seen.reported = socket.flatMap { file(of: $0.descriptor) }
        }
      }, event: { _ in })
    let connection = MySQLConnection(configuration, observer: observer)
    try connection.open()
    connection.mayReconnect = false
    let handle = try #require(connection.handle)
    socket?.cut()
    do {
      try connection.execute("DO 1")
    } catch let error as MySQLError {
      seen.code = error.code
    }
    seen.isKnownToBeBroken = handle.isBrokenWhileIdle
    return seen
  }

  @Test("bears the number by which others cut it until nobody does any more")
  func number() async throws {
    let configuration = try MySQLConfiguration(url: try Servers.requireDatabaseURL())
    let seen = try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread {
          let result = Result { try Self.breakConnection(configuration) }
          MySQLLibrary.leaveThread()
          continuation.resume(with: result)
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    #expect(seen.code == .connectionLost)
    #expect(seen.opened != nil)
    #expect(seen.reported == seen.opened, "The number is somebody else's, or nobody's.")
    #expect(seen.isKnownToBeBroken)
  }
}
