import SessionCore

/// A pooled client of a MySQL or MariaDB server.
///
/// Connections are made when they are first needed, each owned by a thread of its own; all take
/// their work from one queue, so that no call of a Swift task ever blocks one of Swift's threads. A
/// connection that broke while it was idle is replaced without anybody noticing, and one that a job
/// leaves with other settings, locks or an open transaction is made as new before the next job.
///
/// Sessions run in UTC, strict, with `ONLY_FULL_GROUP_BY`; text is utf8mb4. Transactions are READ
/// COMMITTED, and REPEATABLE READ where the server logs statements.
///
/// Failures are ``MySQLError``; a cancelled call throws `CancellationError`, after its statement
/// was stopped on the server. Any number of tasks may use one client.
///
/// Every call takes a `timeout`: the time for its work on a connection;
/// ``MySQLConfiguration/jobTimeout`` unless it is given.
public final class MySQLClient: Sendable {
  /// What the client was made with.
  public var configuration: MySQLConfiguration { pool.configuration }
  let pool: ConnectionPool

  /// A client that has not connected yet.
  ///
  /// - Parameter onEvent: Told of what happens to connections, on their threads: it must not wait.
  public init(
    _ configuration: MySQLConfiguration, onEvent: (@Sendable (MySQLEvent) -> Void)? = nil
  ) {
    pool = ConnectionPool(configuration, observe: nil, onEvent: onEvent)
  }

  /// As the one above; `observe` is told of every statement, on the thread that runs it.
  package init(_ configuration: MySQLConfiguration, observe: @escaping StatementObserver) {
    pool = ConnectionPool(configuration, observe: observe, onEvent: nil)
  }

  deinit { pool.shutDown() }

  /// Reads: runs a statement that changes nothing, with a value for each `?` in it. It may be sent
  /// twice, when a connection breaks. The whole result is held in memory; ``stream(_:_:timeout:)``
  /// does not.
  public func query(
    _ sql: String, _ parameters: [MySQLValue] = [], timeout: Duration? = nil
  ) async throws -> MySQLResult {
    try await withConnection(timeout: timeout) { try $0.query(sql, parameters) }
  }

  /// Writes: runs a statement that may change something, with a value for each `?` in it.
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [MySQLValue] = [], timeout: Duration? = nil
  ) async throws -> MySQLResult {
    try await withConnection(timeout: timeout) { try $0.execute(sql, parameters) }
  }

  /// As ``execute(_:_:timeout:)``, and gives every result of the statement: those of a `CALL`.
  @discardableResult
  public func call(
    _ sql: String, _ parameters: [MySQLValue] = [], timeout: Duration? = nil
  ) async throws -> MySQLProcedureResult {
    try await withConnection(timeout: timeout) { try $0.call(sql, parameters) }
  }

  /// Inserts many rows, all or none; see
  /// `insert(into:columns:rows:updatesDuplicates:)`.
  @discardableResult
  public func insert(
    into table: String, columns: [String], rows: [[MySQLValue]], updatesDuplicates: Bool = false,
    timeout: Duration? = nil
  ) async throws -> MySQLResult {
    try await withConnection(timeout: timeout) { connection in
      try connection.insert(
        into: table, columns: columns, rows: rows, updatesDuplicates: updatesDuplicates)
    }
  }

  /// Reads a result of any size, row by row, in bounded memory; see ``MySQLRowSequence``.
  ///
  /// Nothing is sent before the first row is asked for, and each loop over it sends the statement.
  ///
  /// - Parameter timeout: The time for the whole stream; nil for none, as long as the server goes
  ///   on sending (``MySQLConfiguration/readTimeout``) and the reader reading
  ///   (``MySQLConfiguration/streamPauseTimeout``).
  public func stream(
    _ sql: String, _ parameters: [MySQLValue] = [], timeout: Duration? = nil
  ) -> MySQLRowSequence {
    MySQLRowSequence(client: self, sql: sql, parameters: parameters, timeout: timeout)
  }

  /// Runs `body` in a transaction on one connection; see
  /// ``MySQLConnection/transaction(_:)``. `body` runs on the connection's thread, and may run
  /// several times.
  @discardableResult
  public func transaction<Result: Sendable>(
    timeout: Duration? = nil, _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await withConnection(timeout: timeout) { connection in
      try connection.transaction { try body(connection) }
    }
  }

  /// Runs `body` on one connection, on that connection's thread.
  public func withConnection<Result: Sendable>(
    timeout: Duration? = nil, _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await withConnection(timeLimit: timeout ?? configuration.jobTimeout, body)
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

  /// What the client has done, and is doing.
  public var statistics: MySQLStatistics { pool.statistics }

  /// Takes no more work, waits for what runs, and closes every connection. What waits for a
  /// connection, and streams, fail with ``MySQLError/Code/closed``.
  public func close() async { await pool.close() }
}

extension MySQLClient: CustomStringConvertible {
  /// The URL, without the password.
  public var description: String { "MySQLClient(\(configuration))" }
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
