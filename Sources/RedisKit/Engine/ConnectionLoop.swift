import SessionCore
import Synchronization

/// The thread of one connection: takes calls from the mailbox, sends what has come together in one
/// write, reads, and hands the answers out in order.
///
/// Whatever arrives while it is busy goes out with the next write, so commands of many tasks are
/// pipelined without anybody asking. Nothing in it waits but `poll`.
final class ConnectionLoop {
  /// How the connection stands.
  enum Phase {
    /// Closed; the next call opens it.
    case disconnected
    /// An attempt is under way on a thread of its own.
    case connecting(deadline: Int64)
    case ready(any Transport, ReplyReader)
    /// The last attempt failed: until then calls are refused at once, with its error. For ever
    /// where only the sentinels can say whether the server is still the primary.
    case pausing(until: Int64, RedisError)
  }

  let configuration: RedisConfiguration
  let channel: ConnectionChannel
  let activity: ClientActivity
  /// What was done since the thread last told the client.
  var done = ClientActivity.Counts()
  var phase = Phase.disconnected
  var attempt = 0
  var pause: ReconnectPause
  /// Whether the server has answered a command since the connection was made.
  var hasAnswered = false

  /// Calls that have no place in the stream yet, behind those that have.
  let waiting = CallQueue()
  let placed = CallQueue()
  /// Bytes of both.
  var waitingByteCount = 0
  /// The answers to the first placed call, if it is a pipeline and not complete.
  var collected: [RedisValue] = []

  var output = OutputBuffer()
  var mail: [Mail] = []
  var ownCalls: [Call] = []
  var cancelled: Set<UInt64> = []
  var lastHeard: Int64 = 0
  var lastUse: Int64 = 0
  /// Since when the server owes the answer to the first placed call: it was placed, or the answer
  /// before it came.
  var owedSince: Int64 = 0
  let commandTimeout: Int64
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

  init(
    _ configuration: RedisConfiguration, _ channel: ConnectionChannel, _ activity: ClientActivity
  ) {
    self.configuration = configuration
    self.channel = channel
    self.activity = activity
    commandTimeout = configuration.commandTimeout.nanoseconds
    pause = ReconnectPause(longest: configuration.reconnectPauseMax)
  }

  deinit { input.deallocate() }

  /// Works until the mailbox is closed.
  func run() {
    channel.executor.bindToThisThread()
    channel.turn.begin(self)
    defer { channel.turn.end() }
    // Nothing is tried that is known to be in vain: not after a wait that found nothing to read,
    // and not after a read that emptied the socket.
    var mayHaveInput = true
    while true {
      let now = Polling.now()
      var isBusy = takeMail(at: now)
      if channel.executor.runOwnJobs() {
        admitOwnCalls(at: now)
        isBusy = true
      }
      endOverdue(at: now)
      send(at: now)
      let hasRead = mayHaveInput && receive(at: now)
      if hasRead { isBusy = true }
      mayHaveInput = !(hasRead && isDrained)
      channel.waitingCallCount.store(waiting.count + placed.count, ordering: .relaxed)
      activity.add(&done)
      // A deadline that has passed may have made a task on this thread runnable.
      if isBusy || channel.executor.hasOwnJobs { continue }
      guard channel.mailbox.mayOwnerSleep() else {
        if channel.mailbox.isClosed { break }
        continue
      }
      let (descriptor, writing) = (descriptor, !output.isEmpty)
      sleepEnd = nextDeadline(after: now) ?? .max
      let deadline = sleepEnd == .max ? nil : sleepEnd
      let ready = channel.turn.give(offeringCalls: isIdle && deliveredCallCount <= 1) {
        Polling.wait(
          for: descriptor, writing: writing, or: channel.wakeUp.descriptor, until: deadline)
      }
      deliveredCallCount = 0
      channel.mailbox.ownerWoke()
      if ready.woken { channel.wakeUp.drain() }
      mayHaveInput = ready.readable
    }
    stop()
  }

  /// Calls answered since the thread slept: with more than one, tasks make calls at the same time,
  /// and these do better to share a write.
  private var deliveredCallCount = 0

  /// Whether a call would be the only one, its bytes the next to be sent, and by anybody.
  private var isIdle: Bool {
    guard case .ready(let transport, _) = phase, transport.maySendFromAnyThread else {
      return false
    }
    return placed.isEmpty && waiting.isEmpty && output.isEmpty
  }

  /// When the thread wakes by itself.
  private var sleepEnd: Int64 = 0

  /// Sends a call while the thread waits in `poll`, whose turn the caller has taken. False, and
  /// nothing done, unless it would be the only one.
  func sendAtOnce(_ call: Call) -> Bool {
    guard isIdle, call.deadline == 0 else { return false }
    let now = Polling.now()
    admit(call, at: now)
    send(at: now)
    channel.waitingCallCount.store(placed.count, ordering: .relaxed)
    // The thread is to send what the socket did not take, and to end the call in time.
    if !output.isEmpty || placed.deadlineBound < sleepEnd { channel.wakeUp.signal() }
    return true
  }

