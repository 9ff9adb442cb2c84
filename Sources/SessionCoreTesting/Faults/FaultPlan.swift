import SessionCore

/// Decides, call by call, which one fails.
public final class FaultPlan: Sendable {
  private struct State {
    var calls: [String] = []
    var failing: Set<Int>
    var isDown = false
    var gates: [String: Gate] = [:]
    var numberedGates: [Int: Gate] = [:]
  }

  private let state: Locked<State>

  /// Lets the calls numbered in `failing` fail; the first call is 1.
  public init(failing: Set<Int> = []) { state = Locked(State(failing: failing)) }

  /// The names of the calls made so far.
  public var calls: [String] { state.withLock { $0.calls } }

  /// Makes the calls of this name wait at `gate` before they do anything.
  public func hold(_ name: String, at gate: Gate) { state.withLock { $0.gates[name] = gate } }

  /// Makes the call of this number wait at `gate` before it does anything; the first call is 1.
  public func hold(_ number: Int, at gate: Gate) {
    state.withLock { $0.numberedGates[number] = gate }
  }

  /// Lets the calls of these numbers fail, and no others; the first call is 1.
  public func fail(_ numbers: Set<Int>) { state.withLock { $0.failing = numbers } }

  /// Lets every call succeed from now on.
  public func heal() {
    state.withLock { state in
      state.failing = []
      state.isDown = false
    }
  }

  /// Makes every call fail from now on, or none but the numbered ones.
  public func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

  /// Counts a call, and says whether it fails.
  func fails(_ name: String) async throws -> Bool {
    let (number, gates) = state.withLock { state in
      state.calls.append(name)
      let number = state.calls.count
      return (number, [state.gates[name], state.numberedGates[number]].compactMap { $0 })
    }
    for gate in gates { try await gate.pass() }
    return state.withLock { $0.isDown || $0.failing.contains(number) }
  }
}
