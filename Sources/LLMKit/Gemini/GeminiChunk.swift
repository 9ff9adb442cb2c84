import SessionCore

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
        guard try self.isNext(.array, "candidates", &reader) else { return }
        try reader.readArray { reader throws(JSONError) in
          try self.readCandidate(&reader, &half)
        }
      case "usageMetadata":
        guard try self.isNext(.object, "usageMetadata", &reader) else { return }
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
    guard try isNext(.object, "candidates[]", &reader) else { return }
    let before = self
    let halfBefore = half
    var index = 0
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "content":
        guard try self.isNext(.object, "candidates[].content", &reader) else { return }
        try reader.readObject { name, reader throws(JSONError) in
          guard name == "parts" else { return try reader.skip() }
          guard try self.isNext(.array, "candidates[].content.parts", &reader) else { return }
          try reader.readArray { reader throws(JSONError) in try self.readPart(&reader, &half) }
        }
      case "finishReason":
        guard try self.isNext(.string, "candidates[].finishReason", &reader) else { return }
        self.finishReason = try reader.readString()
      case "index": index = try reader.readInt() ?? 0
      default: try reader.skip()
      }
    }
    // One candidate is asked for; another one would be another answer.
    guard index != 0 else { return }
    self = before
    half = halfBefore
  }

  private mutating func readPart(
    _ reader: inout JSONReader, _ half: inout UInt32?
  ) throws(JSONError) {
    guard try isNext(.object, "candidates[].content.parts[]", &reader) else { return }
    var text: String?
    var isThought = false
    var others: [String: JSONValue] = [:]
    var partHalf = half
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "text":
        guard try self.isNext(.string, "candidates[].content.parts[].text", &reader) else {
          return
        }
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
