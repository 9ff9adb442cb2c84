import MySQLKit
import RedisKit
import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The examinations. Each asks one server, and reports instead of throwing.
extension Wiring {
  func examineRedis(_ texts: DoctorTexts, _ settings: Settings) async -> [Finding] {
    guard let redis else { return [Finding(.redis, .notConfigured, texts.noRedis)] }
    do {
      let (_, time) = try await timed { try await redis.send(RedisCommand("PING")) }
      let info = try await redis.send(RedisCommand("INFO", "server")).string ?? ""
      let version = field("redis_version", of: info)
      // Each node of a cluster counts its own keys, and no index of sessions is common to them.
      if case .cluster = redis.configuration.topology {
        return [Finding(.redis, .fine, texts.redisCluster(version, time))]
      }
      let keys = try await redis.send(RedisCommand("DBSIZE")).integer ?? 0
      // The size of the index, not a list: listing removes what has expired, and tells of it once.
      let sessions = try await redis.send(RedisCommand("ZCARD", "chat_sessions")).integer ?? 0
      return [
        Finding(.redis, .fine, texts.redis(version, time, keys: keys, sessions: sessions))
      ]
    } catch {
      return [
        Finding(.redis, .unreachable, texts.redisFailed("\(error)"), advice: texts.checkRedis)
      ]
    }
  }

  func examineMySQL(_ texts: DoctorTexts) async -> [Finding] {
    guard let mysql else { return [Finding(.mysql, .notConfigured, texts.noMySQL)] }
    do {
      _ = try await mysql.query("SELECT 1")
      let (version, time) = try await timed { try await mysql.query("SELECT VERSION()") }
      let name = try version.first?.text(0) ?? "?"
      return [Finding(.mysql, .fine, texts.mysql(name, time))] + (try await examineSchema(texts))
    } catch {
      return [
        Finding(.mysql, .unreachable, texts.mysqlFailed("\(error)"), advice: texts.checkMySQL)
      ]
    }
  }

  private func examineSchema(_ texts: DoctorTexts) async throws -> [Finding] {
    guard let mysql else { return [] }
    let tables = try await mysql.query(
      """
      SELECT table_name FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name IN ('schema_migration', 'Thread')
      """)
    let names = try tables.map { try $0.text(0) }
    let status = try await MySQLArchive(client: mysql).schemaStatus()
    if !status.obstacles.isEmpty {
      return status.obstacles.map { Finding(.mysql, .wrong, $0, advice: texts.checkSchema) }
    }
    guard names.contains("schema_migration") else {
      let isOld = names.contains("Thread")
      return [Finding(.mysql, .fine, isOld ? texts.oldSchema : texts.noSchema)]
    }
    let newest = try await mysql.query("SELECT MAX(number) FROM schema_migration")
    let count = try await mysql.query("SELECT COUNT(*) FROM Thread")
    let number = try newest.first?.integerOrNil(0) ?? 0
    let schema = Finding(
      .mysql, .fine, texts.schema(number, threads: try count.first?.integer(0) ?? 0))
    // Counting must not upgrade.
    guard status.pending.isEmpty else { return [schema] }
    let archive = MySQLArchive(client: mysql, schema: .verifyOnly)
    let ownerless = try await archive.ownerlessThreads().threads
    return ownerless == 0
      ? [schema]
      : [schema, Finding(.mysql, .fine, texts.ownerless(ownerless), advice: texts.adopt)]
  }

  func examineJournal(_ texts: DoctorTexts) async -> [Finding] {
    guard let journalPath else { return [Finding(.journal, .notConfigured, texts.noJournal)] }
    guard FileManager.default.fileExists(atPath: journalPath) else {
      return [Finding(.journal, .fine, texts.journal(0, journalPath))]
    }
    do {
      let journal = try MessageJournal(path: journalPath)
      let count = try await journal.countWaiting()
      let waiting = Finding(
        .journal, .fine, texts.journal(count, journalPath),
        advice: count == 0 ? nil : texts.journalWaits)
      let rejected = try await journal.rejected(newest: 1)
      guard let last = rejected.newest.last else { return [waiting] }
      return [
        waiting,
        Finding(
          .journal, .wrong,
          texts.rejected(rejected.count, "\(journalPath).rejected", last.reason),
          advice: texts.checkRejected),
      ]
    } catch {
      return [
        Finding(.journal, .wrong, texts.journalFailed("\(error)"), advice: texts.checkJournal)
      ]
    }
  }

  func timed<Value: Sendable>(
    _ work: () async throws -> Value
  ) async rethrows -> (Value, Duration) {
    let clock = ContinuousClock()
    let start = clock.now
    let value = try await work()
    return (value, clock.now - start)
  }

  /// A field of what `INFO` answers.
  private func field(_ name: String, of info: String) -> String {
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
    return line.map { String($0.dropFirst(name.count + 1)) } ?? "?"
  }
}
