import FakeGemini
import LLMKit
import SessionCore
import TestSupport

/// A chain of Gemini models before the local answer, on a fake, with waits that take no time.
struct Chain {
  static let models = ["gemini-2.5-flash", "gemini-3.5-flash-lite"]

  let fake: FakeGemini
  let time = ManualTime()
  let availability: InMemoryModelAvailability
  let responder: FallbackResponder
  let waits = Locked<[Duration]>([])

  init(
    _ models: [String] = models, keys: [String] = [], endsLocally: Bool = true,
    budget: Duration = .seconds(2)
  ) async throws {
    let (time, waits) = (time, waits)
    let fake = try await FakeGemini(time: time)
    self.fake = fake
    availability = InMemoryModelAvailability(time: time)
    var links = try models.enumerated().map { index, model in
      let key = keys.isEmpty ? "test-key" : keys[index]
      return FallbackResponder.Link(
        name: model,
        responder: GeminiResponder(
          model: model,
          configuration: try GeminiConfiguration(apiKey: Secret(key), baseURL: fake.baseURL),
          time: time))
    }
    if endsLocally {
      links.append(.init(responder: LocalResponder(language: .french)))
    }
    responder = FallbackResponder(
      links, availability: availability, waitingBudget: budget, time: time,
      sleep: { duration in
        waits.withLock { $0.append(duration) }
        time.advance(by: duration)
      }, randomness: { 0.5 })
  }

  /// The models that were asked, in order.
  var asked: [String] {
    fake.journal.compactMap { $0.path.split(separator: "/").last?.split(separator: ":").first }
      .map(String.init)
  }
}
