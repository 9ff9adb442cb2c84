import SessionCore
import Synchronization

/// One server, on one connection or several.
final class Node: Sendable {
  let configuration: RedisConfiguration
  private let connections: [Connection]
  private let turn = Atomic<Int>(0)

  /// Connects when it is first used.
  init(_ configuration: RedisConfiguration, _ activity: ClientActivity = ClientActivity(nil)) {
    self.configuration = configuration
    connections = (0..<max(1, configuration.connectionCount)).map { _ in
      Connection(configuration, activity)
    }
  }

  /// The connection whose turn it is.
  func nextConnection() -> Connection {
    if connections.count == 1 { return connections[0] }
    let number = turn.add(1, ordering: .relaxed).oldValue
    return connections[Int(UInt(bitPattern: number) % UInt(connections.count))]
  }

  /// The thread of the first connection.
  var executor: any TaskExecutor { connections[0].executor }

  /// Calls without an answer, as of the last round of each thread.
  var waitingCommandCount: Int { connections.reduce(0) { $0 + $1.waitingCallCount } }

  /// Sends bytes that are answered by so many replies, and nobody else's between them.
  ///
  /// - Parameter deadline: On the monotonic clock; 0 for that of the configuration.
  func run(_ bytes: [UInt8], replyCount: Int, until deadline: Int64 = 0) async throws
    -> [RedisValue]
  {
    try await nextConnection().run(bytes, replyCount: replyCount, until: deadline)
  }

  /// Ends the connections, and waits until their threads have ended.
  func close() async {
    for connection in connections { await connection.close() }
  }
}
