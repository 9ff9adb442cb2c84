/// What happens to the connections of a client: for a log.
///
/// Prints as one line without secrets. Events may be added: switch with `@unknown default`.
@nonexhaustive
public enum MySQLEvent: Sendable, Hashable, CustomStringConvertible {
  /// Why a connection was closed.
  @nonexhaustive
  public enum CloseReason: String, Sendable, Hashable {
    /// Nobody needed it for ``MySQLConfiguration/idleTimeout``.
    case idle
    /// It reached ``MySQLConfiguration/connectionLifetime``.
    case aged
    /// It broke, or the server closed it.
    case lost
    /// Its statement had to be stopped.
    case stopped
    /// A job left something in the session that could not be taken away.
    case stateUnknown = "state unknown"
    /// The client was closed.
    case clientClosed = "client closed"
  }

  /// A connection was made; the number is the server's `CONNECTION_ID()`.
  case connected(connection: UInt64)
  /// No connection could be made. Who waits for one gets the same error.
  case connectFailed(MySQLError)
  /// A job left something in the session: settings, locks, a transaction. It was taken away.
  case reset(connection: UInt64)
  /// A transaction is run again, for the so-and-so-many-th time, after this error.
  case transactionRepeated(attempt: Int, MySQLError)
  /// A connection was closed.
  case closed(connection: UInt64, CloseReason)

  /// One line.
  public var description: String {
    switch self {
    case .connected(let number): "connection \(number) made"
    case .connectFailed(let error): "no connection could be made: \(error)"
    case .reset(let number): "connection \(number) made as new"
    case .transactionRepeated(let attempt, let error): "transaction, attempt \(attempt): \(error)"
    case .closed(let number, let reason): "connection \(number) closed (\(reason.rawValue))"
    }
  }
}

/// What a client has done since it was made, and what it is doing.
public struct MySQLStatistics: Sendable, Hashable, Codable {
  /// Connections that are open, or being made.
  public internal(set) var connectionCount = 0
  /// Those of them that have a job.
  public internal(set) var busyConnectionCount = 0
  /// Jobs that wait for a connection.
  public internal(set) var waitingJobCount = 0
  /// Jobs that were run, whatever came of them: a statement, a transaction, a stream.
  public internal(set) var finishedJobCount = 0
  /// Connections made.
  public internal(set) var connectCount = 0
  /// Attempts to connect that failed.
  public internal(set) var connectFailureCount = 0
  /// Connections closed that were broken, stopped, or left in a state that is not known.
  public internal(set) var lostConnectionCount = 0
  /// Sessions that had to be made as new after a job.
  public internal(set) var resetCount = 0
  /// Transactions that were run again.
  public internal(set) var repeatedTransactionCount = 0

  mutating func count(_ event: MySQLEvent) {
    switch event {
    case .connected: connectCount += 1
    case .connectFailed: connectFailureCount += 1
    case .reset: resetCount += 1
    case .transactionRepeated: repeatedTransactionCount += 1
    case .closed(_, .lost), .closed(_, .stopped), .closed(_, .stateUnknown):
      lostConnectionCount += 1
    case .closed: break
    }
  }
}
