@_spi(JSON) import SessionCore

/// One document of a service that speaks OpenAI's chat interface: a piece of a stream, or a whole
/// answer. Everything may be missing. What is not known is passed over; what is known and comes in
/// a form that is not is named in ``oddField``.
struct OpenAIChunk: Sendable {
  var text = ""
  var calls: [ToolCallPieces.Piece] = []
  /// The service's word for the end, which may be empty.
  var finishReason: String?
  var usage: TokenUsage?
  var model: String?
  var responseID: String?
  /// Whether the document is an error, or holds one.
  var isError = false
  var oddField: String?

  /// Reads one document.
  ///
  /// - Parameters:
  ///   - skipsIdentity: Whether model and id are known already.
  ///   - half: The half of a character that the text before ended in, and then this one's.
  init(
    _ bytes: [UInt8], skipsIdentity: Bool, half: inout UInt32?
  ) throws(JSONError) {
    // A list is an error's wrapping.
    guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else {
      isError = true
      return
    }
    var carried = half
    try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
      var reader = JSONReader(bytes)
      try read(&reader, skipsIdentity: skipsIdentity, &carried)
      try reader.end()
    }
    half = carried
  }

  private mutating func read(
    _ reader: inout JSONReader, skipsIdentity: Bool, _ half: inout UInt32?
  ) throws(JSONError) {
    var hasChoices = false
    var mayBeError = false
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "choices":
        hasChoices = true
        guard try self.isNext(.array, "choices", &reader) else { return }
        try reader.readArray { reader throws(JSONError) in
          try self.readChoice(&reader, &half)
        }
      case "usage": try self.readUsage("usage", &reader)
      case "x_groq":
        try reader.readObject { name, reader throws(JSONError) in
          switch name {
          case "usage": try self.readUsage("x_groq.usage", &reader)
          case "error": try self.readError(&reader)
          default: try reader.skip()
          }
        }
      case "model" where !skipsIdentity: self.model = try reader.readString()
      case "id" where !skipsIdentity: self.responseID = try reader.readString()
      case "error": try self.readError(&reader)
      case "object": if try reader.readString()?.lowercased() == "error" { self.isError = true }
      case "type": if try reader.readString() == "error" { self.isError = true }
      case "detail", "errors", "message":
        // Words without any choice are not an answer.
        if reader.next != .null { mayBeError = true }
        try reader.skip()
      default: try reader.skip()
      }
    }
    if mayBeError, !hasChoices { isError = true }
  }

  private mutating func readError(_ reader: inout JSONReader) throws(JSONError) {
    switch try reader.value() {
    case .null, .bool(false), "": break
    default: isError = true
    }
  }

  private mutating func readChoice(
    _ reader: inout JSONReader, _ half: inout UInt32?
  ) throws(JSONError) {
    guard try isNext(.object, "choices[]", &reader) else { return }
    let before = self
    let halfBefore = half
    var index = 0
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "index": index = try reader.readInt() ?? 0
      // A server that does not stream sends `message`.
      case "delta", "message":
        guard try self.isNext(.object, "choices[].delta", &reader) else { return }
        try self.readDelta(&reader, &half)
      // Servers of the older interface.
      case "text": try self.readContent("choices[].text", &reader, &half)
      case "finish_reason":
        guard try self.isNext(.string, "choices[].finish_reason", &reader) else { return }
        self.finishReason = try reader.readString()
      case "usage": try self.readUsage("choices[].usage", &reader)
      case "error": try self.readError(&reader)
      default: try reader.skip()
      }
    }
    // One choice is asked for; another one would be another answer.
    guard index != 0 else { return }
    self = before
    half = halfBefore
  }

  private mutating func readDelta(
    _ reader: inout JSONReader, _ half: inout UInt32?
  ) throws(JSONError) {
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "content": try self.readContent("choices[].delta.content", &reader, &half)
      case "refusal": try self.readContent("choices[].delta.refusal", &reader, &half)
      case "tool_calls":
        if reader.next == .object { return try self.readCall(&reader) }
        guard try self.isNext(.array, "choices[].delta.tool_calls", &reader) else { return }
        try reader.readArray { reader throws(JSONError) in try self.readCall(&reader) }
      case "function_call":
        guard try self.isNext(.object, "choices[].delta.function_call", &reader) else { return }
        var piece = ToolCallPieces.Piece()
        try self.readFunction(&reader, &piece)
        self.calls.append(piece)
      // Thoughts stand in fields of their own: `reasoning_content`, `reasoning`, `thinking` …
      default: try reader.skip()
      }
    }
  }

  /// Reads what is said: a text, a list of parts, one part, or null.
  private mutating func readContent(
    _ field: String, _ reader: inout JSONReader, _ half: inout UInt32?
  ) throws(JSONError) {
    switch reader.next {
    case .string:
      let new = try reader.readText(&half) ?? ""
      if text.isEmpty { text = new } else { text += new }
    case .array:
      try reader.readArray { reader throws(JSONError) in
        if reader.next == .array {
          self.oddField = self.oddField ?? field
          return try reader.skip()
        }
        try self.readContent(field, &reader, &half)
      }
    case .object: try readPart(field, &reader, &half)
    case .null: try reader.skip()
    case .other:
      oddField = oddField ?? field
      try reader.skip()
    }
  }

  /// Kinds of parts that are no text of the answer: Mistral's and Anthropic's thoughts, and
  /// Mistral's references to sources.
  private static let silentParts: Set<String> = [
    "thinking", "redacted_thinking", "reasoning", "reference",
  ]

  private mutating func readPart(
    _ field: String, _ reader: inout JSONReader, _ half: inout UInt32?
  ) throws(JSONError) {
    var kind: String?
    var said: String?
    var isOdd = false
    var partHalf = half
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "type": kind = try reader.readString()
      case "text", "refusal":
        switch reader.next {
        case .string: said = try reader.readText(&partHalf)
        case .object:
          // Some wrap it once more.
          let value = try reader.value()["value"]?.text
          said = value
          isOdd = value == nil
        case .null: try reader.skip()
        case .array, .other:
          isOdd = true
          try reader.skip()
        }
      default: try reader.skip()
      }
    }
    if let kind, Self.silentParts.contains(kind) { return }
    if let said {
      text += said
      half = partHalf
    } else if isOdd || kind != "text" {
      oddField = oddField ?? "\(field) of the type '\(kind?.prefix(40) ?? "")'"
    }
  }

  private mutating func readCall(_ reader: inout JSONReader) throws(JSONError) {
    guard try isNext(.object, "choices[].delta.tool_calls[]", &reader) else { return }
    var piece = ToolCallPieces.Piece()
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "index": piece.index = try reader.readInt()
      case "id":
        // Any name will do; a number is one.
        let id = try reader.value()
        piece.id = id.text ?? id.wholeNumber.map(String.init) ?? ""
      case "function":
        guard try self.isNext(.object, "choices[].delta.tool_calls[].function", &reader) else {
          return
        }
        try self.readFunction(&reader, &piece)
      default: try reader.skip()
      }
    }
    calls.append(piece)
  }

  private mutating func readFunction(
    _ reader: inout JSONReader, _ piece: inout ToolCallPieces.Piece
  ) throws(JSONError) {
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "name":
        guard try self.isNext(.string, "choices[].delta.tool_calls[].function.name", &reader)
        else { return }
        piece.name = try reader.readString() ?? ""
      case "arguments":
        switch reader.next {
        case .string: piece.arguments = try reader.readString() ?? ""
        case .object: piece.arguments = try reader.value().jsonText
        case .null: try reader.skip()
        case .array, .other:
          self.oddField =
            self.oddField ?? "choices[].delta.tool_calls[].function.arguments"
          try reader.skip()
        }
      default: try reader.skip()
      }
    }
  }

  private mutating func readUsage(
    _ field: String, _ reader: inout JSONReader
  ) throws(JSONError) {
    guard try isNext(.object, field, &reader) else { return }
    let new = TokenUsage(openAI: try reader.value())
    usage = usage?.merged(with: new) ?? new
  }

  /// Whether a value of this kind comes next. If not, it is passed over; null stands for nothing.
  private mutating func isNext(
    _ kind: JSONReader.Kind, _ field: String, _ reader: inout JSONReader
  ) throws(JSONError) -> Bool {
    let next = reader.next
    if next == kind { return true }
    if next != .null { oddField = oddField ?? field }
    try reader.skip()
    return false
  }
}

extension TokenUsage {
  fileprivate init(openAI json: JSONValue) {
    func count(_ value: JSONValue?) -> Int { max(0, value?.wholeNumber ?? 0) }
    let prompt = count(json["prompt_tokens"])
    let completion = count(json["completion_tokens"])
    let told = count(json["total_tokens"])
    let total = told > 0 ? told : prompt + completion
    let thoughts = count(json["completion_tokens_details"]?["reasoning_tokens"])
    // Most services count reasoning within the completion, some beside it: the sum tells.
    let isWithin = total <= prompt + completion && thoughts <= completion
    self.init(
      promptTokenCount: prompt, answerTokenCount: isWithin ? completion - thoughts : completion,
      thoughtTokenCount: thoughts, totalTokenCount: total,
      cachedTokenCount: json["prompt_tokens_details"]?["cached_tokens"]?.wholeNumber
        ?? json["prompt_cache_hit_tokens"]?.wholeNumber)
  }
}
