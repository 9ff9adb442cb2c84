import SessionCore
import TestSupport
import Testing

@testable import RedisKit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a test throws when something it needs is not there.
private struct Missing: Error, CustomStringConvertible {
  let description: String
}

/// The cluster and the sentinels of `make test-cluster`.
enum TopologyServers {
  static let clusterURL = ProcessInfo.processInfo.environment["REDIS_CLUSTER_URL"]
  static let sentinelURL = ProcessInfo.processInfo.environment["REDIS_SENTINEL_URL"]
  static let nodesDirectory = ProcessInfo.processInfo.environment["REDIS_NODES"]
  /// Whether the tests must run, and fail without the servers.
  static let areRequired = ProcessInfo.processInfo.environment["REQUIRE_CLUSTER"] == "1"
  static let areThere = clusterURL != nil || areRequired
  static let hint: Comment = "needs the servers of make test-cluster"

  static func configuration(_ url: String?) throws -> RedisConfiguration {
    guard let url else { throw Missing(description: "the URL of the servers is not set") }
    var configuration = try RedisConfiguration(url: url)
    configuration.connectTimeout = .seconds(30)
    configuration.commandTimeout = .seconds(60)
    return configuration
  }

  /// Ends the server at `port` at once, as a crash does.
  static func kill(_ port: UInt16) async throws {
    guard let nodesDirectory else { throw Missing(description: "REDIS_NODES is not set") }
    let script = "pid=$(cat \"$0/$1.pid\"); kill -9 $pid; while kill -0 $pid; do :; done"
    try await run("bash", ["-c", script, nodesDirectory, "\(port)"])
  }

  /// Starts it again.
  static func start(_ port: UInt16) async throws {
    guard let nodesDirectory else { throw Missing(description: "REDIS_NODES is not set") }
    try await run("redis-server", ["\(nodesDirectory)/\(port).conf", "--daemonize", "yes"])
  }

  private static func run(_ program: String, _ arguments: [String]) async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      do {
        // Waiting for another process blocks.
        _ = try DedicatedThread {
          continuation.resume(with: Result { _ = try SpawnedProcess(program, arguments).wait() })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}

/// A client of the cluster, a name for the keys of the test, and a way to each node.
struct ClusterBench: Sendable {
  /// One line of `CLUSTER NODES`.
  struct Member: Sendable {
    let id: String
    let port: UInt16
    let isPrimary: Bool
    /// Of a replica: the id of its primary.
    let primary: String
  }

  let client: RedisClient
  let prefix = "test-\(UUID().uuidString.prefix(8)):"

  static func run<Value>(_ body: (ClusterBench) async throws -> Value) async throws -> Value {
    let configuration = try TopologyServers.configuration(TopologyServers.clusterURL)
    let bench = ClusterBench(client: RedisClient(configuration))
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(bench))
    } catch {
      result = .failure(error)
    }
    await bench.client.close()
    return try result.get()
  }

  /// Sends a command to one node, whatever it has.
  @discardableResult
  func ask(_ port: UInt16, _ commands: RedisCommand...) async throws -> RedisValue {
    var settings = client.configuration
    settings.address = .tcp(host: "127.0.0.1", port: port)
    settings.topology = .single
    let direct = RedisClient(settings)
    let result: Result<[RedisValue], any Error>
    do {
      result = .success(try await direct.pipeline(commands))
    } catch {
      result = .failure(error)
    }
    await direct.close()
    let last = try result.get().last ?? .null
    if case .error(let error) = last { throw RedisError(error, command: commands[0].name) }
    return last
  }

  func members() async throws -> [Member] {
    let text = try await client.send(RedisCommand("CLUSTER", "NODES")).string ?? ""
    return text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count >= 8, !words[2].contains("fail"),
        let port = words[1].split(separator: "@").first?.split(separator: ":").last
          .flatMap({ UInt16($0) })
      else { return nil }
      return Member(
        id: String(words[0]), port: port, isPrimary: words[2].contains("master"),
        primary: String(words[3]))
    }
  }

  func primaries() async throws -> [Member] { try await members().filter(\.isPrimary) }

  /// The primary that has the key, from the cluster itself.
  func primary(of key: String) async throws -> Member {
    let slots = try await client.send(RedisCommand("CLUSTER", "SLOTS"))
    let asked = RedisConfiguration.Address.tcp(host: "127.0.0.1", port: 1)
    let map = try #require(NodeMap(slots: slots, from: asked))
    guard case .tcp(_, let port)? = map.owner(of: Slot.of(Array(key.utf8))) else {
      throw Missing(description: "nobody has the key's slot")
    }
    return try #require(try await primaries().first { $0.port == port })
  }

  /// Waits until the primary of `key` has a replica with all that was written.
  func waitForReplica(of key: String) async throws {
    var count: Int64 = 0
    while count == 0 {
      // The server is what waits: up to half a second.
      let values = try await client.withConnection(forKey: key) { connection in
        try await connection.pipeline([
          RedisCommand("SET", .text(key), "x"), RedisCommand("WAIT", 1, 500),
        ])
      }
      count = values[1].integer ?? 0
    }
  }
}

/// A store in which everybody's scope is the scope of one user.
struct OneUserStore: SessionStore {
  let base: RedisSessionStore
  let user: UserID

  var limits: SessionLimits { base.limits }

  private func scope(_ scope: Scope) -> Scope { scope == .shared ? .user(user) : scope }

  func open(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<WarmSession?> {
    try await base.open(id, in: self.scope(scope))
  }

  func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) async throws -> StoreReply<AppendOutcome> {
    try await base.append(
      message, to: id, in: self.scope(scope), following: tail, returningWindow: returningWindow)
  }

  func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) async throws -> StoreReply<Void> {
    try await base.pageIn(
      id, in: self.scope(scope), messages: messages, messageCount: messageCount)
  }

  func list(in scope: Scope) async throws -> StoreReply<[SessionSummary]> {
    try await base.list(in: self.scope(scope))
  }

  func close(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<Void> {
    try await base.close(id, in: self.scope(scope))
  }

  func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<Bool> {
    try await base.setPinned(isPinned, id, in: self.scope(scope))
  }
}
