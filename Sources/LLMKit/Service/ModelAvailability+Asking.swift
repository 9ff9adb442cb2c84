import SessionCore

extension ModelAvailability {
  /// Runs `ask` unless `model` is closed, and closes it when `ask` finds out that it is.
  func asking<Value>(_ model: String, _ ask: () async throws -> Value) async throws -> Value {
    if let moment = await closedModels(among: [model])[model] {
      throw ResponderError.closed(until: moment)
    }
    do {
      return try await ask()
    } catch let error as ResponderError {
      if let moment = error.closesModelUntil { await close(model, until: moment) }
      throw error
    }
  }
}

extension ResponderError {
  /// The model is known to refuse until `moment`, and was not asked.
  static func closed(until moment: Timestamp) -> ResponderError {
    ResponderError(
      code: .quotaExhausted, reason: "the model refused earlier and was not asked again",
      retryAt: moment)
  }
}
