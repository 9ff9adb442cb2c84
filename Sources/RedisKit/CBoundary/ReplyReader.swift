import CHiredis

/// Turns bytes, in any split, into replies: owns a `redisReader`.
///
/// After an error nothing more can be read: the stream has lost its beat.
final class ReplyReader {
  /// Why the bytes are no reply, or none that this reader takes.
  enum Failure: Error, Equatable {
    /// Longer, of more elements or nested deeper than the limits.
    case tooLarge
    /// Not the protocol; what the parser says.
    case malformed(String)
  }

  /// Bytes handed to the parser at a time. After each kilobyte of replies it moves what is left of
  /// its buffer to the front, so a large feed would be moved many times over.
  private static let feedByteCount = 8192

  private let raw: UnsafeMutablePointer<redisReader>
  private let byteCountMax: Int
  private var byteCount = 0
  /// The reply that was not an array, between its reading and its handing out.
  fileprivate var taken = RedisValue.null

  /// A reader at the start of a stream. Nil when there is no memory.
  ///
  /// - Parameters:
  ///   - byteCountMax: Bytes of one reply.
  ///   - elementCountMax: Elements of one reply, nested ones included.
  ///   - depthMax: Arrays within arrays.
  init?(byteCountMax: Int, elementCountMax: Int, depthMax: Int) {
    let raw = chiredis_reader_create(Int64(elementCountMax), Int64(depthMax)) {
      owner, type, bytes, length, integer in
      guard let owner else { return }
      Unmanaged<ReplyReader>.fromOpaque(owner)._withUnsafeGuaranteedRef { reader in
        let bytes = UnsafeRawBufferPointer(start: bytes, count: length)
        reader.taken = RedisValue(type: type, bytes: bytes, integer: integer)
      }
    }
    guard let raw else { return nil }
    self.raw = raw
    self.byteCountMax = byteCountMax
    chiredis_reader_set_owner(raw, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { chiredis_reader_free(raw) }

  /// Hands every reply that `bytes` completes to `body`.
  func read(
    _ bytes: UnsafeRawBufferPointer, _ body: (RedisValue) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    while start < bytes.count {
      let count = min(Self.feedByteCount, bytes.count - start)
      let status = redisReaderFeed(
        raw, bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self), count)
      guard status == REDIS_OK else { throw failure() }
      start += count
      byteCount += count
      while let value = try next() {
        byteCount = 0
        try body(value)
      }
      if byteCount > byteCountMax { throw .tooLarge }
    }
  }

  private func next() throws(Failure) -> RedisValue? {
    var reply: UnsafeMutableRawPointer?
    guard redisReaderGetReply(raw, &reply) == REDIS_OK else { throw failure() }
    guard let reply else { return nil }
    if chiredis_is_taken(raw, reply) != 0 {
      defer { taken = .null }
      return taken
    }
    defer { freeReplyObject(reply) }
    return RedisValue(copying: reply.assumingMemoryBound(to: redisReply.self))
  }

  private func failure() -> Failure {
    // The only allocation that is refused in practice is the one of an array beyond the limits.
    if raw.pointee.err == REDIS_ERR_OOM { return .tooLarge }
    return .malformed(String(cString: chiredis_reader_error(raw)))
  }
}

@available(*, unavailable, message: "A reader belongs to the thread that reads its stream.")
extension ReplyReader: Sendable {}

extension RedisValue {
  /// Copies a reply of hiredis, which stays its caller's.
  fileprivate init(copying reply: UnsafeMutablePointer<redisReply>) {
    let reply = reply.pointee
    if reply.type == REDIS_REPLY_ARRAY {
      let elements = UnsafeBufferPointer(start: reply.element, count: Int(reply.elements))
      self = .array(elements.map { $0.map(RedisValue.init(copying:)) ?? .null })
    } else {
      let bytes = UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len))
      self.init(type: reply.type, bytes: bytes, integer: reply.integer)
    }
  }

  /// A reply that is no array.
  fileprivate init(type: Int32, bytes: UnsafeRawBufferPointer, integer: Int64) {
    switch type {
    case REDIS_REPLY_STRING: self = .bytes([UInt8](bytes))
    case REDIS_REPLY_INTEGER: self = .integer(integer)
    case REDIS_REPLY_STATUS: self = .status(String(decoding: bytes, as: UTF8.self))
    case REDIS_REPLY_ERROR:
      self = .error(RedisServerError(line: String(decoding: bytes, as: UTF8.self)))
    default: self = .null
    }
  }
}
