import FakeLangfuse
import LLMKit
import SessionCore

/// `traced-turn off|hung TURNS`: turns in memory with a model that answers at once, untraced, or
/// traced to a Langfuse that takes connections and never answers.
///
/// Its set-up tells what tracing adds to a turn: `added-ns`, the difference of the medians of turns
/// of both kinds, one after the other.
struct TracedTurnWorker: Worker {
  private static let comparedTurnCount = 2000

  private let isTraced: Bool
  private let turnCount: Int
  private let langfuse: FakeLangfuse
  private let tracer: Tracer
  private let plain: ChatService
  private let traced: ChatService
  private let user: UserID
  private(set) var figures: [String: Int] = [:]

  init(_ parameters: [String]) async throws {
    guard parameters.count == 2, ["off", "hung"].contains(parameters[0]),
      let turnCount = Int(parameters[1])
    else { throw BenchError("traced-turn off|hung TURNS") }
    isTraced = parameters[0] == "hung"
    self.turnCount = turnCount
    langfuse = try await FakeLangfuse()
    langfuse.set(.hang)
    guard
      let configuration = try TracingConfiguration.langfuse(
        publicKey: "pk-lf-test", secretKey: Secret("sk-lf-test"), host: langfuse.baseURL)
    else { throw BenchError("no tracing") }
    tracer = Tracer(configuration)
    (plain, traced) = (Self.service(), Self.service(tracer))
    user = try UserID("bench")
    if isTraced {
      var latencies: [Bool: [Double]] = [:]
      for number in 0..<Self.comparedTurnCount {
        let isTraced = number.isMultiple(of: 2)
        let start = Clock.wall()
        try await turn(isTraced: isTraced)
        latencies[isTraced, default: []].append(Double(Clock.wall() - start))
      }
      let added = (latencies[true] ?? []).median - (latencies[false] ?? []).median
      figures = ["added-ns": max(0, Int(added))]
    }
  }

  func round() async throws -> Round {
    try await runTasks(1, turnCount) { [self] in try await turn(isTraced: isTraced) }
  }

  func end() async throws {
    await tracer.close(within: .zero)
    await langfuse.close()
  }

  private static func service(_ tracer: Tracer? = nil) -> ChatService {
    ChatService(
      sessions: InMemorySessionStore(), archive: InMemoryArchive(), responder: InstantResponder(),
      observer: tracer)
  }

  private func turn(isTraced: Bool) async throws {
    let service = isTraced ? traced : plain
    let turn = try await service.ask(benchText, in: .generate(), as: user)
    guard turn.failure == nil, tracer.statistics.sentCount == 0 else {
      throw BenchError("no answer, or the server has taken something")
    }
  }
}
