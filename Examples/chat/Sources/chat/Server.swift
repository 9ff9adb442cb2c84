import MySQLKit
import RedisKit
import SessionCore

/// What a server makes when it starts and closes when it ends: one client for each tier, and one
/// service, which any number of requests use at once.
struct Server: Sendable {
  let service: ChatService
  private let redis: RedisClient
  private let mysql: MySQLClient

  /// Reads two URLs, `redis://…` and `mysql://…`. Connects when the first turn needs it.
  init(redisURL: String, databaseURL: String) throws {
    redis = RedisClient(try RedisConfiguration(url: redisURL))
    mysql = MySQLClient(try MySQLConfiguration(url: databaseURL))
    service = ChatService(
      sessions: RedisSessionStore(client: redis), archive: MySQLArchive(client: mysql),
      responder: Echo(), scoping: .perUser)
  }

  /// Closes all connections; then nothing is left running.
  func close() async {
    await redis.close()
    await mysql.close()
  }
}
