/// Runs an actor on a thread of its own, so that its methods may make calls that wait (files, locks
/// between processes) without keeping one of Swift's shared threads.
///
/// The thread ends when the executor is freed, which is when its actor is.
package final class ThreadExecutor: SerialExecutor {
  private struct Step: Sendable {
    let job: UnownedJob
    let executor: UnownedSerialExecutor
  }

  // The thread holds these and not the executor, which could otherwise never be freed.
  private let mailbox = Mailbox<Step>()
  private let arrival = Signal()

  /// Starts the thread.
  ///
  /// - Throws: ``ThreadError`` when the system has no thread left.
  package init() throws(ThreadError) {
    let (mailbox, arrival) = (mailbox, arrival)
    _ = try DedicatedThread {
      var steps: [Step] = []
      while true {
        // Before the mail is taken: what was posted before the closing is still run.
        let isClosed = mailbox.isClosed
        mailbox.take(into: &steps)
        for step in steps { step.job.runSynchronously(on: step.executor) }
        let wasIdle = steps.isEmpty
        steps.removeAll(keepingCapacity: true)
        if wasIdle {
          if isClosed { return }
          if mailbox.mayOwnerSleep() { _ = arrival.wait(atMost: nil) }
        }
      }
    }
  }

  deinit {
    if mailbox.close() { arrival.raise() }
  }

  /// Adds a step of the actor behind those that wait.
  package func enqueue(_ job: consuming ExecutorJob) {
    let step = Step(job: UnownedJob(job), executor: asUnownedSerialExecutor())
    // Never refused: the mailbox closes when nothing refers to the executor any more.
    if case .queuedWakeOwner = mailbox.post(step) { arrival.raise() }
  }
}
