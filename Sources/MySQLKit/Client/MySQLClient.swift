import SessionCore

/// A pooled client of a MySQL or MariaDB server.
///
/// Connections are made when they are first needed, each owned by a thread of its own; all take
/// their work from one queue, so that no call of a Swift task ever blocks one of Swift's threads. A
/// connection that broke while it was idle is replaced without anybody noticing.
///
/// Sessions run in UTC, strict, with `ONLY_FULL_GROUP_BY`; text is utf8mb4. Transactions are READ
/// COMMITTED, and REPEATABLE READ where the server logs statements.
///
/// Failures are ``MySQLError``; a cancelled call throws `CancellationError`, after its statement
/// was stopped on the server. Any number of tasks may use one client.
public final class MySQLClient: Sendable {
  /// What the client was made with.
  public var configuration: MySQLConfiguration { pool.configuration }
  private let pool: ConnectionPool

  /// A client that has not connected yet.
  public init(_ configuration: MySQLConfiguration) {
    pool = ConnectionPool(configuration, observe: nil)
  }

  /// As the one above; `observe` is told of every statement, on the thread that runs it.
  package init(_ configuration: MySQLConfiguration, observe: @escaping StatementObserver) {
    pool = ConnectionPool(configuration, observe: observe)
  }

  deinit { pool.shutDown() }

  /// Reads: runs a statement that changes nothing, with a value for each `?` in it. It may be sent
  /// twice, when a connection breaks.
  public func query(
    _ sql: String, _ parameters: [MySQLValue] = []
  ) async throws -> MySQLResult {
    try await withConnection { try $0.query(sql, parameters) }
  }

  /// Writes: runs a statement that may change something, with a value for each `?` in it.
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [MySQLValue] = []
  ) async throws -> MySQLResult {
    try await withConnection { try $0.execute(sql, parameters) }
  }

  /// Runs `body` in a transaction on one connection; see
  /// ``MySQLConnection/transaction(_:)``. `body` runs on the connection's thread, and may run
  /// several times.
  public func transaction<Result: Sendable>(
    _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await withConnection { connection in
      try connection.transaction { try body(connection) }
    }
  }

  /// Runs `body` on one connection, on that connection's thread.
  public func withConnection<Result: Sendable>(
    _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await withConnection(timeLimit: configuration.jobTimeout, body)
  }

  /// As the one above, with a limit of its own; nil for none.
  func withConnection<Result: Sendable>(
    timeLimit: Duration?, _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    let stop = StopFlag()
    let pool = pool
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        pool.post(job(stop, timeLimit, body, continuation))
      }
    } onCancel: {
      pool.cancel(stop)
    }
  }

  /// Takes a job as it is.
  func post(_ job: Job) { pool.post(job) }

  /// Takes no more work, waits for what runs, and closes every connection. What waits for a
  /// connection fails with ``MySQLError/Code/closed``.
  public func close() async { await pool.close() }
}

private func job<Result: Sendable>(
  _ stop: StopFlag, _ timeLimit: Duration?,
  _ body: @escaping @Sendable (MySQLConnection) throws -> Result,
  _ continuation: UnsafeContinuation<Result, any Error>
) -> Job {
  Job(
    stop: stop, timeLimit: timeLimit,
    body: { connection in
      do {
        let result = try body(connection)
        return { continuation.resume(returning: result) }
      } catch {
        let error = stop.reported(error)
        return { continuation.resume(throwing: error) }
      }
    },
    fail: { continuation.resume(throwing: $0) })
}
