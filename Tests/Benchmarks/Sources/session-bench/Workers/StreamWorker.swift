import LLMKit
import SessionCore

/// `stream first|last PORT REQUESTS`: an answer of many pieces, up to its first text or to its end.
struct StreamWorker: Worker {
  private let isFirst: Bool
  private let requestCount: Int
  private let responder: GeminiResponder
  private let prompt: Prompt

  init(_ parameters: [String]) async throws {
    guard parameters.count == 3, ["first", "last"].contains(parameters[0]),
      let requestCount = Int(parameters[2])
    else { throw BenchError("stream first|last PORT REQUESTS") }
    isFirst = parameters[0] == "first"
    self.requestCount = requestCount
    responder = GeminiResponder(
      model: "gemini-2.5-flash",
      configuration: try GeminiConfiguration(
        apiKey: Secret("test-key"), baseURL: "http://127.0.0.1:\(parameters[1])"))
    prompt = Prompt(
      conversation: .generate(),
      messages: [
        Message(id: .generate(), role: .user, content: "Bonjour", createdAt: .now())
      ])
  }

  func round() async throws -> Round {
    var latencies: [UInt64] = []
    for _ in 0..<requestCount { latencies.append(try await time()) }
    return Round(
      operationCount: requestCount, nanoseconds: latencies.reduce(0, +), latencies: latencies)
  }

  private func time() async throws -> UInt64 {
    var received = Received()
    let start = Clock.wall()
    let summary = try await responder.respond(to: prompt, into: &received)
    let end = Clock.wall()
    guard summary.state == .complete, received.byteCount > 0 else {
      throw BenchError("the answer is not whole")
    }
    return (isFirst ? received.firstAt : end) - start
  }
}

/// The text of one answer.
private struct Received: AnswerWriter {
  private(set) var text = ""
  private(set) var firstAt: UInt64 = 0
  var byteCount: Int { text.utf8.count }

  mutating func write(_ part: AnswerPart) {
    guard case .text(let piece) = part else { return }
    if firstAt == 0, !piece.isEmpty { firstAt = Clock.wall() }
    text += piece
  }
}
