import SessionCore

/// One response object: a piece of a stream, or a whole answer. Everything may be missing, and what
/// is not known is passed over.
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

  /// Reads the objects of a document: one, or a list of them.
  ///
  /// - Parameter skipsIdentity: Whether model and response id are known already: they are the same
  ///   in every chunk.
  static func forEach(
    in bytes: [UInt8], skipsIdentity: Bool, _ body: (borrowing GeminiChunk) -> Void
  ) throws(JSONError) {
    try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
      var reader = JSONReader(bytes)
      if bytes.first == UInt8(ascii: "[") {
        var chunks: [GeminiChunk] = []
        try reader.readArray { reader throws(JSONError) in
          var chunk = GeminiChunk()
          try chunk.read(&reader, skipsIdentity: skipsIdentity)
          chunks.append(chunk)
        }
        try reader.end()
        for chunk in chunks { body(chunk) }
      } else {
        var chunk = GeminiChunk()
        try chunk.read(&reader, skipsIdentity: skipsIdentity)
        try reader.end()
        body(chunk)
      }
    }
  }

  private mutating func read(
    _ reader: inout JSONReader, skipsIdentity: Bool
  ) throws(JSONError) {
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "candidates":
        var index = 0
        try reader.readArray { reader throws(JSONError) in
          // One candidate is asked for; another one would be another answer.
          if index == 0 { try self.readCandidate(&reader) } else { try reader.skip() }
          index += 1
        }
      case "usageMetadata": try self.readUsage(&reader)
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

  private mutating func readCandidate(_ reader: inout JSONReader) throws(JSONError) {
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "content":
        try reader.readObject { name, reader throws(JSONError) in
          if name == "parts" {
            try reader.readArray { reader throws(JSONError) in try self.readPart(&reader) }
          } else {
            try reader.skip()
          }
        }
      case "finishReason": self.finishReason = try reader.readString()
      default: try reader.skip()
      }
    }
  }

  private mutating func readPart(_ reader: inout JSONReader) throws(JSONError) {
    var text: String?
    var isThought = false
    var others: [String: JSONValue] = [:]
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "text": text = try reader.readString()
      case "thought": isThought = try reader.readBool() ?? false
      default: others[name.text] = try reader.value()
      }
    }
    if others["functionCall"] != nil {
      if let text { others["text"] = .string(text) }
      callParts.append(.object(others))
    }
    if let text, !isThought {
      if self.text.isEmpty { self.text = text } else { self.text += text }
    }
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
