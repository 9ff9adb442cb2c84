import SessionCore

/// Threads that own one connection each, and one queue of jobs for all of them.
///
/// A job goes to a thread that is idle, else to a new one while there are fewer than the
/// configuration allows, else it waits its turn. A busy thread takes the next job without being
/// woken.
final class ConnectionPool: Sendable {
  let configuration: MySQLConfiguration
  private let observe: StatementObserver?
  private let onEvent: (@Sendable (MySQLEvent) -> Void)?
  private let state = Locked(PoolState())
  private let supervisor = Locked(Supervision())
  private let supervisorSignal = Signal()
  private let closing = Locked(Closing())

  private struct Supervision {
    var isRunning = false
    var nextLook: PoolState.Instant?
  }

  private struct Closing {
    var isDone = false
    var waiters: [UnsafeContinuation<Void, Never>] = []
  }

  init(
    _ configuration: MySQLConfiguration, observe: StatementObserver?,
    onEvent: (@Sendable (MySQLEvent) -> Void)?
  ) {
    self.configuration = configuration
    self.observe = observe
    self.onEvent = onEvent
  }

  var statistics: MySQLStatistics { state.withLock(\.currentStatistics) }

  /// Takes a job; one of its two ends will be called.
  func post(_ job: Job) {
    let deadline = ContinuousClock.now + configuration.waitTimeout
    let posting = state.withLock { state in
      // Under the lock, so that a cancellation either finds the job or is seen here.
      if job.stop.reason != nil { return PoolState.Posting?.none }
      return state.post(
        .init(job: job, deadline: deadline), workerCountMax: configuration.connectionCountMax)
    }
    switch posting {
    case nil: return job.fail(CancellationError())
    case .refused?: return job.fail(MySQLError.closed)
    case .queued?: break
    case .wake(let signal)?: signal.raise()
    case .startWorker(let index)?: startWorker(index, job)
    }
    superviseFrom(deadline)
  }

  /// Stops a job: at once when it does not run yet, else by stopping its statement on the server.
  func cancel(_ stop: StopFlag) {
    stop.raise(.cancelled)
    if let job = state.withLock({ $0.withdraw { $0.stop === stop } }) {
      job.fail(CancellationError())
    } else {
      superviseFrom(.now)
    }
  }

  /// Takes no more jobs, fails those that wait, and returns once the running ones have ended and
  /// every connection is closed.
  func close() async {
    shutDown()
    await withUnsafeContinuation { continuation in
      let isDone = closing.withLock { closing in
        if !closing.isDone { closing.waiters.append(continuation) }
        return closing.isDone
      }
      if isDone { continuation.resume() }
    }
  }

  /// As ``close()``, without waiting.
  func shutDown() {
    let (jobs, signals, isEmpty) = state.withLock { state in
      state.isClosed = true
      defer {
        state.waiting = []
        state.idle = []
      }
      let signals = state.idle.compactMap { state.workers[$0]?.signal }
      // A stream may wait for a reader who waits for this.
      for job in state.runningJobs where job.isStream { job.stop.raise(.closed) }
      return (state.waiting.map(\.job), signals, state.workers.isEmpty)
    }
    for job in jobs { job.fail(MySQLError.closed) }
    for signal in signals { signal.raise() }
    superviseFrom(.now)
    if isEmpty { didClose() }
  }

  private func didClose() {
    let waiters = closing.withLock { closing in
      defer { closing.waiters = [] }
      closing.isDone = true
      return closing.waiters
    }
    supervisorSignal.raise()
    for waiter in waiters { waiter.resume() }
  }
}

extension ConnectionPool {
  private func startWorker(_ index: Int, _ job: Job) {
    do throws(ThreadError) {
      _ = try DedicatedThread { self.runWorker(index, job) }
    } catch {
      let isMine = state.withLock { state in
        defer { state.workers[index] = nil }
        return state.withdraw { $0 === job } != nil
      }
      if isMine {
        job.fail(MySQLError(code: .connectFailed, reason: error.description))
      }
      workerEnded(index)
    }
  }

  private func runWorker(_ index: Int, _ first: Job) {
    nameThread("mysql-\(index)")
    let connection = MySQLConnection(
      configuration,
      observer: ConnectionObserver(
        statement: observe,
        endpoint: { endpoint in self.state.withLock { $0.workers[index]?.endpoint = endpoint } },
        event: { event in
          self.state.withLock { $0.statistics.count(event) }
          self.onEvent?(event)
        }))
    var job: Job? = first
    while let current = job {
      serve(current, index, connection)
      job = nextJob(for: index)
    }
    connection.close(state.withLock(\.isClosed) ? .clientClosed : .idle)
    MySQLLibrary.leaveThread()
    workerEnded(index)
  }

