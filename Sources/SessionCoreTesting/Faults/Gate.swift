import SessionCore

/// A door that tasks wait at until somebody opens it.
public final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    var arrived = 0
    var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Locked(State())

  /// A closed door.
  public init() {}

  /// Waits until the door is open, or throws `CancellationError`.
  public func pass() async throws {
    let number = state.withLock { state in
      state.arrived += 1
      return state.arrived
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let reached = state.withLock { state in
          if state.isOpen {
            continuation.resume()
          } else if Task.isCancelled {
            continuation.resume(throwing: CancellationError())
          } else {
            state.waiting[number] = continuation
          }
          defer { state.arrivals.removeAll { $0.count <= state.arrived } }
          return state.arrivals.filter { $0.count <= state.arrived }
        }
        for arrival in reached { arrival.continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?
        .resume(throwing: CancellationError())
    }
  }

  /// Opens the door for those who wait and those who come.
  public func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  /// Waits until `count` tasks have come to the door.
  public func waitForArrivals(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.arrived >= count { return true }
        state.arrivals.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }
}
