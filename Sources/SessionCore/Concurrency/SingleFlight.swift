/// Lets many callers who want the same thing at the same time share one piece of work.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let flights = Locked<[Key: Task<Value, any Error>]>([:])

  /// Nothing is under way.
  package init() {}

  /// Joins the work under way for `key`, or starts it.
  ///
  /// The work is a task of its own: a caller that is cancelled stops waiting for nobody else, and
  /// does not stop the work.
  package func run(
    _ key: Key, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = flights.withLock { flights in
      if let task = flights[key] { return task }
      let task = Task {
        defer { self.flights.withLock { $0[key] = nil } }
        return try await work()
      }
      flights[key] = task
      return task
    }
    return try await task.value
  }
}
