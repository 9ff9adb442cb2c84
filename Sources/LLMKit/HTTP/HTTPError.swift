/// Why an exchange with a server did not come to its end.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller can act on.
  package enum Code: Sendable, Hashable {
    /// The request cannot be sent as it is.
    case invalidRequest
    /// No connection came about.
    case unreachable
    /// The server could not be told from an impostor.
    case insecure
    /// A deadline passed.
    case timedOut
    /// The connection ended in the middle; the server may have acted.
    case connectionLost
    /// The response is longer than was allowed.
    case tooLarge
    /// The reader stopped it.
    case stopped
    /// This machine has no memory, thread or engine for it.
    case outOfResources
  }

  package let code: Code
  /// One line for a person. Holds no header and no body.
  package let reason: String

  package init(code: Code, reason: String) {
    self.code = code
    self.reason = reason
  }

  package var description: String { reason }

  static let stopped = HTTPError(code: .stopped, reason: "the transfer was stopped")
  static let engineClosed = HTTPError(
    code: .outOfResources, reason: "the HTTP engine has been closed")
}
