/// Lets many callers who want the same thing at the same time share one piece of work.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Flight {
    var callers: [Int: CheckedContinuation<Value, any Error>] = [:]
    var callerCount = 0
  }

  private struct State {
    var flights: [Key: Flight] = [:]
    var callerCount = 0
  }

  private let state = Locked(State())

  /// Nothing is under way.
  package init() {}

  /// Joins the work under way for `key`, or starts it.
  ///
  /// The work is a task of its own: a caller that is cancelled stops waiting at once, with
  /// `CancellationError`, and neither stops the work nor the other callers.
  package func run(
    _ key: Key, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let number = state.withLock { state in
      state.callerCount += 1
      return state.callerCount
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isFirst = state.withLock { state in
          let isFirst = state.flights[key] == nil
          state.flights[key, default: Flight()].callerCount += 1
          state.flights[key]?.callers[number] = continuation
          return isFirst
        }
        if isFirst { Task { land(key, await Self.result(of: work)) } }
        if Task.isCancelled { leave(key, number) }
      }
    } onCancel: {
      leave(key, number)
    }
  }

  /// How many callers have joined the work under way for `key`.
  package func callerCount(of key: Key) -> Int {
    state.withLock { $0.flights[key]?.callerCount ?? 0 }
  }

  private static func result(of work: () async throws -> Value) async -> Result<Value, any Error> {
    do { return .success(try await work()) } catch { return .failure(error) }
  }

  private func land(_ key: Key, _ result: Result<Value, any Error>) {
    let flight = state.withLock { $0.flights.removeValue(forKey: key) }
    for caller in (flight?.callers ?? [:]).values { caller.resume(with: result) }
  }

  private func leave(_ key: Key, _ number: Int) {
    state.withLock { $0.flights[key]?.callers.removeValue(forKey: number) }?
      .resume(throwing: CancellationError())
  }
}
