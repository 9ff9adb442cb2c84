import SessionCore

/// A record of closed models, under names that also say which service and key they were asked with,
/// that is not waited for longer than a user would notice: what it has not said by then counts as
/// nothing.
struct TimelyAvailability: ModelAvailability {
  private let record: any ModelAvailability
  private let deadline: Duration
  private let names: [String: String]

  /// How long a record has: longer than a server of the same network ever needs.
  private static let usualDeadline = Duration.milliseconds(250)

  /// - Parameter names: The names in the record of models that have another one there.
  init(
    _ record: any ModelAvailability, names: [String: String] = [:],
    deadline: Duration = usualDeadline
  ) {
    self.record = record
    self.deadline = deadline
    self.names = names
  }

  /// The name of a model in the record.
  private func recordName(_ model: String) -> String { names[model] ?? model }

  func closedModels(among models: [String]) async -> [String: Timestamp] {
    let names = models.map { ($0, recordName($0)) }
    let closed = await answer(or: [:]) { await record.closedModels(among: names.map(\.1)) }
    return Dictionary(
      names.compactMap { model, name in closed[name].map { (model, $0) } }, uniquingKeysWith: max)
  }

  func close(_ model: String, until moment: Timestamp) async {
    await answer(or: ()) { await record.close(recordName(model), until: moment) }
  }

  func reopen(_ model: String) async {
    await answer(or: ()) { await record.reopen(recordName(model)) }
  }

  private func answer<Value: Sendable>(
    or missing: Value, _ ask: @escaping @Sendable () async -> Value
  ) async -> Value {
    if record.answersAtOnce { return await ask() }
    return (try? await withinDeadline(deadline) { await ask() }) ?? missing
  }
}
