import SessionCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs tasks on a connection's thread, between two rounds of sending and receiving: a command and
/// its answer then cost no change of thread.
///
/// What a task does between two awaits delays every command of the connection.
final class LoopExecutor: TaskExecutor {
  private let mailbox: Mailbox<Mail>
  private let wakeUp: WakeUp
  private let own = OwnThreadJobs()

  init(mailbox: Mailbox<Mail>, wakeUp: WakeUp) {
    self.mailbox = mailbox
    self.wakeUp = wakeUp
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if own.isThisThread {
      own.jobs.append(job)
      return
    }
    switch mailbox.post(.job(job)) {
    case .queued: break
    case .queuedWakeOwner: wakeUp.signal()
    // A job must run somewhere, the connection closed or not.
    case .refused: globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }
  }

  /// Takes a call that a task on the connection's thread makes: no lock, and nobody to wake. False,
  /// and nothing done, on every other thread.
  func submit(_ call: Call) -> Bool {
    guard own.isThisThread else { return false }
    own.calls.append(call)
    return true
  }

  /// Moves the calls of tasks on the connection's thread into `batch`, which must be empty. On the
  /// connection's thread.
  func takeOwnCalls(into batch: inout [Call]) { swap(&own.calls, &batch) }

  /// Called on the connection's thread when it starts.
  func bindToThisThread() { own.bind() }

  /// Called on the connection's thread before it ends.
  func unbind() {
    own.unbind()
    for job in own.jobs { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
    own.jobs = []
  }

  /// Runs `job`. On the connection's thread.
  func run(_ job: UnownedJob) { job.runSynchronously(on: asUnownedTaskExecutor()) }

  /// Whether ``runOwnJobs()`` has something to run. On the connection's thread.
  var hasOwnJobs: Bool { !own.jobs.isEmpty }

  /// Runs what the jobs before and the replies just delivered have made runnable, but no job that
  /// these add: between two rounds the connection must send and receive. On the connection's
  /// thread. False when nothing was to run.
  func runOwnJobs() -> Bool {
    if own.jobs.isEmpty { return false }
    swap(&own.jobs, &own.running)
    for job in own.running { run(job) }
    own.running.removeAll(keepingCapacity: true)
    return true
  }
}

// Sendable because the arrays are touched on the bound thread alone.
private final class OwnThreadJobs: @unchecked Sendable {
  private let thread = Atomic<UInt>(0)
  var calls: [Call] = []
  var jobs: [UnownedJob] = []
  var running: [UnownedJob] = []

  var isThisThread: Bool { thread.load(ordering: .relaxed) == Self.thisThread }

  func bind() { thread.store(Self.thisThread, ordering: .relaxed) }
  func unbind() { thread.store(0, ordering: .relaxed) }

  private static var thisThread: UInt {
    #if canImport(Darwin)
      UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }
}
