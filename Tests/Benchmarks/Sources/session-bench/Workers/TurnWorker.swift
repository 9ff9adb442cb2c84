import MySQLKit
import RedisKit
import SessionCore

/// `turn SESSIONS TURNS`: whole turns on both tiers, each session in a task of its own, with a
/// model
/// that answers at once.
struct TurnWorker: Worker {
  private let sessionCount: Int
  private let turnCount: Int
  private let redis: RedisClient
  private let mysql: MySQLClient
  private let service: ChatService
  private(set) var figures: [String: Int] = [:]

  init(_ parameters: [String]) async throws {
    guard parameters.count == 2, let sessionCount = Int(parameters[0]),
      let turnCount = Int(parameters[1])
    else { throw BenchError("turn SESSIONS TURNS") }
    self.sessionCount = sessionCount
    self.turnCount = turnCount
    redis = RedisClient(try RedisConfiguration(url: environment("REDIS_URL")))
    var configuration = try MySQLConfiguration(url: environment("DATABASE_URL"))
    configuration.connectionCountMax = 16
    mysql = MySQLClient(configuration)
    let archive = MySQLArchive(client: mysql)
    try await archive.prepare()
    service = ChatService(
      sessions: RedisSessionStore(
        client: redis,
        limits: SessionLimits(
          sessionCountMax: max(sessionCount, 3), windowMessageCountMax: 20)),
      archive: archive, responder: InstantResponder())
    let before = try await ServerCounts.read(redis: redis, mysql: mysql)
    let round = try await round()
    let after = try await ServerCounts.read(redis: redis, mysql: mysql)
    figures = after.since(before, per: round.operationCount)
  }

  func round() async throws -> Round {
    _ = try await redis.send(RedisCommand("FLUSHDB"))
    let user = try UserID("bench")
    let conversations = (0..<sessionCount).map { _ in ConversationID.generate() }
    return try await runTasks(sessionCount, turnCount) { [service] task, _ in
      let turn = try await service.ask(benchText, in: conversations[task], as: user)
      guard turn.failure == nil, turn.answer.content == benchText else {
        throw BenchError("no answer")
      }
    }
  }

  func end() async throws {
    await redis.close()
    await mysql.close()
  }
}

/// A model that answers at once.
struct InstantResponder: Responder {
  func respond(
    to prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    try await emit(.text(benchText))
    return ResponseSummary(state: .complete, model: "instant", finishReason: "STOP")
  }
}
