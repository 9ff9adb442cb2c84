import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A TCP proxy on a loopback port that goes wrong on command: what a server and a network do to a
/// client on a bad day, on a real connection.
///
/// One thread of its own forwards; everything can be called from any task.
public final class FaultProxy: Sendable {
  /// What goes wrong.
  public enum Fault: Sendable, Equatable {
    /// Nothing: bytes pass.
    case none
    /// Each piece that arrives is held back for so long before it is passed on.
    case delay(Duration)
    /// Both sides of the connection are closed. New connections are forwarded.
    case cut
    /// Connections stay open, new ones are accepted, and every byte is swallowed.
    case blackhole
    /// New connections are refused; those that are open are closed.
    case refuse
  }

  /// Which way bytes go.
  public enum Direction: Sendable, CaseIterable {
    /// From the client to the server.
    case toTarget
    /// From the server to the client.
    case toClient
  }

  /// What has happened since the start.
  public struct Counts: Sendable, Equatable {
    /// Connections accepted.
    public var accepted = 0
    /// Connections that are open now.
    public var open = 0
    /// Connections that the client closed.
    public var closedByClient = 0
    /// Bytes passed on to the server.
    public var bytesToTarget = 0
    /// Bytes passed on to the client.
    public var bytesToClient = 0
    /// Bytes swallowed by a blackhole.
    public var bytesSwallowed = 0
    /// Times a fault that ``FaultProxy/set(_:after:bytes:)`` announced has begun.
    public var triggered = 0
  }

  /// The port on 127.0.0.1 that clients connect to. It stays the same through a refusal.
  public let port: UInt16
  private let shared: FaultProxyShared
  private let thread: DedicatedThread

  /// Listens on a free port and forwards to `targetPort` of 127.0.0.1.
  public init(targetPort: UInt16) throws {
    let listener = try LoopbackSocket.listen(port: 0)
    port = LoopbackSocket.port(of: listener)
    let shared = FaultProxyShared(wakeUp: try WakePipe())
    self.shared = shared
    let port = port
    thread = try DedicatedThread {
      FaultProxyLoop(listener: listener, port: port, targetPort: targetPort, shared: shared).run()
    }
  }

  deinit { shared.stop() }

  /// Lets `fault` begin now. It is in force when this returns: whatever is sent from now on meets
  /// it.
  public func set(_ fault: Fault) async {
    let number = shared.command { state in
      state.fault = fault
      state.trigger = nil
    }
    await shared.waitForCommand(number)
  }

  /// Lets `fault` begin when exactly `count` more bytes have passed in `direction`, whatever the
  /// connection. Until then nothing goes wrong.
  public func set(_ fault: Fault, after count: Int, bytes direction: Direction) async {
    let number = shared.command { state in
      state.fault = .none
      state.trigger = FaultProxyShared.Trigger(
        fault: fault, direction: direction, bytesLeft: count)
    }
    await shared.waitForCommand(number)
  }

  /// What has happened so far.
  public var counts: Counts { shared.counts }

  /// Waits until `condition` holds for the counts. Give the test a time limit: nothing else ends
  /// the wait.
  public func wait(until condition: @escaping @Sendable (Counts) -> Bool) async {
    await shared.wait { _, counts in condition(counts) }
  }

  /// Ends all connections, and the proxy. Waits until its descriptors are closed.
  public func close() async {
    shared.stop()
    await shared.wait { state, _ in state.isFinished }
  }
}
