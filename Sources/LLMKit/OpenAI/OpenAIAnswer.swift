import SessionCore

/// What has come of an answer, piece by piece, and what it amounts to at its end.
struct OpenAIAnswer: StreamedAnswer {
  private var newText = ""
  private(set) var hasText = false
  private var thoughts = ThoughtFilter()
  /// The half of a character that the text so far ends in.
  private var half: UInt32?
  private var pieces = ToolCallPieces()
  private var finishReason: String?
  private var model: String?
  private var responseID: String?
  private var usage: TokenUsage?
  private let earlier: ResponseSummary?
  private var isMarkedDone = false
  private var notJSON: String?
  private var oddField: String?
  private(set) var refusal: OpenAIRefusal?

  init(after earlier: ResponseSummary? = nil) { self.earlier = earlier }

  var phase: StreamPhase {
    if isMarkedDone { return .over }
    return finishReason?.isEmpty == false ? .ending : .open
  }

  mutating func take(_ item: ServerSentEventParser.Item, isUnterminated: Bool) {
    guard refusal == nil, !isMarkedDone else { return }
    switch item {
    case .error(let words): refusal = OpenAIRefusal(words: words)
    case .data(let bytes), .bareJSON(let bytes):
      guard bytes.contains(where: { $0 > 0x20 }) else { return }
      if bytes.count < 16, bytes.filter({ $0 > 0x20 }).elementsEqual("[DONE]".utf8) {
        isMarkedDone = true
        return
      }
      do throws(JSONError) {
        let skipsIdentity = model != nil && responseID != nil
        let chunk = try OpenAIChunk(bytes, skipsIdentity: skipsIdentity, half: &half)
        take(chunk, bytes)
      } catch {
        if !isUnterminated, notJSON == nil {
          notJSON = String(decoding: bytes.prefix(200), as: UTF8.self)
        }
      }
    }
  }

  private mutating func take(_ chunk: borrowing OpenAIChunk, _ bytes: [UInt8]) {
    if !chunk.text.isEmpty { show(thoughts.text(of: chunk.text)) }
    for piece in chunk.calls { pieces.take(piece) }
    if let name = chunk.model, !name.isEmpty { model = model ?? name }
    if let id = chunk.responseID, !id.isEmpty { responseID = responseID ?? id }
    if let new = chunk.usage { usage = (usage ?? TokenUsage()).merged(with: new) }
    oddField = oddField ?? chunk.oddField
    if let word = chunk.finishReason { takeFinishReason(word) }
    if chunk.isError { refusal = OpenAIRefusal(words: bytes) }
  }

  /// Some services send an empty word where others send null, also behind the real one.
  private mutating func takeFinishReason(_ word: String) {
    guard let known = finishReason, !known.isEmpty else {
      finishReason = word
      return
    }
    guard !word.isEmpty else { return }
    if AnswerEnd(openAI: known).yields(to: AnswerEnd(openAI: word)) { finishReason = word }
  }

  private mutating func show(_ text: String) {
    guard !text.isEmpty else { return }
    newText += text
    hasText = true
  }

  mutating func end() {
    if half != nil { show(thoughts.text(of: "\u{FFFD}")) }
    half = nil
    let held = thoughts.end()
    // Of an answer that was cut nobody knows whether it is the beginning of a thought.
    if phase != .open { show(held) }
  }

  mutating func takeText() -> String? {
    guard !newText.isEmpty else { return nil }
    defer { newText = "" }
    return newText
  }

  /// The calls of tools that it holds. One without arguments is given an empty object.
  var calls: [ToolCall] { pieces.calls }

  var known: ResponseSummary {
    ResponseSummary(
      state: .partial, model: model ?? earlier?.model, usage: usage.adding(earlier?.usage),
      finishReason: finishReason, responseID: responseID ?? earlier?.responseID)
  }

  func summary() throws(ResponderError) -> ResponseSummary {
    if let notJSON {
      throw ResponderError(
        code: .malformedResponse,
        reason: ResponderError.reason(
          "the service sent what is not JSON: \(notJSON)", without: nil))
    }
    if let oddField { throw .oddField(oddField) }
    let calls = calls
    if calls.contains(where: \.name.isEmpty) { throw .oddField("a call of a tool without a name") }
    let end: AnswerEnd
    switch finishReason {
    // A few services never tell a word, and mark the end alone.
    case nil where isMarkedDone: end = calls.isEmpty ? .complete : .toolCalls
    case nil, "": throw ResponderError(code: .cut, reason: "the answer was cut off")
    case let word?: end = AnswerEnd(openAI: word)
    }
    var summary = known
    summary.state = try end.state(
      word: finishReason ?? "no word for its end", hasText: hasText, calls: calls)
    return summary
  }
}
