import MySQLKit
import RedisKit
import SessionCore

/// `turn SESSIONS TURNS [LIMIT]`: whole turns on both tiers, each session in a task of its own,
/// with a model that answers at once. With a limit, that of the scope, other processes work in it
/// too.
struct TurnWorker: Worker {
  private let sessionCount: Int
  private let turnCount: Int
  private let isAlone: Bool
  private let redis: RedisClient
  private let mysql: MySQLClient
  private let service: ChatService
  private(set) var figures: [String: Int] = [:]

  init(_ parameters: [String]) async throws {
    let numbers = parameters.compactMap { Int($0) }
    guard (2...3).contains(numbers.count), numbers.count == parameters.count else {
      throw BenchError("turn SESSIONS TURNS [LIMIT]")
    }
    let (sessionCount, turnCount) = (numbers[0], numbers[1])
    isAlone = numbers.count == 2
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
          sessionCountMax: max(numbers.count == 3 ? numbers[2] : sessionCount, 3),
          windowMessageCountMax: 20)),
      archive: archive, responder: InstantResponder())
    let before = try await ServerCounts.read(redis: redis, mysql: mysql)
    let round = try await round()
    let after = try await ServerCounts.read(redis: redis, mysql: mysql)
    figures = after.since(before, per: round.operationCount)
  }

  func round() async throws -> Round {
    if isAlone { _ = try await redis.send(RedisCommand("FLUSHDB")) }
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
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    try await answer.write(benchText)
    return ResponseSummary(state: .complete, model: "instant", finishReason: "STOP")
  }
}
