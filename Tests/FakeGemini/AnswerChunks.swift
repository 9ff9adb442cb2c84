/// The chunks of an answer with status 200, as JSON: what a stream sends one by one and a single
/// answer sums up.
struct AnswerChunks {
  private let request: GeminiRequest
  private let plan: AnswerPlan
  private let pieces: [String]
  private let usage: AnswerUsage
  private let version: String
  private let responseID: String

  init(
    _ request: GeminiRequest, plan: AnswerPlan, pieces: [String], version: String, number: Int
  ) {
    self.request = request
    self.plan = plan
    self.pieces = pieces
    self.version = plan.modelVersion ?? version
    usage = AnswerUsage(request)
    responseID = "fake\(number)-\(TokenCount.of(request.lastUserText))"
  }

  /// Everything up to the middle, and everything from there to the end.
  func parts() -> (before: [JSONDocument], after: [JSONDocument]) {
    if let reason = plan.blockReason { return ([blocked(reason)], []) }
    if plan.isAllThinking { return ([allThinking], []) }
    if let calls = CallAnswer(request, count: plan.callCount, rounds: plan.roundCount) {
      return ([chunk(calls.parts, finish: nil), last("STOP", sum: 12)], [])
    }
    let (texts, reason) = textChunks()
    let leading = plan.extra == .thought ? [thought] : []
    guard plan.middle != nil || plan.extra == .usageOnly || plan.extra == .emptyContents else {
      return (leading + texts + [last(reason, sum: usage.sum(pieces))], [])
    }
    let before = Array(texts.prefix(plan.chunkCountBefore))
    let rest = Array(texts.dropFirst(plan.chunkCountBefore))
    let whole = rest + [last(reason, sum: usage.sum(pieces))]
    let sum = usage.sum(pieces.prefix(plan.chunkCountBefore))
    switch (plan.middle, plan.extra) {
    case (.finish(let reason), _): return (leading + before + [bare(reason, sum: sum)], [])
    case (.malformedCall, _): return (leading + before + [malformedCall(sum: sum)], [])
    case (.end, _): return (leading + before, [])
    case (_, .usageOnly): return (before + [metadata(sum: sum)], whole)
    case (_, .emptyContents): return (before + emptyContents(sum: sum), whole)
    default: return (leading + before, whole)
    }
  }

  // MARK: - Chunks

  private func textChunks() -> (chunks: [JSONDocument], finish: String) {
    var chunks: [JSONDocument] = []
    var sum = 0
    for piece in pieces {
      sum += TokenCount.of(piece)
      if let limit = usage.outputLimit, sum + usage.thoughts > limit {
        return (chunks, "MAX_TOKENS")
      }
      chunks.append(
        chunk(
          textParts(piece), finish: plan.stopsEverywhere ? "STOP" : nil, sum: sum))
    }
    return (chunks, plan.finishReason)
  }

  private func textParts(_ piece: String) -> [JSONDocument] {
    guard plan.isMultipart, piece.count > 1 else { return [["text": .string(piece)]] }
    let half = piece.index(piece.startIndex, offsetBy: piece.count / 2)
    return [["text": .string(String(piece[..<half]))], ["text": .string(String(piece[half...]))]]
  }

  private func chunk(_ parts: [JSONDocument], finish: String?, sum: Int = 12) -> JSONDocument {
    var candidate: JSONDocument = ["content": ["parts": .array(parts), "role": "model"]]
    candidate.append("finishReason", finish.map { .string($0) })
    candidate.append("index", 0)
    return with(candidate, sum: sum)
  }

  private func last(_ reason: String, sum: Int) -> JSONDocument {
    var part: JSONDocument = ["text": ""]
    if plan.isSigned { part.append("thoughtSignature", "c2lnbmF0dXJlIG9mIGEgdGhvdWdodA==") }
    return chunk([part], finish: reason, sum: sum)
  }

  /// A candidate without content.
  private func bare(_ reason: String, sum: Int) -> JSONDocument {
    with(
      [
        "finishReason": .string(reason), "index": 0,
        "safetyRatings": [
          [
            "category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": true,
          ]
        ],
      ], sum: sum)
  }

  private var thought: JSONDocument {
    chunk([["text": "**Weighing the question**\n", "thought": true]], finish: nil, sum: 0)
  }

  private func metadata(sum: Int) -> JSONDocument { with(nil, sum: sum) }

  private func emptyContents(sum: Int) -> [JSONDocument] {
    [
      with(["index": 0], sum: sum),
      with(["content": [:], "index": 0], sum: sum),
      with(["content": ["role": "model"]], sum: sum),
      chunk([["text": ""]], finish: nil, sum: sum),
    ]
  }

  private func blocked(_ reason: String) -> JSONDocument {
    [
      "promptFeedback": [
        "blockReason": .string(reason),
        "safetyRatings": [
          ["category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH"]
        ],
      ],
      "usageMetadata": usage.json(sum: 0, hasThoughts: false),
      "modelVersion": .string(version), "responseId": .string(responseID),
    ]
  }

