/// Who is told of what happens to a connection. All but ``statement`` are called by the thread that
/// owns it.
struct ConnectionObserver {
  /// Told of every statement before it is run.
  let statement: StatementObserver?
  /// Told of every connection made, before it is used, and with nil before it is closed.
  let endpoint: (PoolState.Endpoint?) -> Void
  /// Told of what a log would hold.
  let event: (MySQLEvent) -> Void
}

extension MySQLConnection {
  /// Before a job: makes sure that the connection is open, alive and not too old.
  func prepareForJob() throws(MySQLError) {
    if let handle {
      let age = ContinuousClock.now - openedAt
      if handle.isBrokenWhileIdle {
        close(.lost)
      } else if age >= configuration.connectionLifetime {
        close(.aged)
      } else {
        return
      }
    }
    try open()
  }

  /// After a job: takes away what it left in the session, so that the next one finds it as new.
  func endJob() {
    defer { mayReconnect = true }
    guard let handle, !mayReconnect || handle.isInTransaction else { return }
    // A job that is to stop may be stopped at any moment.
    guard stop.reason == nil else { return close(.stateUnknown) }
    do throws(MySQLError) {
      statements = StatementCache(capacity: 0)
      try handle.logInAgain(configuration)
      try setUp(handle)
      observer.event(.reset(connection: handle.serverThreadID))
    } catch {
      close(.stateUnknown)
    }
  }

  /// Connects, and gives the session the settings that everything else relies on.
  func open() throws(MySQLError) {
    do throws(MySQLError) {
      let handle = try MySQLHandle(configuration)
      let row = try handle.prepare("SELECT @@max_allowed_packet, @@log_bin").run([])
      packetByteCountMax = row.isEmpty ? 0 : Int(clamping: try row[0].integer(0))
      let hasLog = row.isEmpty ? false : try row[0].integer(1) != 0
      isReadCommitted = hasLog ? try !logsStatements(handle) : true
      try setUp(handle)
      let socket = try ConnectionSocket(sharing: handle.fileDescriptor)
      self.handle = handle
      openedAt = .now
      observer.endpoint(.init(serverThreadID: handle.serverThreadID, socket: socket))
      observer.event(.connected(connection: handle.serverThreadID))
    } catch {
      observer.event(.connectFailed(error))
      throw error
    }
  }

  /// A binary log of statements takes no change that was made without locks on gaps.
  private func logsStatements(_ handle: MySQLHandle) throws(MySQLError) -> Bool {
    do throws(MySQLError) {
      let row = try handle.prepare("SELECT @@binlog_format").run([])
      return row.isEmpty ? false : try row[0].text(0) == "STATEMENT"
    } catch  where error.code == .refused {
      // Servers to come may have no other log than one of rows.
      return false
    }
  }

  /// Gives a session that has just logged in its settings.
  private func setUp(_ handle: MySQLHandle) throws(MySQLError) {
    let lockSeconds = wholeSeconds(configuration.lockTimeout)
    // No locks on gaps: appends to different threads never wait for one another.
    let level = isReadCommitted ? "READ COMMITTED" : "REPEATABLE READ"
    try handle.run(
      // A call may wait for two tables, one after the other.
      """
      SET SESSION autocommit = 1, time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,\
      STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
      ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
      innodb_lock_wait_timeout = \(lockSeconds), lock_wait_timeout = \(max(1, lockSeconds / 2)), \
      net_write_timeout = \(wholeSeconds(configuration.streamPauseTimeout))
      """, "SET SESSION TRANSACTION ISOLATION LEVEL \(level)")
    isCommittingItself = true
    statements = StatementCache(capacity: configuration.statementCountMax)
  }

  /// Closes the connection, if it is open. What it had not committed is undone by the server.
  func close(_ reason: MySQLEvent.CloseReason) {
    guard let handle else { return }
    observer.endpoint(nil)
    statements = StatementCache(capacity: 0)
    let number = handle.serverThreadID
    self.handle = nil
    observer.event(.closed(connection: number, reason))
  }
}
