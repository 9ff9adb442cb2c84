import SessionCore

/// A connection of its own that listens to channels: a subscribed connection can carry nothing
/// else.
///
/// It connects by itself, again and again with pauses, until it is closed. What was published while
/// there was no connection is lost, and whoever listens is told that there was such a time.
final class Subscription: Sendable {
  /// What the thread tells.
  enum Event: Sendable {
    /// The server has taken all subscriptions: what is published from now on comes.
    case listening
    /// The connection could not be made, or the server did not let us subscribe.
    case failed(RedisError)
    /// The connection was lost.
    case lost(RedisError)
    case message(RedisMessage)
  }

  /// What is listened to.
  struct Topics: Sendable {
    var channels: [RedisArgument] = []
    var patterns: [RedisArgument] = []

    var commands: [RedisCommand] {
      (channels.isEmpty ? [] : [RedisCommand("SUBSCRIBE", channels)])
        + (patterns.isEmpty ? [] : [RedisCommand("PSUBSCRIBE", patterns)])
    }
  }

  private let wakeUp: WakeUp
  private let isClosed = Locked(false)

  /// Starts listening.
  ///
  /// - Parameters:
  ///   - server: Where to connect; asked before each attempt. Nil: nobody knows for now.
  ///   - onEvent: Called on the thread of the connection. False: nothing more is read until
  ///     ``resume()``.
  /// - Throws: ``RedisError`` when the process has no descriptor or no thread left.
  init(
    _ topics: Topics, at server: @escaping @Sendable () -> RedisConfiguration?,
    onEvent: @escaping @Sendable (Event) -> Bool
  ) throws(RedisError) {
    let wakeUp = try WakeUp()
    self.wakeUp = wakeUp
    let isClosed = isClosed
    do {
      _ = try DedicatedThread {
        nameThisThread("redis listen")
        let listener = Listener(
          server: server, topics: topics, wakeUp: wakeUp, isClosed: isClosed, onEvent: onEvent)
        listener.run()
      }
    } catch {
      throw RedisError(code: .connectFailed, reason: "\(error)")
    }
  }

  deinit { close() }

  /// Lets reading go on.
  func resume() { wakeUp.signal() }

  /// Ends the connection. Does not wait for it.
  func close() {
    isClosed.withLock { $0 = true }
    wakeUp.signal()
  }
}

/// What the thread of a subscription does.
private struct Listener {
  let server: @Sendable () -> RedisConfiguration?
  let topics: Subscription.Topics
  let wakeUp: WakeUp
  let isClosed: Locked<Bool>
  let onEvent: @Sendable (Subscription.Event) -> Bool

  func run() {
    var random = SystemRandomNumberGenerator()
    var pause = ReconnectPause(longest: .seconds(2))
    while !isOver {
      let configuration = server()
      do throws(RedisError) {
        guard let configuration else {
          throw RedisError(code: .connectFailed, reason: "no server is known to listen to")
        }
        pause.longest = configuration.reconnectPauseMax.nanoseconds
        let transport = try Connector(configuration: configuration).connect().transport
        defer { transport.close() }
        let reason = try listen(on: transport, configuration) { pause.reset() }
        if let reason {
          let text = "the connection to Redis at \(configuration.address) was lost: \(reason)"
          _ = onEvent(.lost(RedisError(code: .connectionLost, reason: text)))
        }
      } catch { _ = onEvent(.failed(error)) }
      let end = Polling.now() + pause.next(using: &random)
      while !isOver, Polling.now() < end {
        if Polling.wait(for: -1, writing: false, or: wakeUp.descriptor, until: end).woken {
          wakeUp.drain()
        }
      }
    }
  }

  private var isOver: Bool { isClosed.withLock { $0 } }

  /// Until the connection or the subscription ends. Returns why the connection did.
  ///
  /// - Throws: ``RedisError`` when the server did not let us subscribe.
  private func listen(
    on transport: any Transport, _ configuration: RedisConfiguration, onListening: () -> Void
  ) throws(RedisError) -> String? {
    let reader = ReplyReader(
      byteCountMax: configuration.replyByteCountMax, elementCountMax: 16, depthMax: 2)
    guard let reader else { throw RedisError(code: .connectFailed, reason: "there is no memory") }
    var unsent = topics.commands.flatMap(\.encoded)
    var buffer = [UInt8](repeating: 0, count: 16_384)
    var missing = topics.channels.count + topics.patterns.count
    var refusal: RedisError?
    var isTried = false
    var mayRead = true
    while !isOver {
      if !unsent.isEmpty {
        switch unsent.withUnsafeBytes({ transport.send($0) }) {
        case .moved(let count): unsent.removeFirst(count)
        case .ended(let reason): return try ended(reason, missing)
        case .wouldBlock: break
        }
      }
      if !mayRead {
        // Whoever listens has enough: the server is left to wait, or to give us up.
        _ = Polling.wait(for: -1, writing: false, or: wakeUp.descriptor, until: nil)
        wakeUp.drain()
        mayRead = true
        continue
      }
      switch buffer.withUnsafeMutableBytes({ transport.receive(into: $0) }) {
      case .ended(let reason): return try ended(reason, missing)
      case .wouldBlock:
        let end = Polling.now() + configuration.healthCheckInterval.nanoseconds
        let ready = Polling.wait(
          for: transport.descriptor, writing: !unsent.isEmpty, or: wakeUp.descriptor, until: end)
        if ready.woken { wakeUp.drain() }
        guard Polling.now() >= end else { continue }
        // Silence: the connection is tried once, and given up if it stays silent.
        if isTried { return try ended("the server is silent", missing) }
        isTried = true
        unsent += RedisCommand("PING").encoded
      case .moved(let count):
        isTried = false
        do {
          try buffer.withUnsafeBytes { bytes in
            try reader.read(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { reply in
              switch PushedReply(reply) {
              case .subscribed:
                missing -= 1
                guard missing == 0 else { return }
                onListening()
                _ = onEvent(.listening)
              case .message(let message): mayRead = onEvent(.message(message))
              case .refused(let error): refusal = RedisError(error, command: "SUBSCRIBE")
              case .other: break
              }
            }
          }
        } catch { return try ended("it does not speak Redis's protocol", missing) }
        if let refusal { throw refusal }
      }
    }
    return nil
  }

  /// A connection that ends before the server took the subscriptions was none.
  private func ended(_ reason: String, _ missing: Int) throws(RedisError) -> String {
    if missing > 0 { throw RedisError(code: .connectFailed, reason: reason) }
    return reason
  }
}

/// What a subscribed connection is told.
private enum PushedReply {
  case subscribed
  case message(RedisMessage)
  case refused(RedisServerError)
  case other

  init(_ reply: RedisValue) {
    self = .other
    if case .error(let error) = reply { self = .refused(error) }
    guard let parts = reply.array, parts.count >= 3 else { return }
    switch parts[0].string {
    case "subscribe", "psubscribe": self = .subscribed
    case "message": self = .message(RedisMessage(parts[1], nil, parts[2]))
    case "pmessage" where parts.count == 4:
      self = .message(RedisMessage(parts[2], parts[1], parts[3]))
    default: break
    }
  }
}
