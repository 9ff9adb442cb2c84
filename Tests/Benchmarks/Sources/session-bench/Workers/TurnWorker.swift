import RedisKit
import SessionCore

/// `turn SESSIONS TURNS [LIMIT]`: whole turns on both tiers, each session in a task of its own,
/// with a model that answers at once. With a limit, that of the scope, other processes work in it
/// too.
struct TurnWorker: Worker {
  private let sessionCount: Int
  private let turnCount: Int
  private let isAlone: Bool
  private let tiers: BothTiers
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
    tiers = try await BothTiers(
      sessionCountMax: max(numbers.count == 3 ? numbers[2] : sessionCount, 3),
      responder: InstantResponder())
    let before = try await ServerCounts.read(redis: tiers.redis, mysql: tiers.mysql)
    let round = try await round()
    let after = try await ServerCounts.read(redis: tiers.redis, mysql: tiers.mysql)
    figures = after.since(before, per: round.operationCount)
  }

  func round() async throws -> Round {
    if isAlone { _ = try await tiers.redis.send(RedisCommand("FLUSHDB")) }
    let user = try UserID("bench")
    let conversations = (0..<sessionCount).map { _ in ConversationID.generate() }
    return try await runTasks(sessionCount, turnCount) { [service = tiers.service] task, _ in
      let turn = try await service.ask(benchText, in: conversations[task], as: user)
      guard turn.failure == nil, turn.answer.content == benchText else {
        throw BenchError("no answer")
      }
    }
  }

  func end() async throws { await tiers.service.close() }
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
