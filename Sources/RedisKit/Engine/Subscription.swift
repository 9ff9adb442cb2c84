import SessionCore

/// A connection of its own that listens to channels: a subscribed connection can carry nothing
/// else.
///
/// It connects by itself, again and again with pauses, until it is closed. What was published while
/// there was no connection is lost; nobody is told of it.
final class Subscription: Sendable {
  private let wakeUp: WakeUp
  private let isClosed = Locked(false)

  /// Starts listening; `onMessage` gets the channel and the payload, on the thread of the
  /// connection.
  ///
  /// - Throws: ``RedisError`` when the process has no descriptor or no thread left.
  init(
    _ configuration: RedisConfiguration, channels: [String],
    onMessage: @escaping @Sendable (String, [UInt8]) -> Void
  ) throws(RedisError) {
    let wakeUp = try WakeUp()
    self.wakeUp = wakeUp
    let isClosed = isClosed
    do {
      _ = try DedicatedThread {
        let listener = Listener(
          configuration: configuration, channels: channels, wakeUp: wakeUp, isClosed: isClosed)
        listener.run(onMessage)
      }
    } catch {
      throw RedisError(code: .connectFailed, reason: "\(error)")
    }
  }

  deinit { close() }

  /// Ends the connection. Does not wait for it.
  func close() {
    isClosed.withLock { $0 = true }
    wakeUp.signal()
  }
}

/// What the thread of a subscription does.
private struct Listener {
  let configuration: RedisConfiguration
  let channels: [String]
  let wakeUp: WakeUp
  let isClosed: Locked<Bool>

  func run(_ onMessage: (String, [UInt8]) -> Void) {
    var pause = ReconnectPause(longest: configuration.reconnectPauseMax)
    var random = SystemRandomNumberGenerator()
    while !isClosed.withLock({ $0 }) {
      if let established = try? Connector(configuration: configuration).connect() {
        if listen(on: established.transport, onMessage) { pause.reset() }
        established.transport.close()
      }
      let end = Polling.now() + pause.next(using: &random)
      while !isClosed.withLock({ $0 }), Polling.now() < end {
        _ = Polling.wait(for: -1, writing: false, or: wakeUp.descriptor, until: end)
      }
    }
  }

  /// Until the connection or the subscription ends. True if the server let us subscribe.
  private func listen(
    on transport: any Transport, _ onMessage: (String, [UInt8]) -> Void
  ) -> Bool {
    let reader = ReplyReader(
      byteCountMax: configuration.replyByteCountMax, elementCountMax: 16, depthMax: 2)
    guard let reader else { return false }
    var unsent = RedisCommand("SUBSCRIBE", channels.map { .text($0) }).encoded
    var buffer = [UInt8](repeating: 0, count: 16_384)
    var isSubscribed = false
    var isTried = false
    while !isClosed.withLock({ $0 }) {
      if !unsent.isEmpty {
        switch unsent.withUnsafeBytes({ transport.send($0) }) {
        case .moved(let count): unsent.removeFirst(count)
        case .ended: return isSubscribed
        case .wouldBlock: break
        }
      }
      switch buffer.withUnsafeMutableBytes({ transport.receive(into: $0) }) {
      case .ended: return isSubscribed
      case .wouldBlock:
        let end = Polling.now() + configuration.healthCheckInterval.nanoseconds
        _ = Polling.wait(
          for: transport.descriptor, writing: !unsent.isEmpty, or: wakeUp.descriptor, until: end)
        guard Polling.now() >= end else { continue }
        // Silence: the connection is tried once, and given up if it stays silent.
        if isTried { return isSubscribed }
        isTried = true
        unsent += RedisCommand("PING").encoded
      case .moved(let count):
        isTried = false
        do {
          try buffer.withUnsafeBytes { bytes in
            try reader.read(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { reply in
              guard let parts = reply.array, parts.count == 3 else { return }
              if parts[0].string == "subscribe" { isSubscribed = true }
              guard parts[0].string == "message", let channel = parts[1].string,
                case .bytes(let payload) = parts[2]
              else { return }
              onMessage(channel, payload)
            }
          }
        } catch { return isSubscribed }
      }
    }
    return isSubscribed
  }
}
