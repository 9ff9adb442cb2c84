/// The turns of a service that run, so that closing it can stop them and wait for their ends.
final class RunningTurns: Sendable {
  private struct State {
    var stops: [Int: @Sendable () -> Void] = [:]
    var turnCount = 0
    var isClosed = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Locked(State())

  /// Runs a turn.
  ///
  /// - Parameter stop: Cancels the turn.
  /// - Throws: ``ServiceClosed``, or what `turn` throws.
  func run<Value>(
    stop: @escaping @Sendable () -> Void = {}, _ turn: () async throws -> Value
  ) async throws -> Value {
    let number = try state.withLock { state in
      if state.isClosed { throw ServiceClosed() }
      state.turnCount += 1
      state.stops[state.turnCount] = stop
      return state.turnCount
    }
    defer {
      let waiting = state.withLock { state in
        state.stops[number] = nil
        return state.stops.isEmpty ? state.waiting.takeAll() : []
      }
      for continuation in waiting { continuation.resume() }
    }
    return try await turn()
  }

  /// Refuses new turns, stops those that can be stopped, and waits until none runs.
  func close() async {
    let stops = state.withLock { state in
      state.isClosed = true
      return Array(state.stops.values)
    }
    for stop in stops { stop() }
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if !state.stops.isEmpty { state.waiting.append(continuation) }
        return state.stops.isEmpty
      }
      if isIdle { continuation.resume() }
    }
  }
}

extension [CheckedContinuation<Void, Never>] {
  fileprivate mutating func takeAll() -> Self {
    defer { self = [] }
    return self
  }
}

/// A service that was closed takes no turn.
public struct ServiceClosed: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  public var description: String { "the chat service is closed" }
  /// The error.
  public init() {}
}
