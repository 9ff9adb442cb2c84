import SessionCore

/// Work for one connection, and where its result goes. The pool calls either what ``body`` returns
/// or ``fail``, once.
final class Job: Sendable {
  /// Does the work on the thread of a connection, and returns what hands the result over.
  typealias Body = @Sendable (MySQLConnection) -> @Sendable () -> Void

  /// Asks the work to stop; shared with the task that waits for it.
  let stop: StopFlag
  /// How long it may run; nil for a job with no limit.
  let timeLimit: Duration?
  let body: Body
  let fail: @Sendable (any Error) -> Void

  init(
    stop: StopFlag, timeLimit: Duration?, body: @escaping Body,
    fail: @escaping @Sendable (any Error) -> Void
  ) {
    self.stop = stop
    self.timeLimit = timeLimit
    self.body = body
    self.fail = fail
  }
}

/// Whether a job is to stop, and why. Set from any thread; never lowered. Its lock is taken inside
/// the pool's, and never the other way round.
final class StopFlag: Sendable {
  enum Reason: Sendable {
    case cancelled
    case timedOut
  }

  private let state = Locked<Reason?>(nil)

  /// Why the job is to stop; nil while it may go on.
  var reason: Reason? { state.withLock(\.self) }

  /// Asks to stop. The first reason counts.
  func raise(_ reason: Reason) {
    state.withLock { if $0 == nil { $0 = reason } }
  }

  /// Throws when the job is to stop.
  func check() throws {
    if let reason { throw reason.error(mayHaveActed: false) }
  }

  /// What the waiting task is told of an error: a statement that was stopped says why.
  func reported(_ error: any Error) -> any Error {
    guard let reason, let error = error as? MySQLError,
      error.code == .interrupted || error.code == .connectionLost
    else { return error }
    return reason.error(mayHaveActed: error.mayHaveActed)
  }
}

extension StopFlag.Reason {
  /// What the waiting task gets to know.
  func error(mayHaveActed: Bool) -> any Error {
    switch self {
    case .cancelled: CancellationError()
    case .timedOut:
      MySQLError(
        code: .timedOut, reason: "the database took too long", mayHaveActed: mayHaveActed)
    }
  }
}
