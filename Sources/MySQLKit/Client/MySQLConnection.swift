import SessionCore

/// Is told of statements before they are run.
package typealias StatementObserver = @Sendable (String, [MySQLValue]) -> Void

/// A connection, as a job sees it. Its calls wait for the server and run on a thread of the pool;
/// it must not leave the closure that it was given to.
///
/// What the closure leaves in the session is taken away at its end: settings, variables, locks, an
/// open transaction, temporary tables. The next user of the connection finds it as new.
public final class MySQLConnection {
  let configuration: MySQLConfiguration
  let observer: ConnectionObserver
  /// Says whether the running job is to stop.
  var stop = StopFlag()
  /// False while something rests on the session that a new connection would not have: a lock.
  var mayReconnect = true
  var handle: MySQLHandle?
  var statements = StatementCache(capacity: 0)
  var openedAt = ContinuousClock.now
  var packetByteCountMax = 0
  /// Whether changes are made at a level without locks on gaps.
  var isReadCommitted = true
  /// Whether the session is in the mode in which every statement is its own transaction.
  var isCommittingItself = true
  /// The open transaction, and what broke it.
  var transactionState = TransactionState.none
  /// How many transactions are open inside it.
  var savepointCount = 0
  /// Whether rows are being read one by one: nothing else can be sent.
  private var isReading = false

  /// A statement and the values of its parameters.
  struct Statement {
    let sql: String
    let parameters: [MySQLValue]

    init(_ sql: String, _ parameters: [MySQLValue] = []) {
      self.sql = sql
      self.parameters = parameters
    }
  }

  enum TransactionState {
    case none
    case open
    /// The server has undone it: nothing more may be run as if it were still open.
    case broken(MySQLError)
  }

  /// A connection that is not open yet.
  init(_ configuration: MySQLConfiguration, observer: ConnectionObserver) {
    self.configuration = configuration
    self.observer = observer
  }

  /// Reads: runs a statement that changes nothing. If the connection breaks, it is sent once more
  /// on a new one.
  public func query(
    _ sql: String, _ parameters: [MySQLValue] = []
  ) throws -> MySQLResult {
    try run(sql, parameters, isRepeatable: true) { (statement) throws(MySQLError) in
      try statement.receive()
    }
  }

  /// As the one above, and makes an element of each row before the next one is read; nil for none.
  /// `body` must not use the connection, and begins anew when the statement is sent again.
  func query<Element>(
    _ sql: String, _ parameters: [MySQLValue],
    each body: (borrowing FetchedRow) throws(MySQLError) -> Element?
  ) throws -> [Element] {
    try run(sql, parameters, isRepeatable: true) { (statement) throws(MySQLError) in
      var elements: [Element] = []
      try statement.receive { (row) throws(MySQLError) in
        if let element = try body(row) { elements.append(element) }
      }
      return elements
    }
  }