  /// Whether the last read took all there was.
  private var isDrained = false

  private var descriptor: Int32 {
    if case .ready(let transport, _) = phase { transport.descriptor } else { -1 }
  }

  /// False when there was none.
  private func takeMail(at now: Int64) -> Bool {
    channel.mailbox.take(into: &mail)
    if mail.isEmpty { return false }
    for item in mail {
      switch item {
      case .call(let call): admit(call, at: now)
      case .cancel(let id): cancelled.insert(id)
      case .connected(let attempt, let result): connected(attempt, result, at: now)
      case .job(let job): channel.executor.run(job)
      }
    }
    mail.removeAll(keepingCapacity: true)
    // Before the cancellations, which may name calls that a job of this batch has just made.
    admitOwnCalls(at: now)
    if !cancelled.isEmpty { cancelCalls() }
    return true
  }

  private func admitOwnCalls(at now: Int64) {
    channel.executor.takeOwnCalls(into: &ownCalls)
    if ownCalls.isEmpty { return }
    for call in ownCalls { admit(call, at: now) }
    ownCalls.removeAll(keepingCapacity: true)
  }

  private func admit(_ call: Call, at now: Int64) {
    guard waiting.count + placed.count < configuration.waitingCommandCountMax,
      waitingByteCount + call.bytes.count <= configuration.waitingByteCountMax
    else {
      let limit =
        "\(configuration.waitingCommandCountMax) commands "
        + "or \(configuration.waitingByteCountMax) bytes"
      call.fail(RedisError(code: .queueFull, reason: "more than \(limit) wait for Redis"))
      return
    }
    if case .pausing(let end, let error) = phase {
      if now < end {
        call.fail(error)
        return
      }
      phase = .disconnected
    }
    var call = call
    if call.deadline == 0 { call.deadline = now + commandTimeout }
    waitingByteCount += call.bytes.count
    lastUse = now
    waiting.append(call)
    if case .disconnected = phase { startConnecting(at: now) }
  }

  /// Gives calls their place in the stream, and hands over what the transport takes.
  private func send(at now: Int64) {
    guard case .ready(let transport, _) = phase else { return }
    repeat {
      placeCalls(at: now)
      if output.isEmpty { return }
      switch output.withPending(transport.send) {
      case .moved(let count):
        output.consume(count)
        done.sentByteCount += count
      case .wouldBlock: return
      // What the server said before it closed is read first.
      case .ended: return
      }
    } while !output.isEmpty || !waiting.isEmpty
  }

  private func placeCalls(at now: Int64) {
    while !output.isFull, var call = waiting.popFirst() {
      if case .nobody = call.receiver, call.id != 0 {
        waitingByteCount -= call.bytes.count
        continue
      }
      if placed.isEmpty { owedSince = now }
      call.streamEnd = output.append(call.bytes)
      placed.append(call)
    }
  }

  /// False when nothing had arrived.
  private func receive(at now: Int64) -> Bool {
    guard case .ready(let transport, let reader) = phase else { return false }
    switch transport.receive(into: input) {
    case .wouldBlock: return false
    case .ended(let reason):
      loseConnection(.connectionLost, reason, at: now)
    case .moved(let count):
      lastHeard = now
      done.receivedByteCount += count
      isDrained = transport.shortReadEmpties && count < input.count
      do throws(ReplyReader.Failure) {
        try reader.read(UnsafeRawBufferPointer(rebasing: input[..<count])) {
          (reply) throws(ReplyReader.Failure) in try deliver(reply)
        }
      } catch {
        switch error {
        case .tooLarge:
          loseConnection(.replyTooLarge, "its answer is larger than allowed", at: now)
        case .malformed(let reason): loseConnection(.protocolViolation, reason, at: now)
        }
      }
    }
    return true
  }

  private func deliver(_ reply: RedisValue) throws(ReplyReader.Failure) {
    hasAnswered = true
    owedSince = lastHeard
    switch placed.firstReplyCount {
    case 0: throw .malformed("an answer to no command")
    case 1: break
    case let count:
      if placed.firstIsAwaited { collected.append(reply) }
      if repliesLeft == 0 {
        repliesLeft = count
        collected.reserveCapacity(count)
      }
      repliesLeft -= 1
      if repliesLeft > 0 { return }
    }
    guard let call = placed.popFirst() else { return }
    deliveredCallCount += 1
    done.answeredCount += call.replyCount
    waitingByteCount -= call.bytes.count
    switch call.receiver {
    case .one(let continuation): continuation.resume(returning: reply)
    case .many(let continuation):
      continuation.resume(returning: call.replyCount == 1 ? [reply] : collected)
    case .nobody: break
    }
    if call.replyCount > 1 { collected = [] }
  }

  /// Answers that the first placed call still lacks, once it has one; 0 before.
  var repliesLeft = 0
}
