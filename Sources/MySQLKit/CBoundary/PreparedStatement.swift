import CMariaDB

/// Owns a `MYSQL_STMT`. Must not outlive its ``MySQLHandle``'s connection unused: it is closed with
/// it.
final class PreparedStatement {
  private let raw: UnsafeMutablePointer<MYSQL_STMT>
  private let parameters: ParameterBuffers
  private var reader: RowReader?
  /// What may stay behind in the session.
  let trace: SessionTrace

  /// Takes the statement over and prepares it on the server; one round trip.
  init(taking raw: UnsafeMutablePointer<MYSQL_STMT>, sql: String) throws(MySQLError) {
    self.raw = raw
    trace = SessionTrace(of: sql)
    var sql = sql
    let status = sql.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        mysql_stmt_prepare(raw, text.baseAddress, UInt(text.count))
      }
    }
    parameters = ParameterBuffers(count: status == 0 ? Int(mysql_stmt_param_count(raw)) : 0)
    if status != 0 { throw error(.preparing) }
  }

  deinit { mysql_stmt_close(raw) }

  /// Runs the statement with these values and reads all of its result; one round trip.
  func run(_ values: [MySQLValue]) throws(MySQLError) -> MySQLResult {
    try send(values)
    return try receive()
  }

  /// Throws unless there are as many values as the statement takes.
  func checkCount(of values: [MySQLValue]) throws(MySQLError) {
    guard values.count == parameters.count else {
      throw MySQLError(
        code: .unexpectedValue,
        reason: "the statement takes \(parameters.count) values, not \(values.count)")
    }
  }

  /// Sends the statement with these values, as many as it takes. Its result is to be read by
  /// ``receive()``, after those of all that was sent before it.
  func send(_ values: [MySQLValue]) throws(MySQLError) {
    precondition(values.count == parameters.count, "the number of values was to be checked")
    if !values.isEmpty {
      parameters.fill(values)
      if mysql_stmt_bind_param(raw, parameters.binds) != 0 { throw error(.preparing) }
    }
    if session_stmt_send(raw) != 0 { throw error(.running) }
  }

  /// Waits for the reply to what was sent, and reads all of it. Gives its first result with rows,
  /// or what the server counted.
  func receive() throws(MySQLError) -> MySQLResult { try receiveAll().first }

  /// As ``receive()``, and gives every result of the reply.
  func receiveAll() throws(MySQLError) -> MySQLProcedureResult {
    var all = MySQLProcedureResult()
    try receiveReply { () throws(MySQLError) in
      guard mysql_stmt_field_count(raw) > 0 else {
        all.outcome = MySQLResult(
          columns: [], values: [], affectedRowCount: mysql_stmt_affected_rows(raw),
          firstInsertID: mysql_stmt_insert_id(raw),
          warningCount: Int(mysql_stmt_warning_count(raw)))
        return
      }
      let isParameters = session_has_out_parameters(raw.pointee.mysql) != 0
      var values: [MySQLValue] = []
      let reader = try readRows(isStored: true) { row in row.append(to: &values) }
      let result = MySQLResult(
        columns: reader.columns, values: values,
        warningCount: Int(mysql_stmt_warning_count(raw)))
      if isParameters { all.outParameters = result.first } else { all.results.append(result) }
    }
    return all
  }

  /// Waits for the reply to what was sent, and hands each row of its first result with rows to
  /// `body`. Nil for a statement that gives no rows.
  ///
  /// With `isStored` the whole result is received before the first row is handed out. Without it
  /// the server waits for `body`, and memory holds one row.
  @discardableResult
  func receive(
    isStored: Bool = true, each body: (borrowing FetchedRow) throws(MySQLError) -> Void
  ) throws(MySQLError) -> RowReader? {
    var reader: RowReader?
    try receiveReply { () throws(MySQLError) in
      if mysql_stmt_field_count(raw) > 0, reader == nil {
        reader = try readRows(isStored: isStored, each: body)
      }
    }
    return reader
  }

  /// Waits for the reply, and lets `read` read each result in it. A `CALL` has several; whatever
  /// `read` leaves or throws, nothing of them stays on the connection.
  private func receiveReply(_ read: () throws(MySQLError) -> Void) throws(MySQLError) {
    if session_stmt_receive(raw) != 0 { throw error(.running) }
    do throws(MySQLError) {
      try readResult(read)
      while mysql_stmt_more_results(raw) != 0 {
        if mysql_stmt_next_result(raw) > 0 { throw error(.running) }
        try readResult(read)
      }
    } catch {
      // After an error of the server nothing more comes; else the rest is read and dropped.
      while mysql_stmt_more_results(raw) != 0, mysql_stmt_next_result(raw) == 0 {
        mysql_stmt_free_result(raw)
      }
      throw error
    }
  }

  private func readResult(_ read: () throws(MySQLError) -> Void) throws(MySQLError) {
    // What was not fetched is read and dropped.
    defer { if mysql_stmt_field_count(raw) > 0 { mysql_stmt_free_result(raw) } }
    try read()
  }

  private func readRows(
    isStored: Bool, each body: (borrowing FetchedRow) throws(MySQLError) -> Void
  ) throws(MySQLError) -> RowReader {
    let reader = currentReader()
    if mysql_stmt_bind_result(raw, reader.binds) != 0 { throw error(.running) }
    if isStored, mysql_stmt_store_result(raw) != 0 { throw error(.running) }
    let row = FetchedRow(reader: reader, statement: raw)
    while true {
      switch mysql_stmt_fetch(raw) {
      // "Truncated" is the rule: texts are not copied.
      case 0, MYSQL_DATA_TRUNCATED: try body(row)
      case MYSQL_NO_DATA: return reader
      default: throw error(.running)
      }
    }
  }

  /// The reader of the rows. A table may have changed since the last time: then a new one.
  private func currentReader() -> RowReader {
    let fields = UnsafeBufferPointer(
      start: mariadb_stmt_fetch_fields(raw), count: Int(mysql_stmt_field_count(raw)))
    if let reader, reader.fits(fields) { return reader }
    let reader = RowReader(fields)
    self.reader = reader
    return reader
  }

  private func error(_ phase: MySQLError.Phase) -> MySQLError {
    // An error between two rows is told of the connection alone; and when that is gone, nowhere.
    guard mysql_stmt_errno(raw) == 0, let mysql = raw.pointee.mysql else {
      return MySQLError(
        errno: mysql_stmt_errno(raw), sqlState: String(cString: mysql_stmt_sqlstate(raw)),
        message: String(cString: mysql_stmt_error(raw)), phase: phase)
    }
    return MySQLError(
      errno: mysql_errno(mysql), sqlState: String(cString: mysql_sqlstate(mysql)),
      message: String(cString: mysql_error(mysql)), phase: phase)
  }
}

@available(*, unavailable, message: "A statement stays with the thread that owns its connection.")
extension PreparedStatement: Sendable {}
