import SessionCore

/// Which thread does what, and which jobs wait: decisions only, no waiting. Held behind the lock of
/// ``ConnectionPool``.
struct PoolState {
  typealias Instant = ContinuousClock.Instant

  /// One thread with its connection.
  struct Worker {
    enum Phase {
      case idle
      /// Before the job: the connection is looked after, or made.
      case connecting(WaitingJob)
      case running(Job, since: Instant)
      /// Closing its connection; it takes no more jobs.
      case leaving
    }

    let signal = Signal()
    var phase: Phase
    /// The open connection, as others may stop it.
    var endpoint: Endpoint?
    /// When the server was asked to stop the statement.
    var stopSentAt: Instant?
    /// Whether the connection was cut because that did not help.
    var isCut = false
  }

  /// A connection, as far as somebody else than its thread needs to know it.
  struct Endpoint {
    let serverThreadID: UInt64
    let socket: ConnectionSocket
  }

  /// A job that has no connection yet.
  struct WaitingJob {
    let job: Job
    let deadline: Instant
  }

  /// What somebody who posts a job has to do.
  enum Posting {
    case refused
    case queued
    case wake(Signal)
    case startWorker(Int)
  }

  var workers: [Int: Worker] = [:]
  /// Idle workers, the one that was busy last at the end: connections beyond need grow old and go.
  var idle: [Int] = []
  var waiting: [WaitingJob] = []
  var isClosed = false
  var statistics = MySQLStatistics()
  private var lastWorker = 0

  /// The statistics, with what is so at this moment.
  var currentStatistics: MySQLStatistics {
    var statistics = statistics
    statistics.connectionCount = workers.count
    statistics.busyConnectionCount = workers.count - idle.count
    statistics.waitingJobCount = waiting.count
    return statistics
  }

  /// The jobs that have a connection.
  var runningJobs: [Job] {
    workers.values.compactMap { worker in
      if case .running(let job, _) = worker.phase { job } else { nil }
    }
  }

  /// Takes a job in: for a thread that is idle, for a new one, or to wait its turn.
  mutating func post(_ waitingJob: WaitingJob, workerCountMax: Int) -> Posting {
    if isClosed { return .refused }
    if let index = idle.popLast(), let signal = workers[index]?.signal {
      workers[index]?.phase = .connecting(waitingJob)
      return .wake(signal)
    }
    if activeCount < workerCountMax {
      lastWorker += 1
      workers[lastWorker] = Worker(phase: .connecting(waitingJob))
      return .startWorker(lastWorker)
    }
    waiting.append(waitingJob)
    return .queued
  }

  /// The workers that take jobs.
  private var activeCount: Int {
    workers.values.count { worker in
      if case .leaving = worker.phase { false } else { true }
    }
  }

  /// Lets an idle worker go, if there are more than `countMin`. False: it is to stay.
  mutating func letGo(_ index: Int, countMin: Int) -> Bool {
    guard activeCount > countMin else { return false }
    idle.removeAll { $0 == index }
    workers[index]?.phase = .leaving
    return true
  }

  /// Gives a worker without work the job whose turn it is, or lets it rest.
  mutating func takeNext(for index: Int) -> Job? {
    if waiting.isEmpty {
      workers[index]?.phase = .idle
      idle.append(index)
      return nil
    }
    let next = waiting.removeFirst()
    workers[index]?.phase = .connecting(next)
    return next.job
  }

  /// The job that a worker was given while it rested.
  func assignedJob(of index: Int) -> Job? {
    guard case .connecting(let waitingJob)? = workers[index]?.phase else { return nil }
    return waitingJob.job
  }

  /// The worker goes on to run its job. False: the job was given up meanwhile.
  mutating func beginRunning(_ job: Job, by index: Int, at now: Instant) -> Bool {
    guard case .connecting(let mine)? = workers[index]?.phase, mine.job === job else {
      return false
    }
    workers[index]?.phase = .running(job, since: now)
    return true
  }

  /// The worker has run its job. True: the connection was, or is just being, told to stop, and is
  /// not to be used again.
  mutating func endRunning(by index: Int) -> Bool {
    guard let worker = workers[index] else { return false }
    statistics.finishedJobCount += 1
    workers[index]?.phase = .idle
    workers[index]?.stopSentAt = nil
    workers[index]?.isCut = false
    return worker.stopSentAt != nil
  }

  /// Takes a job that does not run yet away from whoever has it. False when it runs, or is done.
  mutating func withdraw(where isWanted: (Job) -> Bool) -> Job? {
    if let index = waiting.firstIndex(where: { isWanted($0.job) }) {
      return waiting.remove(at: index).job
    }
    for (index, worker) in workers {
      guard case .connecting(let mine) = worker.phase, isWanted(mine.job) else { continue }
      workers[index]?.phase = .idle
      return mine.job
    }
    return nil
  }
}
