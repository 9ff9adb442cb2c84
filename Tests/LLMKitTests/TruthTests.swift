import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

/// Conversations over a chain of models that fail in every way and in any order.
@Suite("What is shown and stored")
struct TruthTests {
  private static let models = ["gemini-2.5-flash", "gemini-3.5-flash-lite"]

  /// The answer of a model to a question: no two share a beginning.
  private static func pieces(_ model: String, _ question: String) -> [String] {
    let head = model == models[0] ? "α" : "β"
    return ["\(head)[\(question)] ", "é🇫🇷 ", "“milieu” ", "\\\"{}\n\r\n data: ", "fin\(head)"]
  }

  private static let scenarios = Scenario.all.filter {
    ![.stall, .slowFirstByte, .functionCall, .parallelCalls, .keyInvalid].contains($0)
  }

  private static func randomScenario(_ random: inout RepeatableRandom) -> Scenario {
    let weighted = Bool.random(using: &random) ? [Scenario.ok, .splitUTF8, .okThoughts] : scenarios
    let scenario = weighted.randomElement(using: &random) ?? .ok
    return scenario.after(chunkCount: Int.random(in: 0...4, using: &random))
      .split(every: Int.random(in: 1...97, using: &random))
  }

  @Test("In any order of faults and any split, nothing is doubled or invented, and stored is shown")
  func truth() async throws {
    var states: [AnswerState: Int] = [:]
    for seed in 0..<60 as Range<UInt64> {
      var random = RepeatableRandom(seed: seed)
      let time = ManualTime()
      let fake = try await FakeGemini()
      fake.setAnswer { Self.pieces($0.model, $0.lastUserText) }
      let configuration = try GeminiBench.configuration(fake.baseURL)
      let links = Self.models.map {
        FallbackResponder.Link(
          name: $0, responder: GeminiResponder(model: $0, configuration: configuration, time: time))
      }
      let local = LocalResponder(language: .french)
      let chain = FallbackResponder(
        links + [.init(name: "local", responder: local)],
        availability: InMemoryModelAvailability(time: time), waitingBudget: .seconds(2),
        time: time, sleep: { time.advance(by: $0) }, randomness: { 0.5 })
      let service = ChatService(
        sessions: InMemorySessionStore(), archive: InMemoryArchive(), responder: chain)
      let user = try UserID("Awa")
      let conversation = random.conversationID()
      var said: [String] = []
      for turn in 0..<5 {
        // Some failures close a model for a while: later turns find both states.
        time.advance(by: .seconds(Int.random(in: 0...90, using: &random)))
        for model in Self.models {
          fake.set(Self.randomScenario(&random), for: model)
        }
        let question = "Q\(seed).\(turn)"
        let shown = Locked("")
        let result = try await service.ask(question, in: conversation, as: user) { event in
          if case .text(let text) = event { shown.withLock { $0 += text } }
        }
        let text = shown.withLock { $0 }
        let place = "seed \(seed), turn \(turn): \(text)"
        #expect(result.answer.content == text, "\(place)")
        said += [question, text]
        let details = try #require(result.answer.answer)
        states[details.state, default: 0] += 1
        let wholes = Self.models.map { Self.pieces($0, question).joined() }
        switch details.state {
        case .complete: #expect(wholes.contains(text), "\(place)")
        case .partial:
          #expect(wholes.contains { $0.hasPrefix(text) } && !text.isEmpty, "\(place)")
          #expect(result.failure != nil, "\(place)")
        case .fallback: #expect(text.hasPrefix("Aucun modèle") && text.contains(question))
        case .error: Issue.record("no answer at all: \(place)")
        }
      }
      let stored = try await service.archive.newestMessages(
        in: conversation, of: user, limit: 100)
      #expect(stored.map(\.content) == said, "seed \(seed)")
      await fake.close()
    }
    #expect(Set(states.keys) == [.complete, .partial, .fallback], "the faults reach every end")
  }
}
