import MySQLKit
import RedisKit
import SessionCore

/// What a server makes when it starts and closes when it ends: one service, which any number of
/// requests use at once.
struct Server: Sendable {
  let service: ChatService

  /// Reads two URLs, `redis://…` and `mysql://…`. Connects when the first turn needs it.
  ///
  /// - Parameter journal: The file that keeps messages while the database is away.
  init(redisURL: String, databaseURL: String, journal: String) throws {
    let redis = RedisClient(try RedisConfiguration(url: redisURL))
    let mysql = MySQLClient(try MySQLConfiguration(url: databaseURL))
    service = try ChatService(
      sessions: RedisSessionStore(client: redis), archive: MySQLArchive(client: mysql),
      responder: Echo(), journal: journal)
  }

  /// Sends what waits in the journal and closes all connections; then nothing is left running.
  func close() async { await service.close() }
}
