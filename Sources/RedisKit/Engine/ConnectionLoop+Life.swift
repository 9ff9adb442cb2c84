import SessionCore
import Synchronization

// How a connection begins and ends, and what becomes of the calls.
extension ConnectionLoop {
  func startConnecting(at now: Int64) {
    attempt += 1
    let attempt = attempt
    let channel = channel
    let connector = Connector(configuration: configuration)
    do {
      _ = try DedicatedThread {
        nameThisThread("redis connect")
        let result = Result { () throws(RedisError) in try connector.connect() }
        guard !channel.post(.connected(attempt: attempt, result)) else { return }
        if case .success(let late) = result { late.transport.close() }
      }
      // The attempt ends by itself; a name that nobody resolves may take longer than it may.
      phase = .connecting(
        deadline: now + configuration.connectTimeout.nanoseconds + 100_000_000)
    } catch {
      connectFailed(RedisError(code: .connectFailed, reason: "\(error)"), at: now)
    }
  }

  func connected(
    _ attempt: Int, _ result: Result<Connector.Established, RedisError>, at now: Int64
  ) {
    guard attempt == self.attempt, case .connecting = phase else {
      if case .success(let late) = result { late.transport.close() }
      return
    }
    switch result {
    case .failure(let error):
      activity.report(.failed(error), configuration)
      connectFailed(error, at: now)
    case .success(let established):
      let reader = ReplyReader(
        byteCountMax: configuration.replyByteCountMax,
        elementCountMax: configuration.replyElementCountMax,
        depthMax: configuration.replyDepthMax)
      guard let reader else {
        established.transport.close()
        connectFailed(RedisError(code: .connectFailed, reason: "there is no memory"), at: now)
        return
      }
      output.reset()
      repliesLeft = 0
      hasAnswered = false
      lastHeard = now
      lastUse = now
      phase = .ready(established.transport, reader)
      activity.report(.connected, configuration)
    }
  }

  /// Nobody waits for a server that is not there: what waits fails, and until the pause is over so
  /// does what comes.
  ///
  /// A server that must be the primary is not tried again at all: who was it before may come back
  /// and still believe it, so whoever asked the sentinels makes a new connection.
  private func connectFailed(_ error: RedisError, at now: Int64) {
    var random = SystemRandomNumberGenerator()
    let end = configuration.endsForGood ? .max : now + pause.next(using: &random)
    phase = .pausing(until: end, error)
    if configuration.endsForGood { channel.hasEndedForGood.store(true, ordering: .releasing) }
    for call in waiting.takeAll() { call.fail(error) }
    waitingByteCount = 0
  }

  /// Ends the connection. Calls that the server may have seen fail; the others stay for the next
  /// connection.
  func loseConnection(_ code: RedisError.Code, _ reason: String, at now: Int64) {
    guard case .ready(let transport, _) = phase else { return }
    transport.close()
    phase = .disconnected
    let text = "the connection to Redis at \(configuration.address) was lost: \(reason)"
    var kept: [Call] = []
    var isFirst = true
    for var call in placed.takeAll() {
      if call.id != 0, !call.mayHaveActed(afterSending: output.sentCount) {
        call.streamEnd = nil
        kept.append(call)
        continue
      }
      waitingByteCount -= call.bytes.count
      // Only the first call is to blame; it is the one that has waited longest.
      let isOverdue = code == .timedOut && call.deadline <= now
      let own = isFirst || isOverdue ? code : .connectionLost
      call.fail(RedisError(code: own, reason: text, mayHaveActed: true))
      isFirst = false
    }
    for call in kept + waiting.takeAll() { waiting.append(call) }
    collected = []
    repliesLeft = 0
    output.reset()
    activity.report(.lost(RedisError(code: code, reason: text)), configuration)
    if configuration.endsForGood {
      connectFailed(RedisError(code: .connectionLost, reason: text), at: now)
    } else if hasAnswered {
      pause.reset()
      if !waiting.isEmpty { startConnecting(at: now) }
    } else if code != .timedOut {
      // It let us in and then would not serve: as good as not reached.
      connectFailed(RedisError(code: .connectFailed, reason: text), at: now)
    } else if !waiting.isEmpty {
      startConnecting(at: now)
    }
  }

