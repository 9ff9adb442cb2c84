import SessionCore

/// A record of closed models that is not waited for longer than a user would notice: what it has
/// not said by then counts as nothing.
struct TimelyAvailability: ModelAvailability {
  private let record: any ModelAvailability
  private let deadline: Duration

  /// How long a record has: longer than a server of the same network ever needs.
  private static let usualDeadline = Duration.milliseconds(250)

  init(_ record: any ModelAvailability, deadline: Duration = usualDeadline) {
    self.record = record
    self.deadline = deadline
  }

  func closedModels(among models: [String]) async -> [String: Timestamp] {
    await answer(or: [:]) { await record.closedModels(among: models) }
  }

  func close(_ model: String, until moment: Timestamp) async {
    await answer(or: ()) { await record.close(model, until: moment) }
  }

  func reopen(_ model: String) async {
    await answer(or: ()) { await record.reopen(model) }
  }

  private func answer<Value: Sendable>(
    or missing: Value, _ ask: @escaping @Sendable () async -> Value
  ) async -> Value {
    if record.answersAtOnce { return await ask() }
    return (try? await withinDeadline(deadline) { await ask() }) ?? missing
  }
}
