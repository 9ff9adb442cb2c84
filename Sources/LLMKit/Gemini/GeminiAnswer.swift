import SessionCore

/// What has come of an answer, piece by piece, and what it amounts to at its end.
struct GeminiAnswer: StreamedAnswer {
  /// What came and has not been taken yet.
  private var newText = ""
  private(set) var hasText = false
  private(set) var callParts: [JSONValue] = []
  private(set) var finishReason: String?
  private(set) var model: String?
  private(set) var responseID: String?
  private var blockReason: String?
  private var usage: TokenUsage?
  private let earlier: ResponseSummary?
  /// What the service said in place of more text.
  private(set) var refusal: GeminiRefusal?
  private var isMalformed = false

  private static let endMark = Array("[DONE]".utf8)

  init(after earlier: ResponseSummary? = nil) { self.earlier = earlier }

  /// Takes one item of the stream.
  ///
  /// - Parameter isUnterminated: The stream ended in it, so that it may be incomplete.
  mutating func take(_ item: ServerSentEventParser.Item, isUnterminated: Bool) {
    let bytes: [UInt8]
    switch item {
    case .data(let data): bytes = data
    case .bareJSON(let document): bytes = document
    }
    // Proxies that speak for other services end with that mark.
    guard !bytes.isEmpty, refusal == nil, bytes != Self.endMark else { return }
    do throws(JSONError) {
      let skipsIdentity = model != nil && responseID != nil
      try GeminiChunk.forEach(in: bytes, skipsIdentity: skipsIdentity) { take($0) }
    } catch {
      if !isUnterminated { isMalformed = true }
    }
  }

  private mutating func take(_ chunk: borrowing GeminiChunk) {
    if let error = chunk.error { refusal = refusal ?? GeminiRefusal(error: error, httpStatus: 200) }
    guard refusal == nil else { return }
    if !chunk.text.isEmpty {
      newText += chunk.text
      hasText = true
    }
    if !chunk.callParts.isEmpty { callParts += chunk.callParts }
    if let reason = chunk.finishReason { finishReason = reason }
    if let reason = chunk.blockReason { blockReason = reason }
    if let name = chunk.model { model = name }
    if let id = chunk.responseID { responseID = id }
    // Counts are cumulative, but a last piece that failed can tell less than the ones before.
    if let new = chunk.usage { usage = (usage ?? TokenUsage()).merged(with: new) }
  }

  /// The text that has come since the last call; nil when there is none.
  mutating func takeText() -> String? {
    guard !newText.isEmpty else { return nil }
    defer { newText = "" }
    return newText
  }

  var known: ResponseSummary {
    ResponseSummary(
      state: .partial, model: model ?? earlier?.model, usage: usage.adding(earlier?.usage),
      finishReason: finishReason, responseID: responseID ?? earlier?.responseID)
  }

  /// The calls of tools that it holds.
  var calls: [ToolCall] {
    callParts.map { part in
      let call = part["functionCall"]
      return ToolCall(
        id: call?["id"]?.text ?? "", name: call?["name"]?.text ?? "",
        arguments: (call?["args"] ?? [:]).jsonText, signature: part["thoughtSignature"]?.text)
    }
  }

  /// Whether thinking used all the tokens, so that asking again with less of it is worth while.
  var lacksRoomForText: Bool { finishReason == "MAX_TOKENS" && !hasText && callParts.isEmpty }

  func summary() throws(ResponderError) -> ResponseSummary {
    if let blockReason {
      throw ResponderError(
        code: .blocked, reason: "the service refused the prompt (\(blockReason))")
    }
    if isMalformed {
      throw ResponderError(code: .malformedResponse, reason: "the service sent what is not JSON")
    }
    guard let finishReason else {
      throw ResponderError(code: .cut, reason: "the answer was cut off")
    }
    var summary = known
    summary.state = .complete
    switch finishReason {
    case "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "LANGUAGE",
      "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
      throw ResponderError(
        code: .blocked, reason: "the service held the answer back (\(finishReason))")
    case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
      "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE":
      throw ResponderError(
        code: .malformedResponse, reason: "the model's answer is of no use (\(finishReason))")
    case "MAX_TOKENS":
      guard hasText || !callParts.isEmpty else {
        throw ResponderError(
          code: .outOfTokens, reason: "thinking used all the tokens that the answer may have")
      }
      summary.state = .partial
    default:
      guard hasText || !callParts.isEmpty else {
        throw ResponderError(
          code: .malformedResponse, reason: "the model gave no text (\(finishReason))")
      }
    }
    return summary
  }
}
