import SessionCore

/// How far a stream has come, by what its protocol says.
enum StreamPhase: Sendable {
  /// More must come.
  case open
  /// A word for the end has come. Little may follow: counts of tokens, a mark, more text with
  /// those who say the word all the time.
  case ending
  /// Nothing follows, whatever the connection does.
  case over
}

/// An answer that is put together from the items of a stream.
protocol StreamedAnswer: Sendable {
  associatedtype Refusal: Error

  /// Nothing has come yet.
  ///
  /// - Parameter earlier: What is known of the earlier requests of the same turn. Their tokens are
  ///   added, and their model and id stand until the answer brings its own.
  init(after earlier: ResponseSummary?)
  /// What the service said in place of more text.
  var refusal: Refusal? { get }
  /// Takes one item of the stream.
  ///
  /// - Parameter isUnterminated: The stream ended in it, so that it may be incomplete.
  mutating func take(_ item: ServerSentEventParser.Item, isUnterminated: Bool)
  /// How far it has come.
  var phase: StreamPhase { get }
  /// Takes note that nothing more comes: what was held back is text after all.
  mutating func end()
  /// The text that has come since the last call; nil when there is none.
  mutating func takeText() -> String?
  /// The calls of tools that it holds.
  var calls: [ToolCall] { get }
  /// What is known of it so far, as of one that comes to no good end.
  var known: ResponseSummary { get }
  /// What the whole amounts to, after the last byte.
  ///
  /// - Throws: `ResponderError` when it is not an answer, or one that was broken off.
  func summary() throws(ResponderError) -> ResponseSummary
}

extension StreamedAnswer {
  /// Whether anything is known of it.
  var hasBegun: Bool { known != ResponseSummary(state: known.state) }
}

extension HTTPResponse {
  /// The first piece of what has piled up that is read; each one after it is twice as long.
  private static let firstPieceByteCount = 1 << 10

  /// How long more is waited for after the word for the end, and how long for the end of the body
  /// after that of the answer, so that the connection can be used again.
  private static let grace = Duration.seconds(2)
  private static let graceForConnection = Duration.milliseconds(50)

  /// Reads the body as a stream of events into `answer`, and hands over the text as it comes.
  ///
  /// The answer ends where its protocol says so. A connection that stays open after that, or
  /// breaks, changes nothing.
  ///
  /// - Throws: The answer's refusal, ``HTTPError``, or what `emit` throws.
  func read<Answer: StreamedAnswer>(
    into answer: inout Answer, emit: (String) async throws -> Void
  ) async throws {
    if let type = head["content-type"]?.lowercased(), type.hasPrefix("text/html") {
      // No service, but what stands before one: a log-in, a proxy, another program.
      throw ServiceRefusal(status: 200, body: try await bodyOfRefusal(), retryAfter: nil)
    }
    var parser = ServerSentEventParser()
    var bytes: [UInt8] = []
    var graceLeft = Self.grace
    do {
      while try await next(into: &bytes, answer.phase, &graceLeft) {
        // What is there is read in pieces, so that its beginning is not shown later for its length.
        var start = 0
        var length = Self.firstPieceByteCount
        while start < bytes.count, answer.phase != .over {
          let end = min(start + length, bytes.count)
          try parser.feed(bytes[start..<end]) { answer.take($0, isUnterminated: false) }
          if let text = answer.takeText() {
            // The end was none.
            graceLeft = Self.grace
            try await emit(text)
          }
          if let refusal = answer.refusal { throw refusal }
          start = end
          length *= 2
        }
      }
      try parser.finish { answer.take($0, isUnterminated: true) }
    } catch is ServerSentEventParser.ItemTooLong {
      throw HTTPError(code: .tooLarge, reason: "one event of the answer is too long")
    } catch let error as HTTPError where error.code != .stopped && answer.phase != .open {
      // What was still waited for did not come, and is not missed.
    }
    answer.end()
    if let text = answer.takeText() { try await emit(text) }
    if let refusal = answer.refusal { throw refusal }
  }

  /// Waits for more of the body, after the word for the end no longer than `graceLeft`, which
  /// becomes less by the wait: the time that the reader takes for its text does not count.
  private func next(
    into bytes: inout [UInt8], _ phase: StreamPhase, _ graceLeft: inout Duration
  ) async throws(HTTPError) -> Bool {
    if phase == .open || transfer.isOver { return try await next(into: &bytes) }
    if phase == .over { graceLeft = min(graceLeft, Self.graceForConnection) }
    guard graceLeft > .zero else { return false }
    let start = ContinuousClock.now
    engine.limit(transfer, to: graceLeft)
    let hasMore = try await next(into: &bytes)
    engine.limit(transfer, to: nil)
    graceLeft -= start.duration(to: .now)
    return hasMore
  }
}
