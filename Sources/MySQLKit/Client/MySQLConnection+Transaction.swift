import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension MySQLConnection {
  /// Runs `body` in a transaction: all of its changes are durable when this returns, and none is
  /// made when it throws.
  ///
  /// When the transaction loses a deadlock, or its connection breaks before the commit, the whole
  /// of `body` is run again, up to ``MySQLConfiguration/transactionAttemptCountMax`` times in all.
  /// `body` must not change anything outside the database that cannot be changed twice.
  ///
  /// A transaction inside another one is a savepoint: when its `body` throws, what it did is undone
  /// and the outer one can go on. It is not run again by itself, and durable with the outer one.
  ///
  /// - Throws: What `body` throws; ``MySQLError``, whose `mayHaveActed` is true only when the
  ///   connection broke in the commit itself; `CancellationError`.
  @discardableResult
  public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    if isInTransaction { return try nestedTransaction(body) }
    var attempt = 1
    while true {
      do {
        return try transactionOnce(body)
      } catch let error as MySQLError where isWorthRepeating(error, attempt) {
        attempt += 1
        observer.event(.transactionRepeated(attempt: attempt, error))
        pauseBefore(attempt: attempt)
      }
    }
  }

  private func nestedTransaction<Result>(_ body: () throws -> Result) throws -> Result {
    let name = "nested_\(savepointCount)"
    savepointCount += 1
    defer { savepointCount -= 1 }
    try runInTransaction("SAVEPOINT \(name)")
    do {
      let result = try body()
      try runInTransaction("RELEASE SAVEPOINT \(name)")
      return result
    } catch {
      guard case .open = transactionState else { throw error }
      try runInTransaction("ROLLBACK TO SAVEPOINT \(name)")
      throw (error as? MySQLError)?.with(mayHaveActed: false) ?? error
    }
  }

  /// Runs a word in the open transaction; when that fails, the transaction cannot go on.
  private func runInTransaction(_ word: String) throws {
    try stop.check()
    if case .broken(let error) = transactionState { throw error }
    do throws(MySQLError) {
      let handle = try openHandle()
      if let mode = modeToSet() { try set(mode, on: handle) }
      try handle.run(word)
    } catch {
      let undone = error.with(mayHaveActed: false)
      transactionState = .broken(undone)
      if error.code == .connectionLost { close(.lost) }
      throw undone
    }
  }

  private func transactionOnce<Result>(_ body: () throws -> Result) throws -> Result {
    try stop.check()
    if handle == nil {
      // Something rests on the connection that broke.
      guard mayReconnect else { throw MySQLError.broken }
      try open()
    }
    transactionState = .open
    let result: Result
    do {
      result = try body()
      if case .broken(let error) = transactionState { throw error }
      try stop.check()
    } catch {
      rollBack()
      // The server has undone it, or will when it sees that the connection is gone.
      throw (error as? MySQLError)?.with(mayHaveActed: false) ?? error
    }
    try commit()
    return result
  }

  private var isInTransaction: Bool {
    if case .none = transactionState { false } else { true }
  }

  /// Runs statements that are sent all at once, in the open transaction: one round trip.
  ///
  /// The server runs each of them, also after one that failed; the first error is thrown, and the
  /// transaction cannot go on: what the others did is undone with it. With `onlyReads`, that the
  /// statements change nothing, they can begin the transaction in the same round trip.
  func execute(_ batch: [Statement], onlyReads: Bool = false) throws -> [MySQLResult] {
    precondition(isInTransaction, "only a rollback undoes a part of a batch")
    try stop.check()
    do throws(MySQLError) {
      return try send(batch, onlyReads: onlyReads)
    } catch {
      let undone = error.with(mayHaveActed: false)
      transactionState = .broken(undone)
      if error.code == .connectionLost { close(.lost) }
      throw undone
    }
  }

  private func commit() throws(MySQLError) {
    transactionState = .none
    do throws(MySQLError) {
      // Nothing was sent in it: there is nothing to commit.
      if isCommittingItself { return }
      try runWord("COMMIT")
    } catch {
      // Whether it was committed is known only when the server itself says no.
      let isRefusal = error.code == .deadlock || error.code == .refused
      if isRefusal { rollBack() } else { close(.lost) }
      throw error.with(mayHaveActed: !isRefusal)
    }
  }

  private func rollBack() {
    transactionState = .none
    guard handle != nil, !isCommittingItself else { return }
    do throws(MySQLError) { try runWord("ROLLBACK") } catch { close(.lost) }
  }

  private func runWord(_ word: String) throws(MySQLError) {
    try openHandle().run(word)
  }

  private func isWorthRepeating(_ error: MySQLError, _ attempt: Int) -> Bool {
    guard attempt < configuration.transactionAttemptCountMax, stop.reason == nil,
      !error.mayHaveActed
    else { return false }
    // Who waited for a lock has waited long enough.
    return [.deadlock, .connectionLost].contains(error.code)
  }

  /// Lets the other transaction go first; two that met once should not meet again.
  private func pauseBefore(attempt: Int) {
    let limit = UInt32(min(1 << attempt, 64)) * 1000
    usleep(UInt32.random(in: 0...limit))
  }
}
