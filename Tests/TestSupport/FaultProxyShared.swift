import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the tests and the thread of a proxy tell each other.
final class FaultProxyShared: Sendable {
  struct Trigger {
    let fault: FaultProxy.Fault
    let direction: FaultProxy.Direction
    var bytesLeft: Int
  }

  struct State {
    var fault = FaultProxy.Fault.none
    var trigger: Trigger?
    var counts = FaultProxy.Counts()
    var commandCount = 0
    var commandsDone = 0
    var isStopped = false
    var isFinished = false
    fileprivate var waiters: [Waiter] = []
  }

  fileprivate struct Waiter {
    let condition: @Sendable (State, FaultProxy.Counts) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private let state = Locked(State())
  let wakeUp: WakePipe

  init(wakeUp: WakePipe) { self.wakeUp = wakeUp }

  var counts: FaultProxy.Counts { state.withLock(\.counts) }

  /// Changes what the thread goes by; returns a number to wait for.
  func command(_ change: @Sendable (inout State) -> Void) -> Int {
    let number = state.withLock { state in
      change(&state)
      state.commandCount += 1
      return state.commandCount
    }
    wakeUp.signal()
    return number
  }

  func waitForCommand(_ number: Int) async {
    await wait { state, _ in state.commandsDone >= number || state.isFinished }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    wakeUp.signal()
  }

  func wait(until condition: @escaping @Sendable (State, FaultProxy.Counts) -> Bool) async {
    await withCheckedContinuation { continuation in
      let holds = state.withLock { state in
        if condition(state, state.counts) { return true }
        state.waiters.append(Waiter(condition: condition, continuation: continuation))
        return false
      }
      if holds { continuation.resume() }
    }
  }

  /// Called by the thread: reads and changes the state, then wakes those whose condition now holds.
  func update<Result>(_ body: (inout State) -> Result) -> Result {
    let (result, woken) = state.withLock { state in
      let result = body(&state)
      if state.waiters.isEmpty { return (result, [Waiter]()) }
      let waiters = state.waiters
      state.waiters = []
      let counts = state.counts
      let isDue = waiters.map { $0.condition(state, counts) }
      state.waiters = zip(waiters, isDue).filter { !$0.1 }.map(\.0)
      return (result, zip(waiters, isDue).filter(\.1).map(\.0))
    }
    for waiter in woken { waiter.continuation.resume() }
    return result
  }
}

/// Two descriptors that wake a thread out of `poll`.
final class WakePipe: Sendable {
  let readEnd: Int32
  private let writeEnd: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw LoopbackSocket.Failure(call: "pipe", errno: errno) }
    (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends { LoopbackSocket.makeNonBlocking(end) }
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  func signal() {
    var byte: UInt8 = 0
    _ = write(writeEnd, &byte, 1)
  }

  func drain() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(readEnd, &bytes, bytes.count) > 0 {}
  }
}
