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
  /// When the answer must be there, on the monotonic clock. 0: the thread sets it when it takes the
  /// call up.
  var deadline: Int64 = 0
  /// Where its last byte stands in the stream of the present connection; nil until it has a place.
  var streamEnd: Int?

  /// Whether the server may carry out some of it when it gets no more than the first `sentCount`
  /// bytes of the stream: a command needs all of its bytes, a pipeline begins with its first.
  func mayHaveActed(afterSending sentCount: Int) -> Bool {
    guard let streamEnd else { return false }
    return replyCount > 1 ? streamEnd - bytes.count < sentCount : streamEnd <= sentCount
  }

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
