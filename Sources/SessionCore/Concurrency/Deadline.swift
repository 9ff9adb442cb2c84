/// Runs `work`, and waits for it until `deadline` at most, also when it heeds no cancellation. Nil:
/// it was not done by then. It is cancelled when nobody waits for it any more.
///
/// - Throws: What `work` throws, or `CancellationError` as soon as the task is cancelled.
package func withinDeadline<Value: Sendable>(
  _ deadline: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
  try await unlessOver(work) { try await Task.sleep(for: deadline) }
}

/// Runs `work`, and waits for it until `timer` returns, which begins when the work does.
///
/// - Parameter waitsWhenCancelled: Whether the work, which is cancelled with the task, is waited
///   for all the same, since what came of it matters.
func unlessOver<Value: Sendable>(
  waitsWhenCancelled: Bool = false, _ work: @escaping @Sendable () async throws -> Value,
  timer: @escaping @Sendable () async throws -> Void
) async throws -> Value? {
  // No task group: it would wait for a child that does not end.
  let first = FirstResult<Value?>()
  let worker = Task {
    let timer = Task {
      try await timer()
      first.settle(.success(nil))
    }
    defer { timer.cancel() }
    do { first.settle(.success(try await work())) } catch { first.settle(.failure(error)) }
  }
  defer { worker.cancel() }
  return try await withTaskCancellationHandler {
    try await first.value()
  } onCancel: {
    worker.cancel()
    if !waitsWhenCancelled { first.settle(.failure(CancellationError())) }
  }
}

/// Takes the first of several results. One task waits for it.
private final class FirstResult<Value: Sendable>: Sendable {
  private struct State {
    var result: Result<Value, any Error>?
    var reader: CheckedContinuation<Value, any Error>?
  }

  private let state = Locked(State())

  func settle(_ result: Result<Value, any Error>) {
    let reader = state.withLock { state in
      guard state.result == nil else { return CheckedContinuation<Value, any Error>?.none }
      state.result = result
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(with: result)
  }

  func value() async throws -> Value {
    try await withCheckedThrowingContinuation { reader in
      let result = state.withLock { state in
        if state.result == nil { state.reader = reader }
        return state.result
      }
      if let result { reader.resume(with: result) }
    }
  }
}
