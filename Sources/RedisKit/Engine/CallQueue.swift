/// Calls in the order of their answers.
///
/// A ring in memory of its own: calls are moved in and out, and nothing is counted on the way.
final class CallQueue {
  // Element i stands at (head + i) & mask, where mask is a power of two less one.
  private var slots = UnsafeMutablePointer<Call>.allocate(capacity: 64)
  private var mask = 63
  private var head = 0
  private(set) var count = 0
  /// No call that somebody waits for is due before this; `.max` when there is none. It may be too
  /// early, as nothing looks for the next one when a call is taken out.
  private(set) var deadlineBound = Int64.max

  deinit {
    while popFirst() != nil {}
    slots.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  /// The replies that the first call waits for; 0 when there is none.
  var firstReplyCount: Int { count == 0 ? 0 : slots[head].replyCount }

  /// When the first call is due; 0 when there is none.
  var firstDeadline: Int64 { count == 0 ? 0 : slots[head].deadline }

  /// Whether an answer to the first call, of which there must be one, is worth keeping.
  var firstIsAwaited: Bool {
    if case .nobody = slots[head].receiver { false } else { true }
  }

  func append(_ call: consuming Call) {
    if count > mask { grow() }
    deadlineBound = min(deadlineBound, call.deadline)
    (slots + ((head + count) & mask)).initialize(to: call)
    count += 1
  }

  func popFirst() -> Call? {
    guard count > 0 else { return nil }
    let call = (slots + head).move()
    head = (head + 1) & mask
    count -= 1
    if count == 0 { deadlineBound = .max }
    return call
  }

  /// Takes every call out, in order.
  func takeAll() -> [Call] {
    var calls: [Call] = []
    calls.reserveCapacity(count)
    while let call = popFirst() { calls.append(call) }
    return calls
  }

  /// Takes out the calls that are due, in order.
  func takeOverdue(at now: Int64) -> [Call] {
    if deadlineBound > now { return [] }
    deadlineBound = .max
    var overdue: [Call] = []
    for _ in 0..<count {
      guard let call = popFirst() else { break }
      if call.deadline <= now { overdue.append(call) } else { append(call) }
    }
    return overdue
  }

  /// Ends the wait for the calls that are due; they keep their places.
  func failOverdue(at now: Int64, _ error: @autoclosure () -> RedisError) {
    if deadlineBound > now { return }
    deadlineBound = .max
    changeAll { call in
      if case .nobody = call.receiver { return }
      if call.deadline > now {
        deadlineBound = min(deadlineBound, call.deadline)
      } else {
        call.fail(error())
        call.receiver = .nobody
      }
    }
  }

  /// Lets `body` change every call, in order.
  func changeAll(_ body: (inout Call) -> Void) {
    for index in 0..<count { body(&slots[(head + index) & mask]) }
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Call>.allocate(capacity: (mask + 1) * 2)
    for index in 0..<count {
      (larger + index).initialize(to: (slots + ((head + index) & mask)).move())
    }
    slots.deallocate()
    slots = larger
    mask = mask * 2 + 1
    head = 0
  }
}
