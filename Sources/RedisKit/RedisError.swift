/// Why a command has no answer, or the wrong one.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller can act on. Codes may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The name of the code.
    public let description: String
    private init(_ name: String) { description = name }

    /// A URL or a setting that means nothing.
    public static let invalidConfiguration = Code("invalidConfiguration")
    /// The server cannot be reached, or did not let us in.
    public static let connectFailed = Code("connectFailed")
    /// The connection ended before the answer.
    public static let connectionLost = Code("connectionLost")
    /// No answer within the command's deadline.
    public static let timedOut = Code("timedOut")
    /// More commands wait than the configuration allows.
    public static let queueFull = Code("queueFull")
    /// The answer is longer, or nested deeper, than the configuration allows.
    public static let replyTooLarge = Code("replyTooLarge")
    /// What came is not the protocol of Redis, or not what the command answers.
    public static let protocolViolation = Code("protocolViolation")
    /// The server answered with an error: see ``RedisError/server``.
    public static let serverRefused = Code("serverRefused")
    /// The client was closed.
    public static let closed = Code("closed")
    /// A command that the connection cannot carry: see ``RedisClient/withConnection(forKey:_:)``.
    public static let unsupportedCommand = Code("unsupportedCommand")
  }

  /// What a caller can act on.
  public let code: Code
  /// One line for a person; holds no argument of a command and no secret.
  public let reason: String
  /// The name of the command, without its arguments.
  public let command: String?
  /// What the server said, when it said something.
  public let server: RedisServerError?
  /// False when it is certain that the server did not carry out the command. True means that it may
  /// have, or may yet.
  public let mayHaveActed: Bool

  /// An error with every part given.
  public init(
    code: Code, reason: String, command: String? = nil, server: RedisServerError? = nil,
    mayHaveActed: Bool = false
  ) {
    self.code = code
    self.reason = reason
    self.command = command
    self.server = server
    self.mayHaveActed = mayHaveActed
  }

  /// The command and the reason.
  public var description: String { command.map { "\($0): \(reason)" } ?? reason }

  /// The same error, of the command `name`.
  func of(_ name: String) -> RedisError {
    RedisError(
      code: code, reason: reason, command: name, server: server, mayHaveActed: mayHaveActed)
  }

  /// The same error, of a command that an earlier attempt may have carried out.
  func orEarlier(mayHaveActed earlier: Bool) -> RedisError {
    if !earlier { return self }
    return RedisError(
      code: code, reason: reason, command: command, server: server, mayHaveActed: true)
  }

  /// The error that a command's answer is.
  init(_ server: RedisServerError, command: String?) {
    self.init(
      code: .serverRefused, reason: "\(server)", command: command, server: server)
  }
}
