/// Lets many callers who want the same thing at the same time share one piece of work.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Flight {
    let task: Task<Value, any Error>
    var callerCount = 1
  }

  private let flights = Locked<[Key: Flight]>([:])

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
      if let task = flights[key]?.task {
        flights[key]?.callerCount += 1
        return task
      }
      let task = Task {
        defer { self.flights.withLock { $0[key] = nil } }
        return try await work()
      }
      flights[key] = Flight(task: task)
      return task
    }
    return try await task.value
  }

  /// How many callers share the work under way for `key`.
  package func callerCount(of key: Key) -> Int {
    flights.withLock { $0[key]?.callerCount ?? 0 }
  }
}
