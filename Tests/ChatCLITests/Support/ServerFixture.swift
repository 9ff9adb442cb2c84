import SessionCore
import TestSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A Redis database and a MariaDB database that no other test uses, and the program set up for
/// them.
struct ServerFixture: Sendable {
  let redisAddress: ServerAddress
  let databaseAddress: ServerAddress
  let number: Int
  let databaseName: String

  var redisURL: String { redisAddress.url(String(number)) }
  var databaseURL: String { databaseAddress.url(databaseName) }

  /// Runs `body` with databases of its own and a program that uses both, and removes all of it.
  static func use(
    _ body: @Sendable (ServerFixture, ChatProgram) async throws -> Void
  ) async throws {
    let number = await RedisDatabases.shared.take()
    do {
      let fixture = try await make(number)
      let program = try ChatProgram(environment: [
        "REDIS_URL": fixture.redisURL, "DATABASE_URL": fixture.databaseURL,
      ])
      defer { program.cleanUp() }
      do {
        try await body(fixture, program)
      } catch {
        try await fixture.cleanUp()
        throw error
      }
      try await fixture.cleanUp()
    } catch {
      await RedisDatabases.shared.giveBack(number)
      throw error
    }
    await RedisDatabases.shared.giveBack(number)
  }

  private static func make(_ number: Int) async throws -> ServerFixture {
    let fixture = ServerFixture(
      redisAddress: try ServerAddress(Servers.requireRedisURL()),
      databaseAddress: try ServerAddress(Servers.requireDatabaseURL()),
      number: number,
      databaseName: "chat_cli_\(UUID().uuidString.prefix(8).lowercased())")
    _ = try await fixture.redis("flushdb")
    try await fixture.sql(
      "CREATE DATABASE \(fixture.databaseName) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", in: "")
    return fixture
  }

  private func cleanUp() async throws {
    _ = try await redis("flushdb")
    try await sql("DROP DATABASE \(databaseName)", in: "")
  }

  /// The database behind a proxy, and its URL there.
  func proxiedDatabase() throws -> (proxy: FaultProxy, url: String) {
    guard let port = UInt16(databaseAddress.port) else {
      throw Tool.Failed(description: "no port")
    }
    let proxy = try FaultProxy(targetPort: port)
    let user = "\(databaseAddress.user):\(databaseAddress.password)"
    return (proxy, "mysql://\(user)@127.0.0.1:\(proxy.port)/\(databaseName)")
  }

  /// Redis behind a proxy, and its URL there.
  func proxiedRedis() throws -> (proxy: FaultProxy, url: String) {
    guard let port = UInt16(redisAddress.port) else { throw Tool.Failed(description: "no port") }
    let proxy = try FaultProxy(targetPort: port)
    let user = "\(redisAddress.user):\(redisAddress.password)"
    return (proxy, "redis://\(user)@127.0.0.1:\(proxy.port)/\(number)")
  }

  /// What `redis-cli` answers, a line for each element.
  func redis(_ command: String...) async throws -> [String] {
    let output = try await Tool.run(
      "/usr/bin/redis-cli",
      ["-h", redisAddress.host, "-p", redisAddress.port, "-n", String(number)] + command,
      environment: ["REDISCLI_AUTH": redisAddress.password])
    return output.split(separator: "\n").map(String.init)
  }

  /// The rows that a statement answers, tabs between columns.
  @discardableResult
  func sql(_ statement: String, in database: String? = nil) async throws -> [String] {
    let output = try await Tool.run(
      "/usr/bin/mariadb",
      [
        "--no-defaults", "-N", "-B", "-h", databaseAddress.host, "-P", databaseAddress.port,
        "-u", databaseAddress.user, "-e", statement, database ?? databaseName,
      ],
      environment: ["MYSQL_PWD": databaseAddress.password])
    return output.split(separator: "\n").map(String.init)
  }
}

/// The numbers of Redis databases that tests of the program may use, one test each.
actor RedisDatabases {
  static let shared = RedisDatabases()

  private var free = Array(8...15)
  private var waiting: [CheckedContinuation<Int, Never>] = []

  func take() async -> Int {
    if let number = free.popLast() { return number }
    return await withCheckedContinuation { waiting.append($0) }
  }

  func giveBack(_ number: Int) {
    if waiting.isEmpty {
      free.append(number)
    } else {
      waiting.removeFirst().resume(returning: number)
    }
  }
}
