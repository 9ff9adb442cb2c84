#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The real servers that tests run against. `make test` starts them and sets `REQUIRE_SERVERS`, so
/// that a missing one is a failure there and not a silent skip.
public enum Servers {
  private static let environment = ProcessInfo.processInfo.environment

  /// Whether a test that needs a server must run, and fail without it.
  public static let areRequired = environment["REQUIRE_SERVERS"] == "1"
  /// `redis://…` of a Redis that tests may use; keys of theirs begin with a prefix of their own.
  public static let redisURL = environment["REDIS_URL"]
  /// `mysql://…` of a MariaDB or MySQL where tests may create and drop databases of their own.
  public static let databaseURL = environment["DATABASE_URL"]

  /// For `.enabled(if:)`: a Redis is there, or has to be.
  public static let hasRedis = redisURL != nil || areRequired
  /// For `.enabled(if:)`: a database server is there, or has to be.
  public static let hasDatabase = databaseURL != nil || areRequired

  /// What a test throws when the server it needs is not configured.
  public struct Missing: Error, CustomStringConvertible {
    /// What is not set.
    public let description: String
  }

  /// The Redis URL, or a failure of the test.
  public static func requireRedisURL() throws -> String {
    guard let redisURL else { throw Missing(description: "REDIS_URL is not set") }
    return redisURL
  }

  /// The database URL, or a failure of the test.
  public static func requireDatabaseURL() throws -> String {
    guard let databaseURL else { throw Missing(description: "DATABASE_URL is not set") }
    return databaseURL
  }
}