  private var allThinking: JSONDocument {
    var usage = usage
    usage.thoughts = usage.outputLimit ?? 65_536
    return [
      "candidates": [
        ["content": ["role": "model"], "finishReason": "MAX_TOKENS", "index": 0]
      ],
      "usageMetadata": usage.json(sum: 0), "modelVersion": .string(version),
      "responseId": .string(responseID),
    ]
  }

  /// Counts fewer tokens than the chunks before: thoughts are missing.
  private func malformedCall(sum: Int) -> JSONDocument {
    [
      "candidates": [
        [
          "finishReason": "MALFORMED_FUNCTION_CALL", "index": 0,
          "finishMessage": "Malformed function call: print(default_api.lookup(",
        ]
      ],
      "usageMetadata": usage.json(sum: max(0, sum - 1), hasThoughts: false),
      "modelVersion": .string(version), "responseId": .string(responseID),
    ]
  }

  private func with(_ candidate: JSONDocument?, sum: Int) -> JSONDocument {
    var chunk: JSONDocument = [:]
    chunk.append("candidates", candidate.map { [$0] })
    chunk.append("usageMetadata", usage.json(sum: sum))
    chunk.append("modelVersion", .string(version))
    chunk.append("responseId", .string(responseID))
    return chunk
  }
}

/// The numbers of tokens of one answer.
struct AnswerUsage {
  let prompt: Int
  var thoughts: Int
  /// What thoughts and answer may have together.
  let outputLimit: Int?

  init(_ request: GeminiRequest) {
    prompt = TokenCount.ofPrompt(request.json)
    let config = request.json["generationConfig"]
    outputLimit = config?["maxOutputTokens"]?.wholeNumber.map { Int($0) }
    let family = ModelFamily(of: request.model)
    let thinking = config?["thinkingConfig"]
    thoughts =
      switch (thinking?["thinkingLevel"]?.text, thinking?["thinkingBudget"]?.wholeNumber) {
      case ("MINIMAL", _): 0
      case ("LOW", _): 16
      case ("HIGH", _): 120
      case (_, let budget?) where budget >= 0: min(45, Int(budget))
      default: family.usualThinking
      }
  }

  func sum(_ pieces: some Sequence<String>) -> Int {
    pieces.reduce(0) { $0 + TokenCount.of($1) }
  }

  func json(sum: Int, hasThoughts: Bool = true) -> JSONDocument {
    let thoughts = hasThoughts ? self.thoughts : 0
    var json: JSONDocument = ["promptTokenCount": .integer(Int64(prompt))]
    if sum > 0 { json.append("candidatesTokenCount", .integer(Int64(sum))) }
    json.append("totalTokenCount", .integer(Int64(prompt + sum + thoughts)))
    json.append(
      "promptTokensDetails",
      [["modality": "TEXT", "tokenCount": .integer(Int64(prompt))]])
    if thoughts > 0 { json.append("thoughtsTokenCount", .integer(Int64(thoughts))) }
    return json
  }
}

/// Calls of the function that was declared first, unless there were enough rounds of calls since
/// the user last spoke.
struct CallAnswer {
  let parts: [JSONDocument]

  init?(_ request: GeminiRequest, count: Int, rounds: Int) {
    let tools = request.json["tools"]?.elements ?? []
    let function = tools.lazy.compactMap { $0["functionDeclarations"]?[0] }.first
    let question = request.turns.lastIndex { $0.role == "user" && !$0.text.isEmpty } ?? 0
    let answered = (request.json["contents"]?.elements ?? []).dropFirst(question + 1).count {
      $0["parts"]?.elements?.contains { $0["functionResponse"] != nil } == true
    }
    guard count > 0, let function, let name = function["name"]?.text, answered < rounds else {
      return nil
    }
    let family = ModelFamily(of: request.model)
    let arguments = Self.arguments(function, saying: request.lastUserText)
    parts = (1...count).map { number in
      var call: JSONDocument = [:]
      if family.needsCallIDs { call.append("id", .string("call-\(request.turns.count)-\(number)")) }
      call.append("name", .string(name))
      call.append("args", arguments)
      var part: JSONDocument = ["functionCall": call]
      if family.isThird, number == 1 {
        part.append("thoughtSignature", "c2lnbmF0dXJlIG9mIGEgY2FsbA==")
      }
      return part
    }
  }

  private static func arguments(_ function: JSONDocument, saying text: String) -> JSONDocument {
    let schema = function["parameters"] ?? function["parametersJsonSchema"]
    return .object(
      (schema?["properties"]?.members ?? []).map { property in
        let value: JSONDocument =
          switch property.value["type"]?.text?.uppercased() {
          case "INTEGER", "NUMBER": 1
          case "BOOLEAN": true
          case "ARRAY": []
          case "OBJECT": [:]
          default: .string(text)
          }
        return JSONMember(property.name, value)
      })
  }
}
