/// What waits for one listener: the newest events, and how many were lost before them.
final class EventQueue: Sendable {
  private struct State {
    var events: [SessionEvent] = []
    /// Where the oldest event stands; the array is a ring once it is full.
    var first = 0
    var missedCount = 0
    var waiting: [Int: CheckedContinuation<SessionEvent?, Never>] = [:]
    var waiterCount = 0
  }

  private let countMax: Int
  private let state = Locked(State())

  init(countMax: Int) { self.countMax = countMax }

  /// Adds an event, or hands it to who waits.
  func add(_ event: SessionEvent) {
    let waiter = state.withLock { state -> CheckedContinuation<SessionEvent?, Never>? in
      if let number = state.waiting.keys.min() {
        return state.waiting.removeValue(forKey: number)
      }
      if state.events.count < countMax {
        state.events.append(event)
      } else {
        state.events[state.first] = event
        state.first = (state.first + 1) % countMax
        state.missedCount += 1
      }
      return nil
    }
    waiter?.resume(returning: event)
  }

  func next() async -> SessionEvent? {
    let number = state.withLock { state in
      state.waiterCount += 1
      return state.waiterCount
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (isReady, event) = state.withLock { state -> (Bool, SessionEvent?) in
          if Task.isCancelled { return (true, nil) }
          if let event = Self.takeOldest(from: &state) { return (true, event) }
          state.waiting[number] = continuation
          return (false, nil)
        }
        if isReady { continuation.resume(returning: event) }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: nil)
    }
  }

  private static func takeOldest(from state: inout State) -> SessionEvent? {
    if state.missedCount > 0 {
      defer { state.missedCount = 0 }
      return .missed(count: state.missedCount)
    }
    guard !state.events.isEmpty else { return nil }
    // In order again before the front leaves: the ring wraps only while nobody reads.
    if state.first > 0 {
      state.events = Array(state.events[state.first...] + state.events[..<state.first])
      state.first = 0
    }
    return state.events.removeFirst()
  }
}
