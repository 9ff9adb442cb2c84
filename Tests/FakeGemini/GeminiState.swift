import SessionCore

/// Which call a scripted scenario is for.
public enum GeminiCall: Sendable, Hashable {
  /// `generateContent` and `streamGenerateContent`.
  case generate
  /// `countTokens`.
  case countTokens
  /// The list of models, and one model.
  case models
}

/// What a fake has been told, and what it has counted.
struct GeminiState: Sendable {
  private struct Place: Sendable, Hashable {
    let call: GeminiCall
    let model: String?
  }

  var keys: Set<String>
  var models: [String]
  var quota = QuotaBook()
  var answer: @Sendable (GeminiRequest) -> [String] = { $0.echo }
  var answerCount = 0
  private var limits: [String?: ModelLimits] = [:]
  private var queues: [Place: [Scenario]] = [:]
  private var standing: [Place: Scenario] = [:]

  init(keys: Set<String>, models: [String]) {
    self.keys = keys
    self.models = models
  }

  func limits(of model: String) -> ModelLimits { limits[model] ?? limits[nil] ?? ModelLimits() }

  mutating func setLimits(_ limits: ModelLimits, for model: String?) { self.limits[model] = limits }

  mutating func enqueue(_ scenarios: [Scenario], for model: String?, call: GeminiCall) {
    queues[Place(call: call, model: model), default: []] += scenarios
  }

  mutating func set(_ scenario: Scenario, for model: String?, call: GeminiCall) {
    standing[Place(call: call, model: model)] = scenario
  }

  /// What to do with the next request: what was queued for the model, what was queued for any, and
  /// then the standing behaviours in the same order.
  mutating func nextScenario(for model: String?, call: GeminiCall) -> Scenario {
    let models = model == nil ? [nil] : [model, nil]
    let places = models.map { Place(call: call, model: $0) }
    for place in places where queues[place]?.isEmpty == false {
      if let scenario = queues[place]?.removeFirst() { return scenario }
    }
    for place in places {
      if let scenario = standing[place] { return scenario }
    }
    return .ok
  }

  var queuedCount: Int { queues.values.reduce(0) { $0 + $1.count } }
}
