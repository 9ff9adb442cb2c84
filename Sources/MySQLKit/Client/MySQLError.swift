/// Why a statement, a connection or a job of the client failed.
public struct MySQLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller can act on. Codes may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The name of the code.
    public let description: String
    private init(_ name: String) { description = name }

    /// A URL or a setting that cannot be used.
    public static let invalidConfiguration = Code("invalidConfiguration")
    /// No connection could be made.
    public static let connectFailed = Code("connectFailed")
    /// The server refused the login, or the user may not do this.
    public static let accessDenied = Code("accessDenied")
    /// The connection broke.
    public static let connectionLost = Code("connectionLost")
    /// No connection became free in time.
    public static let waitTimedOut = Code("waitTimedOut")
    /// The job took too long, and was stopped.
    public static let timedOut = Code("timedOut")
    /// The client was closed.
    public static let closed = Code("closed")
    /// The transaction was chosen to give way to another one.
    public static let deadlock = Code("deadlock")
    /// Another transaction held a row for too long.
    public static let lockTimedOut = Code("lockTimedOut")
    /// The row is there already.
    public static let duplicateKey = Code("duplicateKey")
    /// The statement is larger than the server takes (`max_allowed_packet`).
    public static let tooLarge = Code("tooLarge")
    /// The statement was stopped on the server.
    public static let interrupted = Code("interrupted")
    /// The server refused the statement for another reason; see ``errno``.
    public static let refused = Code("refused")
    /// A value is not of the kind that was asked for, or there is no such column or parameter.
    public static let unexpectedValue = Code("unexpectedValue")
  }

  /// What a caller can act on.
  public let code: Code
  /// One line for a person, with the server's words where it gave any: names of tables, columns and
  /// keys, but no statement, no value and no secret.
  public let reason: String
  /// The number of the server's or the library's error.
  public let errno: UInt32?
  /// The SQLSTATE of the error: five characters.
  public let sqlState: String?
  /// The server's own words. They may quote a statement or a value: not for a log.
  public let serverMessage: String?
  /// False when it is certain that the server changed nothing, or undid it.
  public let mayHaveActed: Bool

  /// An error of one's own, as a test or a stand-in for the client needs it.
  public init(
    code: Code, reason: String, errno: UInt32? = nil, sqlState: String? = nil,
    serverMessage: String? = nil, mayHaveActed: Bool = false
  ) {
    self.code = code
    self.reason = reason
    self.errno = errno
    self.sqlState = sqlState
    self.serverMessage = serverMessage
    self.mayHaveActed = mayHaveActed
  }

  /// Whether the same thing may succeed when it is tried again. Look at ``mayHaveActed`` before
  /// something is repeated that must not happen twice.
  public var isRetryable: Bool {
    switch code {
    case .connectFailed, .connectionLost, .waitTimedOut, .timedOut, .deadlock, .lockTimedOut,
      .interrupted:
      true
    default: false
    }
  }

  /// The reason, with the numbers of the server.
  public var description: String {
    guard let errno else { return reason }
    return "\(reason) (error \(errno)\(sqlState.map { ", SQLSTATE \($0)" } ?? ""))"
  }

  static func invalidConfiguration(_ reason: String) -> MySQLError {
    MySQLError(code: .invalidConfiguration, reason: reason)
  }

  static let closed = MySQLError(code: .closed, reason: "the database client was closed")

  static let broken = MySQLError(
    code: .connectionLost, reason: "the connection to the database broke")

  func with(mayHaveActed: Bool) -> MySQLError {
    MySQLError(
      code: code, reason: reason, errno: errno, sqlState: sqlState, serverMessage: serverMessage,
      mayHaveActed: mayHaveActed)
  }
}
