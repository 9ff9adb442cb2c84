/// What a client has done since it was made. For monitoring: counted by each connection's thread
/// once a round, and read without stopping it.
public struct RedisStatistics: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Commands that were answered, errors included.
  public let answeredCommandCount: Int
  /// Commands that wait for their answers now; those of a pipeline count as one.
  public let waitingCommandCount: Int
  /// Bytes sent.
  public let sentByteCount: Int
  /// Bytes received.
  public let receivedByteCount: Int
  /// Connections that were made.
  public let connectionCount: Int
  /// Attempts that made none.
  public let failedConnectionCount: Int
  /// Connections that broke.
  public let lostConnectionCount: Int
  /// Connections that are lent now.
  public let lentConnectionCount: Int

  /// The numbers, in one line.
  public var description: String {
    """
    \(answeredCommandCount) commands answered, \(waitingCommandCount) waiting; \
    \(connectionCount) connections made, \(failedConnectionCount) failed, \
    \(lostConnectionCount) lost, \(lentConnectionCount) lent
    """
  }
}

/// What became of a connection.
public struct RedisConnectionEvent: Sendable, Hashable, CustomStringConvertible {
  /// What became of it.
  @nonexhaustive
  public enum Change: Sendable, Hashable {
    /// It was made, and the server let us in.
    case connected
    /// It could not be made.
    case failed(RedisError)
    /// It broke.
    case lost(RedisError)
    /// It was closed: nobody had used it for a while, or the client was closed.
    case closed
  }

  /// The server.
  public let address: RedisConfiguration.Address
  /// What became of it.
  public let change: Change

  /// One line; nothing secret.
  public var description: String {
    switch change {
    case .connected: "connected to Redis at \(address)"
    case .failed(let error), .lost(let error): error.reason
    case .closed: "the connection to Redis at \(address) was closed"
    }
  }
}

extension RedisClient {
  /// What the client has done.
  public var statistics: RedisStatistics {
    activity.statistics(waiting: waitingCommandCount, lent: pool.lentCount)
  }
}
