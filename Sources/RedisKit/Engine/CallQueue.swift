/// Calls in the order of their answers.
///
/// A ring in memory of its own: calls are moved in and out, and nothing is counted on the way.
final class CallQueue {
  // Element i stands at (head + i) & mask, where mask is a power of two less one.
  private var slots = UnsafeMutablePointer<Call>.allocate(capacity: 64)
  private var mask = 63
  private var head = 0
  private(set) var count = 0

  deinit {
    while popFirst() != nil {}
    slots.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  /// The replies that the first call waits for; 0 when there is none.
  var firstReplyCount: Int { count == 0 ? 0 : slots[head].replyCount }

  /// The deadline of the first call.
  var firstDeadline: Int64? { count == 0 ? nil : slots[head].deadline }

  /// Whether an answer to the first call, of which there must be one, is worth keeping.
  var firstIsAwaited: Bool {
    if case .nobody = slots[head].receiver { false } else { true }
  }

  func append(_ call: consuming Call) {
    if count > mask { grow() }
    (slots + ((head + count) & mask)).initialize(to: call)
    count += 1
  }

  func popFirst() -> Call? {
    guard count > 0 else { return nil }
    let call = (slots + head).move()
    head = (head + 1) & mask
    count -= 1
    return call
  }

  /// Takes every call out, in order.
  func takeAll() -> [Call] {
    var calls: [Call] = []
    calls.reserveCapacity(count)
    while let call = popFirst() { calls.append(call) }
    return calls
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
