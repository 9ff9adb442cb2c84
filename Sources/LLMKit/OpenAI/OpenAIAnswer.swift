import SessionCore

/// What has come of an answer, piece by piece, and what it amounts to at its end.
struct OpenAIAnswer: StreamedAnswer {
  private var newText = ""
  private var hasText = false
  private var callPieces: [Int: ToolCall] = [:]
  private var finishReason: String?
  private var model: String?
  private var responseID: String?
  private var usage: TokenUsage?
  private let earlier: ResponseSummary?
  private var isMarkedDone = false
  private var isMalformed = false
  private(set) var refusal: OpenAIRefusal?

  init(after earlier: ResponseSummary? = nil) { self.earlier = earlier }

  mutating func take(_ item: ServerSentEventParser.Item, isUnterminated: Bool) {
    let bytes =
      switch item {
      case .data(let bytes), .bareJSON(let bytes): bytes
      }
    guard !bytes.isEmpty, refusal == nil else { return }
    if bytes.elementsEqual("[DONE]".utf8) {
      isMarkedDone = true
    } else if let document = try? JSONValue(parsing: bytes) {
      take(document)
    } else if !isUnterminated {
      isMalformed = true
    }
  }

  private mutating func take(_ chunk: JSONValue) {
    if let refusal = OpenAIRefusal(document: chunk, httpStatus: 200) {
      self.refusal = refusal
      return
    }
    model = chunk["model"]?.text ?? model
    responseID = chunk["id"]?.text ?? responseID
    if let new = chunk["usage"], new.fields != nil {
      usage = (usage ?? TokenUsage()).merged(with: TokenUsage(openAI: new))
    }
    // One choice is asked for; another one would be another answer.
    guard let choice = chunk["choices"]?.elements?.first else { return }
    finishReason = choice["finish_reason"]?.text ?? finishReason
    // A server that does not stream sends `message`.
    guard let delta = choice["delta"] ?? choice["message"] else { return }
    let text = (delta["content"]?.text ?? "") + (delta["refusal"]?.text ?? "")
    newText += text
    if !text.isEmpty { hasText = true }
    for (position, piece) in (delta["tool_calls"]?.elements ?? []).enumerated() {
      take(piece, at: piece["index"]?.wholeNumber ?? position)
    }
  }

  /// Calls come in pieces: the name first, then the arguments bit by bit.
  private mutating func take(_ piece: JSONValue, at index: Int) {
    let known = callPieces[index]
    let function = piece["function"]
    let arguments = function?["arguments"]
    callPieces[index] = ToolCall(
      id: known?.id ?? piece["id"]?.text ?? "call-\(index)",
      name: known.flatMap { $0.name.isEmpty ? nil : $0.name } ?? function?["name"]?.text ?? "",
      arguments: (known?.arguments ?? "")
        + (arguments?.text ?? arguments.map { $0.fields == nil ? "" : $0.jsonText } ?? ""))
  }

  mutating func takeText() -> String? {
    guard !newText.isEmpty else { return nil }
    defer { newText = "" }
    return newText
  }

  /// The calls of tools that it holds. One without arguments is given an empty object.
  var calls: [ToolCall] {
    callPieces.sorted { $0.key < $1.key }.map { _, call in
      call.arguments.isEmpty ? ToolCall(id: call.id, name: call.name, arguments: "{}") : call
    }
  }

  var known: ResponseSummary {
    ResponseSummary(
      state: .partial, model: model ?? earlier?.model, usage: usage.adding(earlier?.usage),
      finishReason: finishReason, responseID: responseID ?? earlier?.responseID)
  }

  func summary() throws(ResponderError) -> ResponseSummary {
    if isMalformed {
      throw ResponderError(code: .malformedResponse, reason: "the service sent what is not JSON")
    }
    guard finishReason != nil || isMarkedDone else {
      throw ResponderError(code: .cut, reason: "the answer was cut off")
    }
    if finishReason == "content_filter" {
      throw ResponderError(
        code: .blocked, reason: "the service held the answer back (content_filter)")
    }
    guard hasText || !callPieces.isEmpty else {
      throw finishReason == "length"
        ? ResponderError(
          code: .outOfTokens, reason: "thinking used all the tokens that the answer may have")
        : ResponderError(code: .malformedResponse, reason: "the model gave no text")
    }
    var summary = known
    if finishReason != "length" { summary.state = .complete }
    return summary
  }
}

extension TokenUsage {
  fileprivate init(openAI json: JSONValue) {
    let prompt = json["prompt_tokens"]?.wholeNumber ?? 0
    let completion = json["completion_tokens"]?.wholeNumber ?? 0
    let total = json["total_tokens"]?.wholeNumber ?? prompt + completion
    let thoughts = json["completion_tokens_details"]?["reasoning_tokens"]?.wholeNumber ?? 0
    // Most services count reasoning within the completion, some beside it: the sum tells.
    let isWithin = total == prompt + completion
    self.init(
      promptTokenCount: prompt, answerTokenCount: isWithin ? completion - thoughts : completion,
      thoughtTokenCount: thoughts, totalTokenCount: total,
      cachedTokenCount: json["prompt_tokens_details"]?["cached_tokens"]?.wholeNumber)
  }
}
