import SessionCore

extension ModelAvailability {
  /// Runs `ask` unless `model` is closed, and keeps the record of what comes of it.
  func asking<Value>(_ model: String, _ ask: () async throws -> Value) async throws -> Value {
    if let moment = await closedModels(among: [model])[model] {
      throw ResponderError.closed(until: moment)
    }
    do {
      let value = try await ask()
      await reopen(model)
      return value
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
