import SessionCore
import Testing

@testable import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The fault proxy", .timeLimit(.minutes(5)))
struct FaultProxyTests {
  @Test("passes bytes both ways, and counts them")
  func passes() async throws {
    let bench = try ProxyBench()
    try await bench.onThread { bench in
      let (client, server) = try bench.connect()
      try client.send("bonjour")
      #expect(server.receive(7) == "bonjour")
      try server.send("salut")
      #expect(client.receive(5) == "salut")
      client.close()
      #expect(server.receive(1) == "")
      server.close()
    }
    await bench.proxy.wait { $0.open == 0 }
    let counts = bench.proxy.counts
    #expect(counts.accepted == 1)
    #expect(counts.closedByClient == 1)
    #expect((counts.bytesToTarget, counts.bytesToClient) == (7, 5))
  }

  @Test("cuts after exactly the bytes it was told, in either direction")
  func cutsAtByte() async throws {
    let bench = try ProxyBench()
    for count in 0...4 {
      await bench.proxy.set(.cut, after: count, bytes: .toTarget)
      try await bench.onThread { bench in
        let (client, server) = try bench.connect()
        try client.send("abcd")
        #expect(server.receive(5) == String("abcd".prefix(count)))
        #expect(client.receive(1) == "")
      }
      await bench.proxy.set(.cut, after: count, bytes: .toClient)
      try await bench.onThread { bench in
        let (client, server) = try bench.connect()
        try server.send("abcd")
        #expect(client.receive(5) == String("abcd".prefix(count)))
        #expect(server.receive(1) == "")
      }
    }
    #expect(bench.proxy.counts.triggered == 10)
  }

  @Test("swallows what is sent into a blackhole, and keeps the connection")
  func blackhole() async throws {
    let bench = try ProxyBench()
    let pair = try await bench.onThread { try $0.connect() }
    await bench.proxy.set(.blackhole)
    try await bench.onThread { _ in try pair.client.send("perdu") }
    await bench.proxy.wait { $0.bytesSwallowed == 5 }
    await bench.proxy.set(.none)
    try await bench.onThread { _ in
      try pair.client.send("là")
      #expect(pair.server.receive(3) == "là")
    }
  }

  @Test("delays every byte, in order")
  func delays() async throws {
    let bench = try ProxyBench()
    let pair = try await bench.onThread { try $0.connect() }
    await bench.proxy.set(.delay(.milliseconds(40)))
    try await bench.onThread { _ in
      let start = monotonicNanoseconds()
      try pair.client.send("un")
      #expect(pair.server.receive(2) == "un")
      #expect(monotonicNanoseconds() - start >= 40_000_000)
    }
  }

  @Test("refuses connections, and listens on the same port again")
  func refuses() async throws {
    let bench = try ProxyBench()
    let pair = try await bench.onThread { try $0.connect() }
    await bench.proxy.set(.refuse)
    try await bench.onThread { bench in
      #expect(pair.client.receive(1) == "")
      #expect(throws: LoopbackSocket.Failure.self) { try bench.connect() }
    }
    await bench.proxy.set(.none)
    try await bench.onThread { bench in
      let (client, server) = try bench.connect()
      try client.send("x")
      #expect(server.receive(1) == "x")
    }
  }

  @Test("ends everything when it is closed")
  func closes() async throws {
    let bench = try ProxyBench()
    let pair = try await bench.onThread { try $0.connect() }
    await bench.proxy.close()
    #expect(try await bench.onThread { _ in pair.server.receive(1) } == "")
    #expect(bench.proxy.counts.open == 0)
  }
}

/// A proxy in front of a listener of the test's own.
private struct ProxyBench: Sendable {
  let listener: Peer
  let proxy: FaultProxy

  init() throws {
    listener = Peer(try LoopbackSocket.listen(port: 0))
    proxy = try FaultProxy(targetPort: LoopbackSocket.port(of: listener.descriptor))
  }

  /// Both ends of a new connection through the proxy. Blocks.
  func connect() throws -> (client: Peer, server: Peer) {
    let client = Peer(try LoopbackSocket.connect(port: proxy.port))
    listener.waitReadable()
    return (client, Peer(accept(listener.descriptor, nil, nil)))
  }

  /// Runs what blocks on a thread of its own.
  func onThread<Value: Sendable>(
    _ body: @escaping @Sendable (ProxyBench) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread { continuation.resume(with: Result { try body(self) }) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}

/// One end of a connection, used in a blocking way.
private final class Peer: Sendable {
  let descriptor: Int32
  private let isClosed = Locked(false)

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close() }

  func close() {
    let isFirst = isClosed.withLock { closed in
      defer { closed = true }
      return !closed
    }
    if isFirst { closeDescriptor(descriptor) }
  }

  func waitReadable() {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&polled, 1, 10_000)
  }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
  }

  /// `count` bytes, or fewer when the connection ended before.
  func receive(_ count: Int) -> String {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: count)
    while received.count < count {
      waitReadable()
      let got = read(descriptor, &buffer, count - received.count)
      guard got > 0 else { break }
      received += buffer[..<got]
    }
    return String(decoding: received, as: UTF8.self)
  }
}

private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
