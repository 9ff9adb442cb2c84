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
  private var notJSON: String?
  private var oddField: String?
  /// The half of a character that the text so far ends in.
  private var half: UInt32?
  private var isMarkedDone = false

  private static let endMark = Array("[DONE]".utf8)

  init(after earlier: ResponseSummary? = nil) { self.earlier = earlier }

  /// Takes one item of the stream.
  ///
  /// - Parameter isUnterminated: The stream ended in it, so that it may be incomplete.
  mutating func take(_ item: ServerSentEventParser.Item, isUnterminated: Bool) {
    guard refusal == nil, !isMarkedDone else { return }
    switch item {
    case .error(let words): refusal = GeminiRefusal(words: words)
    case .data(let bytes), .bareJSON(let bytes):
      guard !bytes.isEmpty else { return }
      // Proxies that speak for other services end with that mark.
      if bytes.count == Self.endMark.count, bytes == Self.endMark {
        isMarkedDone = true
        return
      }
      do throws(JSONError) {
        let skipsIdentity = model != nil && responseID != nil
        var carried = half
        try GeminiChunk.forEach(in: bytes, skipsIdentity: skipsIdentity, half: &carried) {
          take($0)
        }
        half = carried
      } catch {
        if !isUnterminated, notJSON == nil {
          notJSON = String(decoding: bytes.prefix(200), as: UTF8.self)
        }
      }
    }
  }

  var phase: StreamPhase {
    if isMarkedDone, finishReason?.isEmpty == false { return .over }
    return finishReason?.isEmpty == false ? .ending : .open
  }

  mutating func end() {
    guard half != nil else { return }
    half = nil
    newText += "\u{FFFD}"
    hasText = true
  }

  private mutating func take(_ chunk: borrowing GeminiChunk) {
    if let error = chunk.error { refusal = refusal ?? GeminiRefusal(error: error, httpStatus: 200) }
    guard refusal == nil else { return }
    if !chunk.text.isEmpty {
      newText += chunk.text
      hasText = true
    }
    if !chunk.callParts.isEmpty { callParts += chunk.callParts }
    if let reason = chunk.finishReason, !reason.isEmpty { takeFinishReason(reason) }
    if let field = chunk.oddField, oddField == nil { oddField = field }
    if let reason = chunk.blockReason { blockReason = reason }
    if let name = chunk.model { model = name }
    if let id = chunk.responseID { responseID = id }
    // Counts are cumulative, but a last piece that failed can tell less than the ones before.
    if let new = chunk.usage { usage = (usage ?? TokenUsage()).merged(with: new) }
  }

  /// Older models say `STOP` in every chunk.
  private mutating func takeFinishReason(_ word: String) {
    let known = finishReason.map { AnswerEnd(gemini: $0) }
    if known?.yields(to: AnswerEnd(gemini: word)) ?? true { finishReason = word }
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
      let arguments = call?["args"] ?? .null
      return ToolCall(
        id: call?["id"]?.text ?? "", name: call?["name"]?.text ?? "",
        // Proxies send the text of the object.
        arguments: arguments.text ?? (arguments == .null ? "{}" : arguments.jsonText),
        signature: part["thoughtSignature"]?.text)
    }
  }

  /// Whether thinking used all the tokens, so that asking again with less of it is worth while.
  var lacksRoomForText: Bool {
    finishReason.map { AnswerEnd(gemini: $0) } == .cutByLength && !hasText && callParts.isEmpty
  }

  func summary() throws(ResponderError) -> ResponseSummary {
    if let blockReason {
      throw ResponderError(
        code: .blocked, reason: "the service refused the prompt (\(blockReason))")
    }
    if let notJSON {
      throw ResponderError(
        code: .malformedResponse,
        reason: ResponderError.reason(
          "the service sent what is not JSON: \(notJSON)", without: nil))
    }
    if let oddField { throw .oddField(oddField) }
    guard let finishReason else {
      throw ResponderError(code: .cut, reason: "the answer was cut off")
    }
    let calls = calls
    if calls.contains(where: \.name.isEmpty) { throw .oddField("a call of a tool without a name") }
    var summary = known
    summary.state = try AnswerEnd(gemini: finishReason).state(
      word: finishReason, hasText: hasText, calls: calls)
    return summary
  }
}
