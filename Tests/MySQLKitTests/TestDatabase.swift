import MySQLKit
import SessionCore
import TestSupport

/// A database of a test's own, dropped at the end.
struct TestDatabase: Sendable {
  let name: String
  let configuration: MySQLConfiguration
  let client: MySQLClient

  /// Runs `body` with a new, empty database.
  static func with<Result>(
    _ body: (TestDatabase) async throws -> Result
  ) async throws -> Result {
    let server = try MySQLConfiguration(url: try Servers.requireDatabaseURL())
    let digits = ConversationID.generate().description.filter { $0 != "-" }
    let name = "test_\(digits)"
    var configuration = server
    configuration.database = name
    let administrator = MySQLClient(server)
    try await administrator.execute(
      "CREATE DATABASE \(name) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    let database = TestDatabase(
      name: name, configuration: configuration, client: MySQLClient(configuration))
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(database))
    } catch {
      result = .failure(error)
    }
    await database.client.close()
    try await administrator.execute("DROP DATABASE \(name)")
    await administrator.close()
    return try result.get()
  }
}
