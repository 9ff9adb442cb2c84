import Foundation
import MySQLKit
import RedisKit
import SessionCore

/// `session-bench sizes`: what a session takes in Redis, and a message in the database.
enum Sizes {
  private static let sessionCount = 1000

  static func report() async throws {
    for messageCount in [2, 20, 200] { try await reportRedis(messageCount) }
    try await reportDatabase(messageCount: 100_000)
  }

  /// Fills a scope with sessions of so many messages of 200 bytes, and asks the server what it is.
  private static func reportRedis(_ messageCount: Int) async throws {
    let client = RedisClient(try RedisConfiguration(url: environment("REDIS_URL")))
    _ = try await client.send(RedisCommand("FLUSHDB"))
    let before = try await usedMemory(client)
    let store = RedisSessionStore(
      client: client, limits: SessionLimits(sessionCountMax: sessionCount))
    let messages = (0..<messageCount).map { number in
      Message(
        id: .generate(), role: number.isMultiple(of: 2) ? .user : .assistant, content: benchText,
        createdAt: .now())
    }
    for _ in 0..<sessionCount {
      _ = try await store.pageIn(
        .generate(), in: .shared, messages: messages, messageCount: messages.count)
    }
    let total = try await usedMemory(client) - before
    var keys = 0
    for case .bytes(let key) in try await client.send(RedisCommand("KEYS", "*")).array ?? [] {
      keys += Int(
        try await client.send(
          RedisCommand("MEMORY", "USAGE", .bytes(key), "SAMPLES", 0)
        ).integer ?? 0)
    }
    say(
      "Redis, a session of \(messageCount) messages of 200 bytes: \(keys / sessionCount) bytes "
        + "by MEMORY USAGE of its keys, \(total / sessionCount) by the server's used_memory")
    _ = try await client.send(RedisCommand("FLUSHDB"))
    await client.close()
  }

  private static func usedMemory(_ client: RedisClient) async throws -> Int {
    let info = try await client.send(RedisCommand("INFO", "memory")).string ?? ""
    let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
    guard let bytes = line.flatMap({ Int($0.split(separator: ":")[1]) }) else {
      throw BenchError("the server does not tell its memory")
    }
    return bytes
  }

  /// Adds messages of 200 bytes to threads of 20, and asks how much the tables have grown.
  private static func reportDatabase(messageCount: Int) async throws {
    var configuration = try MySQLConfiguration(url: environment("DATABASE_URL"))
    configuration.connectionCountMax = 16
    let client = MySQLClient(configuration)
    let archive = MySQLArchive(client: client)
    try await archive.prepare()
    let before = try await tableBytes(client)
    let user = try UserID("bench-sizes")
    let taskCount = 64
    let threadCount = messageCount / 20 / taskCount
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<taskCount {
        group.addTask {
          for _ in 0..<threadCount {
            let thread = ConversationID.generate()
            for number in 0..<20 {
              let role: Role = number.isMultiple(of: 2) ? .user : .assistant
              let message = Message(
                id: .generate(), role: role, content: benchText, createdAt: .now(),
                answer: role == .assistant
                  ? AnswerDetails(
                    state: .complete, model: "gemini-2.5-flash",
                    usage: TokenUsage(
                      promptTokenCount: 100, answerTokenCount: 50, totalTokenCount: 150),
                    finishReason: "STOP", startedAt: .now()) : nil)
              _ = try await archive.append(message, to: thread, of: user)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let after = try await tableBytes(client)
    let stored = taskCount * threadCount * 20
    for (table, bytes) in after.sorted(by: { $0.key < $1.key }) {
      let growth = bytes - (before[table] ?? 0)
      let perMessage = growth / stored
      if perMessage > 0 { say("Database, \(table): \(perMessage) bytes for each message") }
    }
    let full = try await fullTextBytes(client)
    if full > 0 { say("Database, full-text index: \(full / stored) bytes for each message") }
    await client.close()
  }

  private static func tableBytes(_ client: MySQLClient) async throws -> [String: Int] {
    _ = try await client.query("ANALYZE TABLE Thread, Step")
    let rows = try await client.query(
      """
      SELECT table_name, CAST(data_length + index_length AS SIGNED)
      FROM information_schema.tables WHERE table_schema = DATABASE()
      """)
    var bytes: [String: Int] = [:]
    for row in rows { bytes[try row.text(0)] = Int(try row.integer(1)) }
    return bytes
  }

  /// The tables behind a full-text index are not counted with the table.
  private static func fullTextBytes(_ client: MySQLClient) async throws -> Int {
    let rows = try await client.query(
      """
      SELECT CAST(COALESCE(SUM(FILE_SIZE), 0) AS SIGNED)
      FROM information_schema.INNODB_SYS_TABLESPACES
      WHERE NAME LIKE CONCAT(DATABASE(), '/FTS\\_%')
      """)
    return Int(try rows.first?.integer(0) ?? 0)
  }
}
