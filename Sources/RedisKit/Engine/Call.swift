/// One command, or one pipeline, on its way to an answer.
struct Call {
  /// Who waits for the answer.
  enum Receiver {
    case one(UnsafeContinuation<RedisValue, any Error>)
    case many(UnsafeContinuation<[RedisValue], any Error>)
    /// Nobody any more, or nobody ever: the reply is dropped when it comes.
    case nobody
  }

  /// What a cancellation names.
  let id: UInt64
  let bytes: [UInt8]
  let replyCount: Int
  var receiver: Receiver
  /// When the answer must be there, on the monotonic clock. Set when the thread takes the call up.
  var deadline: Int64 = 0
  /// Where its last byte stands in the stream of the present connection; nil until it has a place.
  var streamEnd: Int?

  /// Ends the wait with an error. May be called once.
  func fail(_ error: any Error) {
    switch receiver {
    case .one(let continuation): continuation.resume(throwing: error)
    case .many(let continuation): continuation.resume(throwing: error)
    case .nobody: break
    }
  }
}

/// What is put into a connection's mailbox.
enum Mail: Sendable {
  case call(Call)
  case cancel(UInt64)
  case connected(attempt: Int, Result<Connector.Established, RedisError>)
  case job(UnownedJob)
}

/// Calls in the order of their answers.
struct CallQueue {
  // A ring: element i stands at (head + i) & mask.
  private var slots: [Call?] = Array(repeating: nil, count: 64)
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  var first: Call? {
    count == 0 ? nil : slots[head]
  }

  subscript(index: Int) -> Call? {
    get { slots[(head + index) & (slots.count - 1)] }
    set { slots[(head + index) & (slots.count - 1)] = newValue }
  }

  mutating func append(_ call: Call) {
    if count == slots.count { grow() }
    slots[(head + count) & (slots.count - 1)] = call
    count += 1
  }

  mutating func popFirst() -> Call? {
    guard count > 0 else { return nil }
    let call = slots[head].take()
    head = (head + 1) & (slots.count - 1)
    count -= 1
    return call
  }

  /// Takes every call out, in order.
  mutating func takeAll() -> [Call] {
    var calls: [Call] = []
    calls.reserveCapacity(count)
    while let call = popFirst() { calls.append(call) }
    return calls
  }

  private mutating func grow() {
    var larger: [Call?] = []
    larger.reserveCapacity(slots.count * 2)
    for index in 0..<count { larger.append(self[index]) }
    larger += repeatElement(nil, count: slots.count * 2 - count)
    slots = larger
    head = 0
  }
}
