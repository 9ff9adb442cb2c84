import SessionCore
import TestSupport
import Testing

@testable import RedisKit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A client of the test server and a key prefix of the test's own, whose keys are deleted at the
/// end.
struct RedisBench: Sendable {
  let client: RedisClient
  let prefix = "test-\(UUID().uuidString.prefix(8)):"

  /// How to reach the test server, with the changes that a test wants.
  static func configuration(
    _ change: (inout RedisConfiguration) -> Void = { _ in }
  ) throws -> RedisConfiguration {
    var configuration = try RedisConfiguration(url: Servers.requireRedisURL())
    // A machine that runs many tests at once may let any of them wait for seconds.
    configuration.connectTimeout = .seconds(30)
    configuration.commandTimeout = .seconds(30)
    change(&configuration)
    return configuration
  }

  /// Runs `body`, and cleans up after it, whether it fails or not.
  static func run<Value>(
    _ settings: RedisConfiguration? = nil, _ body: (RedisBench) async throws -> Value
  ) async throws -> Value {
    let configuration = try settings ?? Self.configuration()
    let bench = RedisBench(client: RedisClient(configuration))
    let result: Result<Value, any Error>
    do {
      result = .success(try await body(bench))
    } catch {
      result = .failure(error)
    }
    try await bench.deleteKeys()
    await bench.client.close()
    return try result.get()
  }

  /// Fails the test when the server does not answer.
  func expectAnswer() async throws {
    let answer = try await client.send(RedisCommand("PING"))
    #expect(answer == .status("PONG"))
  }

  /// All keys of the test.
  func keys(_ pattern: String = "*") async throws -> [String] {
    var keys: [String] = []
    var cursor = "0"
    repeat {
      let reply = try await client.send(
        RedisCommand("SCAN", .text(cursor), "MATCH", .text(prefix + pattern), "COUNT", 1000))
      cursor = reply.array?[0].string ?? "0"
      keys += (reply.array?[1].array ?? []).compactMap(\.string)
    } while cursor != "0"
    return keys
  }

  func deleteKeys() async throws {
    let keys = try await keys()
    if !keys.isEmpty { _ = try await client.send(RedisCommand("DEL", keys.map { .text($0) })) }
  }

  /// A store under a part of the prefix that no other store has.
  func store(
    _ limits: SessionLimits = SessionLimits(), clock: (any TimeSource)? = nil
  ) -> RedisSessionStore {
    RedisSessionStore(
      client: client, limits: limits, keyPrefix: prefix + "\(UUID().uuidString.prefix(8)):",
      clock: clock)
  }
}
