import SessionCore

/// A value that threads change and tests wait on: no polling, no sleeping.
package final class Observed<Value: Sendable>: Sendable {
  private struct Waiter {
    let isMet: @Sendable (Value) -> Bool
    let continuation: CheckedContinuation<Value, any Error>
  }

  private struct State {
    var value: Value
    var waiters: [Int: Waiter] = [:]
    var waiterCount = 0
  }

  private let state: Locked<State>

  /// Starts with `value`.
  package init(_ value: Value) { state = Locked(State(value: value)) }

  /// The value now.
  package var value: Value { state.withLock { $0.value } }

  /// Changes the value, and lets those go on whose condition is met.
  package func update<Result>(_ change: (inout Value) -> Result) -> Result {
    let (result, met, value) = state.withLock { state in
      let result = change(&state.value)
      let met = state.waiters.filter { $0.value.isMet(state.value) }
      for key in met.keys { state.waiters[key] = nil }
      // A copy that outlives the lock would make the next change copy the whole value.
      return (result, met, met.isEmpty ? nil : state.value)
    }
    if let value { for waiter in met.values { waiter.continuation.resume(returning: value) } }
    return result
  }

  /// Waits until `isMet`, and returns the value that met it.
  ///
  /// - Throws: `CancellationError`, when the task is cancelled first.
  @discardableResult
  package func wait(until isMet: @escaping @Sendable (Value) -> Bool) async throws -> Value {
    let number = state.withLock { state in
      state.waiterCount += 1
      return state.waiterCount
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        state.withLock { state in
          if isMet(state.value) {
            continuation.resume(returning: state.value)
          } else if Task.isCancelled {
            continuation.resume(throwing: CancellationError())
          } else {
            state.waiters[number] = Waiter(isMet: isMet, continuation: continuation)
          }
        }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?
        .continuation.resume(throwing: CancellationError())
    }
  }
}
