import SessionCore

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

  /// Reads the body as a stream of events into `answer`, and hands over the text as it comes.
  ///
  /// - Throws: The answer's refusal, ``HTTPError``, or what `emit` throws.
  func read<Answer: StreamedAnswer>(
    into answer: inout Answer, emit: (String) async throws -> Void
  ) async throws {
    var parser = ServerSentEventParser()
    var bytes: [UInt8] = []
    do {
      while try await next(into: &bytes) {
        // What is there is read in pieces, so that its beginning is not shown later for its length.
        var start = 0
        var length = Self.firstPieceByteCount
        while start < bytes.count {
          let end = min(start + length, bytes.count)
          try parser.feed(bytes[start..<end]) { answer.take($0, isUnterminated: false) }
          if let text = answer.takeText() { try await emit(text) }
          if let refusal = answer.refusal { throw refusal }
          start = end
          length *= 2
        }
      }
      try parser.finish { answer.take($0, isUnterminated: true) }
    } catch is ServerSentEventParser.ItemTooLong {
      throw HTTPError(code: .tooLarge, reason: "one event of the answer is too long")
    }
    if let text = answer.takeText() { try await emit(text) }
    if let refusal = answer.refusal { throw refusal }
  }
}
