import SessionCore

/// A clock for waits that stands still until a test moves it.
final class ManualClock: Clock {
  struct Instant: InstantProtocol {
    let offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct State {
    var now = Instant(offset: .zero)
    var sleeperCount = 0
    var sleepers: [Int: (deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] =
      [:]
    var watchers: [Watcher] = []
    typealias Watcher = (deadline: Instant?, continuation: CheckedContinuation<Void, Never>)
  }

  private let state = Locked(State())

  var now: Instant { state.withLock(\.now) }
  var minimumResolution: Duration { .nanoseconds(1) }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let number = state.withLock { state in
      state.sleeperCount += 1
      return state.sleeperCount
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let watchers: [State.Watcher] = state.withLock { state in
          if deadline <= state.now {
            continuation.resume()
          } else if Task.isCancelled {
            continuation.resume(throwing: CancellationError())
          } else {
            state.sleepers[number] = (deadline, continuation)
          }
          guard state.sleepers[number] != nil else { return [] }
          defer { state.watchers.removeAll { $0.deadline == deadline || $0.deadline == nil } }
          return state.watchers.filter { $0.deadline == deadline || $0.deadline == nil }
        }
        for watcher in watchers { watcher.continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: number) }?
        .continuation.resume(throwing: CancellationError())
    }
  }

  /// Moves the clock, and wakes who has slept long enough.
  func advance(by duration: Duration) {
    let woken = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      let due = state.sleepers.filter { $0.value.deadline <= state.now }
      for number in due.keys { state.sleepers[number] = nil }
      return due.values.map(\.continuation)
    }
    for continuation in woken { continuation.resume() }
  }

  /// Waits until somebody sleeps until `offset`, or at all.
  func waitForSleeper(until offset: Duration? = nil) async {
    let deadline = offset.map { Instant(offset: $0) }
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.sleepers.values.contains(where: { deadline == nil || $0.deadline == deadline }) {
          return true
        }
        state.watchers.append((deadline, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }
}
