extension PoolState {
  /// What is due at some moment.
  struct DueWork {
    /// Jobs that waited too long for a connection.
    var overdue: [Job] = []
    /// Connections whose statement is to be stopped, by their numbers on the server.
    var stops: [UInt64] = []
    /// Connections to be cut.
    var cuts: [ConnectionSocket] = []
    /// When to look again.
    var next: Instant?

    fileprivate mutating func lookAgain(at instant: Instant) {
      next = min(next ?? instant, instant)
    }
  }

  /// Takes out all that is due at `now`.
  mutating func takeDueWork(at now: Instant, stopTimeout: Duration) -> DueWork {
    var due = DueWork()
    let overdueCount = waiting.prefix { $0.deadline <= now }.count
    due.overdue += waiting.prefix(overdueCount).map(\.job)
    waiting.removeFirst(overdueCount)
    if let first = waiting.first { due.lookAgain(at: first.deadline) }
    for (index, worker) in workers {
      switch worker.phase {
      case .idle, .leaving: break
      case .connecting(let mine) where mine.deadline <= now:
        due.overdue.append(mine.job)
        workers[index]?.phase = .idle
      case .connecting(let mine): due.lookAgain(at: mine.deadline)
      case .running(let job, let start):
        if let limit = job.timeLimit {
          if start + limit <= now {
            job.stop.raise(.timedOut)
          } else {
            due.lookAgain(at: start + limit)
          }
        }
        if job.stop.reason != nil {
          stop(index, at: now, stopTimeout: stopTimeout, &due)
        }
      }
    }
    return due
  }

  private mutating func stop(
    _ index: Int, at now: Instant, stopTimeout: Duration, _ due: inout DueWork
  ) {
    guard let worker = workers[index], !worker.isCut else { return }
    guard let endpoint = worker.endpoint else {
      // It is just connecting again: stopped as soon as there is something to stop.
      due.lookAgain(at: now + .milliseconds(100))
      return
    }
    guard let sentAt = worker.stopSentAt else {
      workers[index]?.stopSentAt = now
      due.stops.append(endpoint.serverThreadID)
      due.lookAgain(at: now + stopTimeout)
      return
    }
    if sentAt + stopTimeout <= now {
      workers[index]?.isCut = true
      due.cuts.append(endpoint.socket)
    } else {
      due.lookAgain(at: sentAt + stopTimeout)
    }
  }
}
