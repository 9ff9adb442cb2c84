import SessionCore

/// `sequence stream|ask TURNS`: turns in memory, with an answer of 200 pieces, read through the
/// sequence of events or taken whole.
struct SequenceWorker: Worker {
  private let isSequence: Bool
  private let turnCount: Int
  private let service: ChatService
  private let user: UserID

  init(_ parameters: [String]) throws {
    guard parameters.count == 2, ["stream", "ask"].contains(parameters[0]),
      let turnCount = Int(parameters[1])
    else { throw BenchError("sequence stream|ask TURNS") }
    isSequence = parameters[0] == "stream"
    self.turnCount = turnCount
    service = ChatService(
      sessions: InMemorySessionStore(), archive: InMemoryArchive(), responder: PiecesResponder())
    user = try UserID("bench")
  }

  func round() async throws -> Round {
    try await runTasks(1, turnCount) { [self] in
      let byteCount = isSequence ? try await read() : try await ask()
      guard byteCount == PiecesResponder.byteCount else { throw BenchError("no answer") }
    }
  }

  private func ask() async throws -> Int {
    try await service.ask(benchText, in: .generate(), as: user).answer.content.utf8.count
  }

  private func read() async throws -> Int {
    var byteCount = 0
    for try await event in service.stream(benchText, in: .generate(), as: user) {
      if case .text(let piece) = event { byteCount += piece.utf8.count }
    }
    return byteCount
  }
}

/// A model whose answer comes in pieces of 20 bytes, a word or two each.
private struct PiecesResponder: Responder {
  private static let piece = "Il était une fois, "
  private static let pieceCount = 200
  static let byteCount = piece.utf8.count * pieceCount

  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    for _ in 0..<Self.pieceCount { try await answer.write(Self.piece) }
    return .complete
  }
}
