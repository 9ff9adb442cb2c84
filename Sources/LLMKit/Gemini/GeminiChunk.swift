@_spi(JSON) import SessionCore

/// One response object: a piece of a stream, or a whole answer. Everything may be missing, and what
/// is not known is passed over; what is known and comes in a form that is not is named in
/// ``oddField``.
struct GeminiChunk: Sendable {
  var text = ""
  /// Parts with a function call, whole, as they came: their signatures go back with them.
  var callParts: [JSONValue] = []
  var finishReason: String?
  var blockReason: String?
  var usage: TokenUsage?
  var model: String?
  var responseID: String?
  /// The error object, when this is one.
  var error: JSONValue?
  var oddField: String?

  /// Reads the objects of a document: one, or a list of them.
  ///
  /// - Parameters:
  ///   - skipsIdentity: Whether model and response id are known already: they are the same in every
  ///     chunk.
  ///   - half: The half of a character that the text before ended in, and then this one's.
  static func forEach(
    in bytes: [UInt8], skipsIdentity: Bool, half: inout UInt32?,
    _ body: (borrowing GeminiChunk) -> Void
  ) throws(JSONError) {
    var carried = half
    defer { half = carried }
    try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
      var reader = JSONReader(bytes)
      if bytes.first == UInt8(ascii: "[") {
        var chunks: [GeminiChunk] = []
        try reader.readArray { reader throws(JSONError) in
          var chunk = GeminiChunk()
          try chunk.read(&reader, skipsIdentity: skipsIdentity, &carried)
          chunks.append(chunk)
        }
        try reader.end()
        for chunk in chunks { body(chunk) }
      } else {
        var chunk = GeminiChunk()
        try chunk.read(&reader, skipsIdentity: skipsIdentity, &carried)
        try reader.end()
        body(chunk)
      }
    }
  }

  private mutating func read(
    _ reader: inout JSONReader, skipsIdentity: Bool, _ half: inout UInt32?
  ) throws(JSONError) {
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "candidates":
        guard try reader.isNext(.array, "candidates", &self.oddField) else { return }
        try reader.readArray { reader throws(JSONError) in
          try self.readCandidate(&reader, &half)
        }
      case "usageMetadata":
        guard try reader.isNext(.object, "usageMetadata", &self.oddField) else { return }
        try self.readUsage(&reader)
      case "modelVersion" where !skipsIdentity: self.model = try reader.readString()
      case "responseId" where !skipsIdentity: self.responseID = try reader.readString()
      case "promptFeedback":
        try reader.readObject { name, reader throws(JSONError) in
          if name == "blockReason" {
            self.blockReason = try reader.readString()
          } else {
            try reader.skip()
          }
        }
      case "error":
        let error = try reader.value()
        if error != .null { self.error = error }
      default: try reader.skip()
      }
    }
  }

  private mutating func readCandidate(
    _ reader: inout JSONReader, _ half: inout UInt32?
  ) throws(JSONError) {
    guard try reader.isNext(.object, "candidates[]", &oddField) else { return }
    var candidate = Candidate(half: half)
    try candidate.read(&reader)
    // One candidate is asked for; another one would be another answer.
    guard candidate.index == 0 else { return }
    half = candidate.half
    if text.isEmpty { text = candidate.text } else { text += candidate.text }
    if !candidate.callParts.isEmpty { callParts += candidate.callParts }
    finishReason = candidate.finishReason ?? finishReason
    oddField = oddField ?? candidate.oddField
  }

  private mutating func readUsage(_ reader: inout JSONReader) throws(JSONError) {
    var usage = TokenUsage()
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "promptTokenCount": usage.promptTokenCount = try reader.readInt() ?? 0
      case "candidatesTokenCount": usage.answerTokenCount = try reader.readInt() ?? 0
      case "thoughtsTokenCount": usage.thoughtTokenCount = try reader.readInt() ?? 0
      case "totalTokenCount": usage.totalTokenCount = try reader.readInt() ?? 0
      case "cachedContentTokenCount": usage.cachedTokenCount = try reader.readInt()
      default: try reader.skip()
      }
    }
    self.usage = usage
  }
}

/// One of the answers in a chunk.
private struct Candidate {
  /// The half of a character that the text before ended in, and then this one's.
  var half: UInt32?
  var index = 0
  var text = ""
  var callParts: [JSONValue] = []
  var finishReason: String?
  var oddField: String?

  init(half: UInt32?) { self.half = half }

  mutating func read(_ reader: inout JSONReader) throws(JSONError) {
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "content":
        guard try reader.isNext(.object, "candidates[].content", &self.oddField) else { return }
        try reader.readObject { name, reader throws(JSONError) in
          guard name == "parts" else { return try reader.skip() }
          guard try reader.isNext(.array, "candidates[].content.parts", &self.oddField) else {
            return
          }
          try reader.readArray { reader throws(JSONError) in try self.readPart(&reader) }
        }
      case "finishReason":
        guard try reader.isNext(.string, "candidates[].finishReason", &self.oddField) else {
          return
        }
        self.finishReason = try reader.readString()
      case "index": self.index = try reader.readInt() ?? 0
      default: try reader.skip()
      }
    }
  }

  private mutating func readPart(_ reader: inout JSONReader) throws(JSONError) {
    guard try reader.isNext(.object, "candidates[].content.parts[]", &oddField) else { return }
    var text: String?
    var isThought = false
    var others: [String: JSONValue] = [:]
    var partHalf = half
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "text":
        guard
          try reader.isNext(.string, "candidates[].content.parts[].text", &self.oddField)
        else { return }
        text = try reader.readText(&partHalf)
      case "thought": isThought = try reader.readBool() ?? false
      default: others[name.text] = try reader.value()
      }
    }
    if let call = others["functionCall"], call != .null {
      // Only where asked for do arguments come bit by bit.
      let isOdd = call.fields == nil || call["partialArgs"] != nil
      if isOdd { oddField = oddField ?? "candidates[].content.parts[].functionCall" }
      if let text { others["text"] = .string(text) }
      callParts.append(.object(others))
    }
    if let text, !isThought {
      half = partHalf
      if self.text.isEmpty { self.text = text } else { self.text += text }
    }
  }
}

extension JSONReader {
  /// Whether a value of this kind comes next. If not, it is passed over, and is the odd field when
  /// it is the first; null stands for nothing.
  fileprivate mutating func isNext(
    _ kind: Kind, _ field: StaticString, _ oddField: inout String?
  ) throws(JSONError) -> Bool {
    let next = next
    if next == kind { return true }
    if next != .null { oddField = oddField ?? field.description }
    try skip()
    return false
  }
}
