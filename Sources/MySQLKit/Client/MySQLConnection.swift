import SessionCore

/// Is told of statements before they are run.
package typealias StatementObserver = @Sendable (String, [MySQLValue]) -> Void

/// A connection, as a job sees it. Its calls wait for the server and run on a thread of the pool;
/// it must not leave the closure that it was given to.
public final class MySQLConnection {
  let configuration: MySQLConfiguration
  /// Says whether the running job is to stop.
  var stop = StopFlag()
  /// False while something rests on the session that a new connection would not have: a lock.
  var mayReconnect = true
  private(set) var handle: MySQLHandle?
  private var statements = StatementCache(countMax: 0)
  private var openedAt = ContinuousClock.now
  private var packetByteCountMax = 0
  private let report: (PoolState.Endpoint?) -> Void
  private let observe: StatementObserver?
  /// The open transaction, and what broke it.
  var transactionState = TransactionState.none

  enum TransactionState {
    case none
    case open
    /// The server has undone it: nothing more may be run as if it were still open.
    case broken(MySQLError)
  }

  /// A connection that is not open yet. `report` is told of every connection made, before it is
  /// used, and with nil before it is closed; `observe` of every statement.
  init(
    _ configuration: MySQLConfiguration, observe: StatementObserver?,
    report: @escaping (PoolState.Endpoint?) -> Void
  ) {
    self.configuration = configuration
    self.observe = observe
    self.report = report
  }

  /// Reads: runs a statement that changes nothing. If the connection breaks, it is sent once more
  /// on a new one.
  public func query(
    _ sql: String, _ parameters: [MySQLValue] = []
  ) throws -> MySQLResult {
    try run(sql, parameters, isRepeatable: true)
  }

  /// Writes: runs a statement that may change something. It is sent once more only when it is
  /// certain that the server did not get it.
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [MySQLValue] = []
  ) throws -> MySQLResult {
    try run(sql, parameters, isRepeatable: false)
  }

  private func run(
    _ sql: String, _ parameters: [MySQLValue], isRepeatable: Bool
  ) throws -> MySQLResult {
    try stop.check()
    do {
      return try runOnce(sql, parameters)
    } catch let error where error.code == .connectionLost {
      close()
      guard case .none = transactionState, isRepeatable || !error.mayHaveActed,
        mayReconnect, stop.reason == nil
      else { throw noted(error) }
      try open()
      return try runOnce(sql, parameters)
    } catch {
      throw noted(error)
    }
  }

  private func runOnce(
    _ sql: String, _ parameters: [MySQLValue]
  ) throws(MySQLError) -> MySQLResult {
    if case .broken(let error) = transactionState { throw error }
    guard let handle else {
      throw MySQLError(code: .connectionLost, reason: "the connection to the database broke")
    }
    let byteCount = parameters.reduce(sql.utf8.count) { $0 + $1.byteCount }
    // The server cuts a connection that sends more, without saying why. The room left is for the
    // frame of a statement.
    guard byteCount + 1024 + parameters.count * 3 <= packetByteCountMax else {
      throw MySQLError(code: .tooLarge, reason: "the statement is larger than the server takes")
    }
    observe?(sql, parameters)
    do throws(MySQLError) {
      return try statements.statement(sql, on: handle).run(parameters)
    } catch {
      // Of an error that came behind the columns of a result the library keeps that rows are to
      // come, and would wait for them when the statement is run again.
      statements.remove(sql)
      throw error
    }
  }

  /// Remembers what an error did to the open transaction.
  private func noted(_ error: MySQLError) -> MySQLError {
    guard case .open = transactionState else { return error }
    switch error.code {
    case .deadlock, .lockTimedOut, .connectionLost:
      let undone = error.with(mayHaveActed: false)
      transactionState = .broken(undone)
      return undone
    default: return error
    }
  }

  /// Before a job: makes sure that the connection is open, alive and not too old.
  func prepareForJob() throws(MySQLError) {
    if let handle {
      let age = ContinuousClock.now - openedAt
      if !handle.isBrokenWhileIdle, age < configuration.connectionLifetime { return }
      close()
    }
    try open()
  }

  /// Connects, and gives the session the settings that everything else relies on.
  func open() throws(MySQLError) {
    let handle = try MySQLHandle(configuration)
    try handle.run(
      """
      SET SESSION autocommit = 1, time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,\
      STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
      ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
      """)
    // No locks on gaps: appends to different threads never wait for one another.
    try handle.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    _ = try handle.prepare("SET SESSION innodb_lock_wait_timeout = ?")
      .run([.integer(Int64(wholeSeconds(configuration.lockTimeout)))])
    let row = try handle.prepare("SELECT @@max_allowed_packet").run([])
    packetByteCountMax = row.isEmpty ? 0 : Int(clamping: try row[0].integer(0))
    let socket = try ConnectionSocket(sharing: handle.fileDescriptor)
    self.handle = handle
    statements = StatementCache(countMax: configuration.statementCountMax)
    openedAt = .now
    report(PoolState.Endpoint(serverThreadID: handle.serverThreadID, socket: socket))
  }

  /// Closes the connection, if it is open. What it had not committed is undone by the server.
  func close() {
    guard handle != nil else { return }
    report(nil)
    statements = StatementCache(countMax: 0)
    handle = nil
  }
}

@available(*, unavailable, message: "A connection stays inside the job that it was given to.")
extension MySQLConnection: Sendable {}