  private func serve(_ job: Job, _ index: Int, _ connection: MySQLConnection) {
    do throws(MySQLError) {
      try connection.prepareForJob()
    } catch {
      // Whoever takes the job out of the state tells its task; perhaps somebody was faster.
      if state.withLock({ $0.withdraw { $0 === job } }) != nil { job.fail(error) }
      return
    }
    let now = ContinuousClock.now
    guard state.withLock({ $0.beginRunning(job, by: index, at: now) }) else { return }
    if let limit = job.timeLimit { superviseFrom(now + limit) }
    if job.stop.reason != nil { superviseFrom(now) }
    connection.stop = job.stop
    let handOver = job.body(connection)
    connection.endJob()
    if state.withLock({ $0.endRunning(by: index) }) { connection.close(.stopped) }
    handOver()
  }

  /// The next job; waits for it. Nil: the thread is to end.
  private func nextJob(for index: Int) -> Job? {
    let (job, signal) = state.withLock { state in
      state.isClosed
        ? (nil, nil) : (state.takeNext(for: index), state.workers[index]?.signal)
    }
    if let job { return job }
    guard let signal else { return nil }
    while true {
      let wasRaised = signal.wait(atMost: configuration.idleTimeout)
      enum Next {
        case job(Job)
        case end
        case wait
      }
      let next: Next = state.withLock { state in
        if let job = state.assignedJob(of: index) { return .job(job) }
        // Woken for a job that was withdrawn before it was seen.
        if !state.isClosed, !state.idle.contains(index) {
          return state.takeNext(for: index).map { .job($0) } ?? .wait
        }
        if state.isClosed { return .end }
        if !wasRaised, state.letGo(index, countMin: configuration.connectionCountMin) {
          return .end
        }
        return .wait
      }
      switch next {
      case .job(let job): return job
      case .end: return nil
      case .wait: continue
      }
    }
  }

  private func workerEnded(_ index: Int) {
    let isLast = state.withLock { state in
      state.workers[index] = nil
      return state.isClosed && state.workers.isEmpty
    }
    if isLast { didClose() }
  }
}

extension ConnectionPool {
  /// Makes sure that somebody looks after deadlines no later than at `instant`.
  private func superviseFrom(_ instant: PoolState.Instant) {
    enum Step {
      case nothing
      case start
      case wake
    }
    let step: Step = supervisor.withLock { supervision in
      if !supervision.isRunning {
        supervision.isRunning = true
        supervision.nextLook = instant
        return .start
      }
      if let next = supervision.nextLook, next <= instant { return .nothing }
      supervision.nextLook = instant
      return .wake
    }
    switch step {
    case .nothing: return
    case .wake: supervisorSignal.raise()
    case .start:
      do throws(ThreadError) {
        _ = try DedicatedThread { self.runSupervisor() }
      } catch {
        // Without it only the library's own deadlines hold; the next job tries again.
        supervisor.withLock { $0.isRunning = false }
      }
    }
  }

  private func runSupervisor() {
    nameThread("mysql-deadlines")
    while !closing.withLock({ $0.isDone }) {
      let sleep = supervise()
      _ = supervisorSignal.wait(atMost: sleep)
    }
    MySQLLibrary.leaveThread()
  }

  /// Does what is due, and returns how long there is nothing to do; nil for as long as nobody asks.
  ///
  /// Holds nothing afterwards: the sockets that it cut are closed while the supervisor sleeps.
  private func supervise() -> Duration? {
    supervisor.withLock { $0.nextLook = nil }
    let due = state.withLock { $0.takeDueWork(at: .now, stopTimeout: configuration.stopTimeout) }
    for socket in due.cuts { socket.cut() }
    for job in due.overdue {
      job.fail(MySQLError(code: .waitTimedOut, reason: "no database connection became free"))
    }
    StatementStopper.stop(due.stops, configuration)
    return supervisor.withLock { supervision in
      let next = [supervision.nextLook, due.next].compactMap(\.self).min()
      supervision.nextLook = next
      return next.map { $0 - .now }
    }
  }
}
