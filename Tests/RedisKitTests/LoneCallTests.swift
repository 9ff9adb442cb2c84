import SessionCore
import Synchronization
import TestSupport
import Testing

@testable import RedisKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite(
  "A call with nothing else under way", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(2)))
struct LoneCallTests {
  /// One connection that is open and waits, and the proxy that it goes through.
  private func withIdleNode(
    commandTimeout: Duration, _ body: (Node, FaultProxy) async throws -> Void
  ) async throws {
    guard case .tcp(_, let port) = try RedisBench.configuration().address else {
      Issue.record("the proxy needs a Redis on TCP")
      return
    }
    let proxy = try FaultProxy(targetPort: port)
    let node = Node(
      try RedisBench.configuration { configuration in
        configuration.address = .tcp(host: "127.0.0.1", port: proxy.port)
        configuration.commandTimeout = commandTimeout
        // Nothing but the call itself wakes the connection's thread.
        configuration.healthCheckInterval = .seconds(3600)
        configuration.idleTimeout = .seconds(3600)
      })
    _ = try await node.run(RedisCommand("PING").encoded, replyCount: 1)
    try await waitUntilIdle(node)
    try await body(node, proxy)
    await node.close()
    await proxy.close()
  }

  private func waitUntilIdle(_ node: Node) async throws {
    let channel = try node.nextConnection().started()
    while !channel.turn.isOffered.load(ordering: .relaxed) { await Task.yield() }
  }

  /// A call that was sent, and that the server does not answer.
  private func unansweredCall(
    _ node: Node, _ proxy: FaultProxy
  ) async -> Task<[RedisValue], any Error> {
    let sent = proxy.counts.bytesToTarget
    let task = Task {
      try await node.run(RedisCommand("BLPOP", "nobody-pushes-here", 0).encoded, replyCount: 1)
    }
    await proxy.wait { $0.bytesToTarget > sent }
    return task
  }

  @Test("is sent by the thread that makes it")
  func sentAtOnce() async throws {
    try await withIdleNode(commandTimeout: .seconds(3600)) { node, proxy in
      let channel = try node.nextConnection().started()
      let sent = proxy.counts.bytesToTarget
      let command = RedisCommand("PING").encoded
      // Tried again: what is offered may be a moment early.
      while !channel.turn.send(Call(id: 0, bytes: command, replyCount: 1, receiver: .nobody)) {
        await Task.yield()
      }
      await proxy.wait { $0.bytesToTarget == sent + command.count }
    }
  }

  @Test("is sent to its end, also when the socket does not take all of it")
  func largeCall() async throws {
    try await withIdleNode(commandTimeout: .seconds(3600)) { node, _ in
      let value = String(repeating: "a", count: 32 << 20)
      let reply = try await node.run(RedisCommand("ECHO", .text(value)).encoded, replyCount: 1)
      #expect(reply.first == .bytes(Array(value.utf8)))
    }
  }

  @Test("ends in time when no answer comes")
  func deadline() async throws {
    try await withIdleNode(commandTimeout: .milliseconds(300)) { node, proxy in
      await proxy.set(.blackhole)
      let error = await #expect(throws: RedisError.self) {
        try await node.run(RedisCommand("PING").encoded, replyCount: 1)
      }
      #expect(error?.code == .timedOut)
    }
  }

  @Test("that is cancelled ends at once, and the client serves the next one")
  func cancelled() async throws {
    try await withIdleNode(commandTimeout: .seconds(3600)) { node, proxy in
      let task = await unansweredCall(node, proxy)
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      await proxy.set(.cut)
      await proxy.set(.none)
      while true {
        do {
          _ = try await node.run(RedisCommand("PING").encoded, replyCount: 1)
          return
        } catch is RedisError { await Task.yield() }
      }
    }
  }

  @Test("fails when the connection is cut under it, and says that it may have been carried out")
  func cut() async throws {
    try await withIdleNode(commandTimeout: .seconds(3600)) { node, proxy in
      await proxy.set(.cut, after: 1, bytes: .toClient)
      let error = await #expect(throws: RedisError.self) {
        try await node.run(RedisCommand("PING").encoded, replyCount: 1)
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.mayHaveActed == true)
    }
  }

  @Test("fails when the client is closed under it")
  func closed() async throws {
    try await withIdleNode(commandTimeout: .seconds(3600)) { node, proxy in
      let task = await unansweredCall(node, proxy)
      await node.close()
      let error = await #expect(throws: RedisError.self) { try await task.value }
      #expect(error?.code == .closed)
    }
  }

  // In a process of its own, which the signal would end.
  @Test("to a server that has closed the connection is an error, and not the end of the program")
  func closedByServer() async {
    await #expect(processExitsWith: .success) {
      var ends: [Int32] = [0, 0]
      guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { exit(2) }
      let transport = SocketTransport(owning: ends[0])
      close(ends[1])
      signal(SIGPIPE, SIG_DFL)
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGPIPE)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      let transfer = Array("PING\r\n".utf8).withUnsafeBytes { transport.send($0) }
      if case .ended = transfer { exit(0) }
      exit(3)
    }
  }
}
