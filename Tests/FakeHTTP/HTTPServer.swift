import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An HTTP/1.1 server on 127.0.0.1: one thread that accepts, and one for each connection, so that
/// nothing waits on Swift's shared threads.
///
/// It stops when it is closed, or with the last reference to it.
package final class HTTPServer: Sendable {
  private let core: HTTPServerCore
  /// The port it listens on.
  package let port: UInt16

  /// Starts listening.
  ///
  /// - Parameters:
  ///   - port: 0 for any free port.
  ///   - handler: Says what to do with a request; it runs on the connection's thread.
  package init(
    port: UInt16, journal: Journal, limits: HTTPReadLimits = HTTPReadLimits(),
    handler: @escaping @Sendable (ReceivedRequest) -> HTTPReply
  ) throws {
    let listener: Descriptor
    (listener, self.port) = try Sockets.listen(port: port)
    let closing = try Descriptor.pipe()
    core = HTTPServerCore(
      journal: journal, limits: limits, closing: closing.reading, closer: closing.writing,
      handler: handler)
    try core.start(with: listener) { core, listener in core.accept(from: listener) }
  }

  deinit { core.stop() }

  /// Lets every answer that is held go on.
  package func releaseHolds() { core.releaseHolds() }

  /// Closes the port and every connection, and waits until their threads are done.
  package func close() async {
    core.stop()
    // A task of its own: a cancelled caller too must find the port closed afterwards.
    _ = try? await Task { [core] in try await core.threadCount.wait { $0 == 0 } }.value
  }
}

/// What the threads of a server share.
final class HTTPServerCore: Sendable {
  private struct State {
    var closer: Descriptor?
    var holds: [Int: Descriptor] = [:]
  }

  let journal: Journal
  let limits: HTTPReadLimits
  let handler: @Sendable (ReceivedRequest) -> HTTPReply
  /// Becomes readable when the server closes.
  let closing: Descriptor
  let threadCount = Observed(0)
  private let state: Locked<State>

  init(
    journal: Journal, limits: HTTPReadLimits, closing: Descriptor, closer: Descriptor,
    handler: @escaping @Sendable (ReceivedRequest) -> HTTPReply
  ) {
    self.journal = journal
    self.limits = limits
    self.handler = handler
    self.closing = closing
    state = Locked(State(closer: closer))
  }

  func stop() { state.withLock { $0.closer.take() }?.wakeReader() }

  /// Runs `body` on a thread of its own, which closes `descriptor` before it counts as done: who
  /// closes the server may take its port again at once.
  func start(
    with descriptor: Descriptor,
    _ body: @escaping @Sendable (HTTPServerCore, Descriptor) -> Void
  ) throws(ThreadError) {
    let handedOver = Locked(Optional(descriptor))
    threadCount.update { $0 += 1 }
    do throws(ThreadError) {
      _ = try DedicatedThread {
        self.run(body, handedOver)
        self.threadCount.update { $0 -= 1 }
      }
    } catch {
      threadCount.update { $0 -= 1 }
      throw error
    }
  }

  private func run(
    _ body: (HTTPServerCore, Descriptor) -> Void, _ handedOver: Locked<Descriptor?>
  ) {
    if let descriptor = handedOver.withLock({ $0.take() }) { body(self, descriptor) }
  }

  func accept(from listener: Descriptor) {
    while true {
      let ready = Sockets.wait(for: [(listener, Int32(POLLIN)), (closing, Int32(POLLIN))])
      if ready[1] { return }
      do {
        guard let socket = try Sockets.accept(from: listener) else { continue }
        try start(with: socket) { core, socket in
          var connection = HTTPConnection(socket, core: core)
          connection.run()
        }
      } catch {
        // No descriptor or no thread is left: those that end will free some.
        _ = Sockets.wait(for: [(closing, Int32(POLLIN))], timeout: .milliseconds(50))
      }
    }
  }

  /// What becomes readable when the hold is released; nil when the system has no pipe left.
  func beginHold(_ number: Int) -> Descriptor? {
    guard let ends = try? Descriptor.pipe() else { return nil }
    state.withLock { $0.holds[number] = ends.writing }
    journal.holds(number, true)
    return ends.reading
  }

  func endHold(_ number: Int) {
    _ = state.withLock { $0.holds.removeValue(forKey: number) }
    journal.holds(number, false)
  }

  func releaseHolds() {
    let held = state.withLock { state in
      defer { state.holds = [:] }
      return state.holds
    }
    for ending in held.values { ending.wakeReader() }
  }
}
