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
  private var script = Script<Place, Scenario>()

  init(keys: Set<String>, models: [String]) {
    self.keys = keys
    self.models = models
  }

  func limits(of model: String) -> ModelLimits { limits[model] ?? limits[nil] ?? ModelLimits() }

  mutating func setLimits(_ limits: ModelLimits, for model: String?) { self.limits[model] = limits }

  mutating func enqueue(_ scenarios: [Scenario], for model: String?, call: GeminiCall) {
    script.enqueue(scenarios, at: Place(call: call, model: model))
  }

  mutating func set(_ scenario: Scenario, for model: String?, call: GeminiCall) {
    script.set(scenario, at: Place(call: call, model: model))
  }

  /// What to do with the next request: what was queued for the model, what was queued for any, and
  /// then the standing behaviours in the same order.
  mutating func nextScenario(for model: String?, call: GeminiCall) -> Scenario {
    let models = model == nil ? [nil] : [model, nil]
    return script.next(at: models.map { Place(call: call, model: $0) }) ?? .ok
  }

  var queuedCount: Int { script.queuedCount }
}
