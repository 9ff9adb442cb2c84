import MySQLKit
import RedisKit
import SessionCore

/// A service on the servers of `REDIS_URL` and `DATABASE_URL`.
struct BothTiers {
  let redis: RedisClient
  let mysql: MySQLClient
  let service: ChatService

  init(sessionCountMax: Int, responder: any Responder) async throws {
    redis = RedisClient(try RedisConfiguration(url: environment("REDIS_URL")))
    var configuration = try MySQLConfiguration(url: environment("DATABASE_URL"))
    configuration.connectionCountMax = 16
    mysql = MySQLClient(configuration)
    let archive = MySQLArchive(client: mysql)
    try await archive.prepare()
    service = ChatService(
      sessions: RedisSessionStore(
        client: redis,
        limits: SessionLimits(sessionCountMax: sessionCountMax, windowMessageCountMax: 20)),
      archive: archive, responder: responder)
  }
}