  /// Ends what has come to its deadline, and cares for an idle connection.
  func endOverdue(at now: Int64) {
    for call in waiting.takeOverdue(at: now) {
      waitingByteCount -= call.bytes.count
      let limit = configuration.commandTimeout
      call.fail(
        RedisError(code: .timedOut, reason: "it could not be sent to Redis within \(limit)"))
    }
    switch phase {
    case .disconnected, .pausing: break
    case .connecting(let deadline):
      guard deadline <= now else { return }
      let limit = configuration.connectTimeout
      let error = RedisError(
        code: .connectFailed,
        reason: "Redis at \(configuration.address) cannot be reached within \(limit)")
      activity.report(.failed(error), configuration)
      connectFailed(error, at: now)
    case .ready(let transport, _):
      if !placed.isEmpty {
        let limit = configuration.commandTimeout
        if now >= owedUntil {
          loseConnection(.timedOut, "no answer within \(limit)", at: now)
          return
        }
        // The connection is not to blame: it had less time for this call, or answers others.
        placed.failOverdue(
          at: now,
          RedisError(
            code: .timedOut, reason: "no answer from Redis within \(limit)", mayHaveActed: true))
      } else if now >= lastUse + configuration.idleTimeout.nanoseconds {
        transport.close()
        phase = .disconnected
        activity.report(.closed, configuration)
        if configuration.endsForGood {
          connectFailed(
            RedisError(code: .connectionLost, reason: "the connection was idle, and closed"),
            at: now)
        }
      } else if checksHealth, now >= lastHeard + configuration.healthCheckInterval.nanoseconds {
        waiting.append(
          Call(
            id: 0, bytes: RedisCommand("PING").encoded, replyCount: 1, receiver: .nobody,
            deadline: now + configuration.commandTimeout.nanoseconds))
        waitingByteCount += RedisCommand("PING").encoded.count
      }
    }
  }

  /// In a transaction of somebody's own a `PING` of ours would be one of its commands.
  private var checksHealth: Bool { !configuration.isLent }

  /// Until when the server has time for the next answer. Who gave a command longer than others, as
  /// one that waits on the server, gave it to the server.
  private var owedUntil: Int64 { max(owedSince + commandTimeout, placed.firstDeadline) }

  /// When ``endOverdue(at:)`` has something to do next; nil for never.
  func nextDeadline(after now: Int64) -> Int64? {
    var next = waiting.deadlineBound
    switch phase {
    case .disconnected, .pausing: break
    case .connecting(let deadline): next = min(next, deadline)
    case .ready:
      if !placed.isEmpty {
        next = min(next, placed.deadlineBound, owedUntil)
      } else {
        next = min(next, lastUse + configuration.idleTimeout.nanoseconds)
        if checksHealth {
          next = min(next, lastHeard + configuration.healthCheckInterval.nanoseconds)
        }
        // So that a call which another thread sends meanwhile need not wake this one: its time is
        // not over before.
        next = min(next, now + max(commandTimeout, 1_000_000_000))
      }
    }
    return next == .max ? nil : next
  }

  /// Lets go of the calls whose callers gave up. Those that have a place in the stream keep it:
  /// their answers are dropped when they come.
  func cancelCalls() {
    for queue in [waiting, placed] {
      queue.changeAll { call in
        guard cancelled.contains(call.id) else { return }
        call.fail(CancellationError())
        call.receiver = .nobody
      }
    }
    cancelled.removeAll(keepingCapacity: true)
  }

  /// The mailbox is closed: ends everything.
  func stop() {
    channel.mailbox.take(into: &mail)
    for item in mail {
      switch item {
      case .call(let call): waiting.append(call)
      case .connected(_, let result):
        if case .success(let late) = result { late.transport.close() }
      case .job(let job): channel.executor.run(job)
      case .cancel: break
      }
    }
    channel.executor.takeOwnCalls(into: &ownCalls)
    for call in ownCalls { waiting.append(call) }
    if case .ready(let transport, _) = phase {
      transport.close()
      activity.report(.closed, configuration)
    }
    phase = .disconnected
    activity.add(&done)
    let reason = "the client was closed"
    for call in placed.takeAll() {
      let mayHaveActed = call.mayHaveActed(afterSending: output.sentCount)
      call.fail(RedisError(code: .closed, reason: reason, mayHaveActed: mayHaveActed))
    }
    for call in waiting.takeAll() { call.fail(RedisError(code: .closed, reason: reason)) }
    channel.executor.unbind()
  }
}
