import RedisKit
import SessionCore

/// `sequence stream|ask SESSIONS TURNS`: whole turns on both tiers, each session in a task of its
/// own, with an answer of 20 pieces that comes at once, read through the sequence of events or
/// taken whole.
struct SequenceWorker: Worker {
  private let isSequence: Bool
  private let sessionCount: Int
  private let turnCount: Int
  private let tiers: BothTiers

  init(_ parameters: [String]) async throws {
    guard parameters.count == 3, ["stream", "ask"].contains(parameters[0]),
      let sessionCount = Int(parameters[1]), let turnCount = Int(parameters[2])
    else { throw BenchError("sequence stream|ask SESSIONS TURNS") }
    isSequence = parameters[0] == "stream"
    (self.sessionCount, self.turnCount) = (sessionCount, turnCount)
    tiers = try await BothTiers(
      sessionCountMax: max(sessionCount, 3), responder: PiecesResponder())
  }

  func round() async throws -> Round {
    let user = try UserID("bench")
    let conversations = (0..<sessionCount).map { _ in ConversationID.generate() }
    return try await runTasks(sessionCount, turnCount) {
      [isSequence, service = tiers.service] task, _ in
      var byteCount = 0
      if isSequence {
        for try await event in service.stream(benchText, in: conversations[task], as: user) {
          if case .text(let piece) = event { byteCount += piece.utf8.count }
        }
      } else {
        let turn = try await service.ask(benchText, in: conversations[task], as: user)
        byteCount = turn.answer.content.utf8.count
      }
      guard byteCount == PiecesResponder.byteCount else { throw BenchError("no answer") }
    }
  }

  func end() async throws { await tiers.service.close() }
}

/// A model whose answer comes in pieces of 20 bytes, a word or two each.
private struct PiecesResponder: Responder {
  private static let piece = "Il était une fois, "
  private static let pieceCount = 20
  static let byteCount = piece.utf8.count * pieceCount

  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    for _ in 0..<Self.pieceCount { try await answer.write(Self.piece) }
    return .complete
  }
}