  /// Writes: runs a statement that may change something. It is sent once more only when it is
  /// certain that the server did not get it.
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [MySQLValue] = []
  ) throws -> MySQLResult {
    try run(sql, parameters, isRepeatable: false) { (statement) throws(MySQLError) in
      try statement.receive()
    }
  }

  /// As ``execute(_:_:)``, and gives every result of the statement: those of a `CALL`, in order,
  /// and its OUT parameters, each given as `?`.
  public func call(
    _ sql: String, _ parameters: [MySQLValue] = []
  ) throws -> MySQLProcedureResult {
    try run(sql, parameters, isRepeatable: false) { (statement) throws(MySQLError) in
      try statement.receiveAll()
    }
  }

  /// Reads, and hands out the first result row by row as they come: memory holds one of them. It is
  /// sent once. `body` must not use the connection.
  func fetch(
    _ sql: String, _ parameters: [MySQLValue],
    each body: (borrowing FetchedRow) throws(MySQLError) -> Void
  ) throws {
    try run(sql, parameters, isRepeatable: false) { (statement) throws(MySQLError) in
      isReading = true
      defer { isReading = false }
      try statement.receive(isStored: false, each: body)
    }
  }

  private func run<Result>(
    _ sql: String, _ parameters: [MySQLValue], isRepeatable: Bool,
    receive: (PreparedStatement) throws(MySQLError) -> Result
  ) throws -> Result {
    try stop.check()
    do {
      return try send([Statement(sql, parameters)], onlyReads: isRepeatable, receive: receive)[0]
    } catch let error where error.code == .connectionLost {
      close(.lost)
      guard case .none = transactionState, isRepeatable || !error.mayHaveActed,
        mayReconnect, stop.reason == nil
      else { throw noted(error) }
      try open()
      return try send([Statement(sql, parameters)], onlyReads: isRepeatable, receive: receive)[0]
    } catch {
      throw noted(error)
    }
  }

  /// Sends statements all at once, and reads their results.
  func send(_ batch: [Statement], onlyReads: Bool) throws(MySQLError) -> [MySQLResult] {
    try send(batch, onlyReads: onlyReads) { (statement) throws(MySQLError) in
      try statement.receive()
    }
  }

  private func send<Result>(
    _ batch: [Statement], onlyReads: Bool,
    receive: (PreparedStatement) throws(MySQLError) -> Result
  ) throws(MySQLError) -> [Result] {
    if case .broken(let error) = transactionState { throw error }
    guard !isReading else {
      throw MySQLError(code: .refused, reason: "rows are still being read on this connection")
    }
    let handle = try openHandle()
    for statement in batch { try checkSize(of: statement) }
    let prepared = try batch.map { statement throws(MySQLError) in
      (try statements.statement(statement.sql, on: handle), statement.parameters)
    }
    for (statement, values) in prepared { try statement.checkCount(of: values) }
    for statement in batch { observer.statement?(statement.sql, statement.parameters) }
    defer {
      if self.handle != nil, prepared.contains(where: { $0.0.trace == .unknown }) {
        mayReconnect = false
      }
    }
    do throws(MySQLError) {
      var mode = modeToSet()
      // Were the mode refused, what is sent with it would run in the other one: only a statement
      // that changes nothing may.
      if let word = mode, !onlyReads {
        try set(word, on: handle)
        mode = nil
      }
      return try handle.run(mode, then: prepared, receive: receive)
    } catch {
      // Of an error that came behind the columns of a result the library keeps that rows are to
      // come, and would wait for them when the statement is run again.
      for statement in batch { statements.remove(statement.sql) }
      if handle.isOutOfStep || handle.fileDescriptor < 0 { close(.lost) }
      // What the transaction did is undone with its connection.
      if case .open = transactionState, self.handle == nil {
        transactionState = .broken(error.with(mayHaveActed: false))
      }
      throw error
    }
  }

  func set(_ mode: String, on handle: MySQLHandle) throws(MySQLError) {
    do throws(MySQLError) {
      try handle.run(mode)
    } catch {
      close(.lost)
      throw error.with(mayHaveActed: false)
    }
  }

  /// The word that brings the session into the mode that its next statement needs, if it is not.
  ///
  /// A transaction is one without autocommit: should the server undo it at one statement of a
  /// batch, the next one begins another, which is undone too, instead of committing itself. The
  /// mode stays until a statement needs the other one, for a writer's next transaction needs it
  /// again.
  func modeToSet() -> String? {
    let isAlone = if case .none = transactionState { true } else { false }
    guard isAlone != isCommittingItself else { return nil }
    isCommittingItself = isAlone
    return isAlone ? "SET autocommit = 1" : "SET autocommit = 0"
  }

  private func checkSize(of statement: Statement) throws(MySQLError) {
    let byteCount = statement.parameters.reduce(statement.sql.utf8.count) { $0 + $1.byteCount }
    // The server cuts a connection that sends more, without saying why. The room left is for the
    // frame of a statement.
    guard byteCount + 1024 + statement.parameters.count * 3 <= packetByteCountMax else {
      throw MySQLError(code: .tooLarge, reason: "the statement is larger than the server takes")
    }
  }

  /// The connection, which a statement before may have found broken.
  func openHandle() throws(MySQLError) -> MySQLHandle {
    if let handle { return handle }
    throw MySQLError.broken
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
}

@available(*, unavailable, message: "A connection stays inside the job that it was given to.")
extension MySQLConnection: Sendable {}
