import SessionCore
import Synchronization

/// One connection as its users see it: it takes calls from any task and hands them to its thread.
///
/// The thread starts with the first call, and the connection is opened then, and again when it is
/// needed after a loss.
final class Connection: Sendable {
  private enum Life {
    case notStarted
    case running
    case ended
  }

  private struct State {
    var life = Life.notStarted
    var waitingForEnd: [CheckedContinuation<Void, Never>] = []
  }

  let configuration: RedisConfiguration
  private let activity: ClientActivity
  private let channel: Result<ConnectionChannel, RedisError>
  private let state = Locked(State())
  private let isStarted = Atomic(false)
  private let lastID = Atomic<UInt64>(0)

  init(_ configuration: RedisConfiguration, _ activity: ClientActivity) {
    self.configuration = configuration
    self.activity = activity
    channel = Result { () throws(RedisError) in try ConnectionChannel() }
  }

  deinit { (try? channel.get())?.close() }

  /// Sends bytes that are answered by so many replies, and nobody else's between them.
  ///
  /// - Parameter deadline: On the monotonic clock; 0 for that of the configuration.
  func run(_ bytes: [UInt8], replyCount: Int, until deadline: Int64) async throws -> [RedisValue] {
    try Task.checkCancellation()
    let channel = try started()
    let id = nextID()
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        channel.submit(
          Call(
            id: id, bytes: bytes, replyCount: replyCount, receiver: .many(continuation),
            deadline: deadline))
      }
    } onCancel: {
      channel.post(.cancel(id))
    }
  }

  /// Whether the connection ended, and will not be made again.
  var hasEndedForGood: Bool {
    (try? channel.get())?.hasEndedForGood.load(ordering: .acquiring) ?? true
  }

  /// A number that a call can be cancelled by.
  func nextID() -> UInt64 { lastID.add(1, ordering: .relaxed).newValue }

  /// Calls without an answer, as of the last round of the thread.
  var waitingCallCount: Int {
    (try? channel.get())?.waitingCallCount.load(ordering: .relaxed) ?? 0
  }

  /// Where tasks that use this connection a lot can run: its own thread.
  var executor: any TaskExecutor {
    if let channel = try? started() { channel.executor } else { globalConcurrentExecutor }
  }

  /// Refuses further calls, fails those under way, and waits until the connection and its thread
  /// are gone.
  func close() async {
    guard let channel = try? channel.get() else { return }
    let mustWait = state.withLock { state in
      if case .notStarted = state.life { state.life = .ended }
      if case .ended = state.life { return false }
      return true
    }
    channel.close()
    guard mustWait else { return }
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        if case .ended = state.life { return true }
        state.waitingForEnd.append(continuation)
        return false
      }
      if hasEnded { continuation.resume() }
    }
  }

  /// The way to the thread, which is started if it was not yet.
  func started() throws -> ConnectionChannel {
    let channel = try channel.get()
    if isStarted.load(ordering: .acquiring) { return channel }
    try state.withLock { state in
      guard case .notStarted = state.life else { return }
      do {
        let (configuration, activity) = (configuration, activity)
        let end: @Sendable () -> Void = { [weak self] in self?.threadEnded() }
        _ = try DedicatedThread {
          nameThisThread("redis")
          ConnectionLoop(configuration, channel, activity).run()
          end()
        }
      } catch {
        throw RedisError(code: .connectFailed, reason: "\(error)")
      }
      state.life = .running
    }
    isStarted.store(true, ordering: .releasing)
    return channel
  }

  private func threadEnded() {
    let waiting = state.withLock { state in
      state.life = .ended
      defer { state.waitingForEnd = [] }
      return state.waitingForEnd
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// The mailbox of a connection's thread and the means to wake it.
final class ConnectionChannel: Sendable {
  let mailbox = Mailbox<Mail>()
  let wakeUp: WakeUp
  let turn = LoopTurn()
  let executor: LoopExecutor
  let waitingCallCount = Atomic(0)
  let hasEndedForGood = Atomic(false)

  init() throws(RedisError) {
    let wakeUp = try WakeUp()
    self.wakeUp = wakeUp
    executor = LoopExecutor(mailbox: mailbox, wakeUp: wakeUp)
  }

  /// False: the mailbox is closed, and the mail was not taken.
  @discardableResult
  func post(_ mail: Mail) -> Bool {
    switch mailbox.post(mail) {
    case .queued: return true
    case .queuedWakeOwner:
      wakeUp.signal()
      return true
    case .refused: return false
    }
  }

  /// Hands a call over; one that cannot be is failed.
  func submit(_ call: Call) {
    guard executor.submit(call) || turn.send(call) || post(.call(call)) else {
      call.fail(RedisError(code: .closed, reason: "the client was closed"))
      return
    }
    // The handler may have run before the call was in the mailbox: then its cancellation named
    // nothing.
    if Task.isCancelled { post(.cancel(call.id)) }
  }

  func close() {
    if mailbox.close() { wakeUp.signal() }
  }
}
