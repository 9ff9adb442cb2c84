#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The socket of a connection under a number of our own, by which any thread may cut it.
///
/// The library closes its number by itself as soon as it sees that the connection broke, and the
/// system gives the number to whoever opens something next. Cutting by it could end somebody
/// else's connection.
final class ConnectionSocket: Sendable {
  let descriptor: Int32

  /// Takes a second number for the socket that `libraryDescriptor` names.
  ///
  /// - Throws: ``MySQLError`` with code ``MySQLError/Code/connectFailed`` when the process has no
  ///   descriptor left, or the connection is no more.
  init(sharing libraryDescriptor: Int32) throws(MySQLError) {
    let descriptor = fcntl(libraryDescriptor, F_DUPFD_CLOEXEC, 0)
    // Before anything is set: deinit must not close what is none.
    guard descriptor >= 0 else {
      throw MySQLError(
        code: .connectFailed, reason: "the process has no descriptor left (errno \(errno))")
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Ends the connection for both sides; who reads from it gets an error at once.
  func cut() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
