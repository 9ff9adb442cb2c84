import SessionCore

/// A record of closed models that is not waited for longer than a user would notice: what it has not
/// said by then counts as nothing.
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
    await withinDeadline([:]) { await record.closedModels(among: models) }
  }

  func close(_ model: String, until moment: Timestamp) async {
    await withinDeadline(()) { await record.close(model, until: moment) }
  }

  func reopen(_ model: String) async {
    await withinDeadline(()) { await record.reopen(model) }
  }

  private func withinDeadline<Value: Sendable>(
    _ missing: Value, _ ask: @escaping @Sendable () async -> Value
  ) async -> Value {
    // Memory of this process always answers at once.
    if record is InMemoryModelAvailability { return await ask() }
    return await withTaskGroup(of: Value.self) { group in
      group.addTask { await ask() }
      group.addTask {
        try? await Task.sleep(for: deadline)
        return missing
      }
      defer { group.cancelAll() }
      return await group.next() ?? missing
    }
  }
}
