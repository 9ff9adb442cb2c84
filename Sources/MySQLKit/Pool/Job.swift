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
  /// Whether it waits for its reader: closing the client does not wait for it.
  let isStream: Bool
  let body: Body
  let fail: @Sendable (any Error) -> Void

  init(
    stop: StopFlag, timeLimit: Duration?, isStream: Bool = false, body: @escaping Body,
    fail: @escaping @Sendable (any Error) -> Void
  ) {
    self.stop = stop
    self.timeLimit = timeLimit
    self.isStream = isStream
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
    case closed
  }

  private struct State {
    var reason: Reason?
    var hook: (@Sendable () -> Void)?
  }

  private let state = Locked(State())

  /// Why the job is to stop; nil while it may go on.
  var reason: Reason? { state.withLock(\.reason) }

  /// Asks to stop. The first reason counts.
  func raise(_ reason: Reason) {
    let hook = state.withLock { state in
      if state.reason == nil { state.reason = reason }
      defer { state.hook = nil }
      return state.hook
    }
    hook?()
  }

  /// Runs `hook` once the flag is raised, on the thread that raises it: it must not wait, nor ask
  /// anything of the pool.
  func whenRaised(_ hook: @escaping @Sendable () -> Void) { state.withLock { $0.hook = hook } }

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
    case .closed: MySQLError.closed.with(mayHaveActed: mayHaveActed)
    }
  }
}
