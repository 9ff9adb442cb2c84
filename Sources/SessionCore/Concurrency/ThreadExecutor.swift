#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs an actor on a thread of its own, so that its methods may make calls that wait (files, locks
/// between processes) without keeping one of Swift's shared threads.
///
/// The thread ends when the executor is freed, which is when its actor is.
package final class ThreadExecutor: SerialExecutor {
  private let queue = JobQueue()

  /// Starts the thread.
  ///
  /// - Throws: ``ThreadError`` when the system has no thread left.
  package init() throws(ThreadError) {
    let queue = queue
    _ = try DedicatedThread {
      while let (job, executor) = queue.next() { job.runSynchronously(on: executor) }
    }
  }

  deinit { queue.close() }

  /// Adds a step of the actor behind those that wait.
  package func enqueue(_ job: consuming ExecutorJob) {
    queue.add(UnownedJob(job), asUnownedSerialExecutor())
  }
}

/// What waits for the thread. The thread holds the queue and not the executor, which could
/// otherwise never be freed.
private final class JobQueue: @unchecked Sendable {
  // Sendable because the properties below are touched only while `mutex` is held.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let arrival: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [(UnownedJob, UnownedSerialExecutor)] = []
  private var first = 0
  private var isClosed = false

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    arrival = .allocate(capacity: 1)
    arrival.initialize(to: pthread_cond_t())
    pthread_cond_init(arrival, nil)
  }

  deinit {
    pthread_cond_destroy(arrival)
    arrival.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func add(_ job: UnownedJob, _ executor: UnownedSerialExecutor) {
    pthread_mutex_lock(mutex)
    jobs.append((job, executor))
    pthread_cond_signal(arrival)
    pthread_mutex_unlock(mutex)
  }

  /// Waits for the next job; nil when the queue is closed and empty.
  func next() -> (UnownedJob, UnownedSerialExecutor)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while first == jobs.count {
      if isClosed { return nil }
      jobs.removeAll(keepingCapacity: true)
      first = 0
      pthread_cond_wait(arrival, mutex)
    }
    defer { first += 1 }
    return jobs[first]
  }

  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_signal(arrival)
    pthread_mutex_unlock(mutex)
  }
}
