/// A rough but steady count: a token for every four characters that were begun.
enum TokenCount {
  static func of(_ text: String) -> Int { (text.unicodeScalars.count + 3) / 4 }

  /// Of a request in camel case: contents, instruction and tools.
  static func ofPrompt(_ json: JSONDocument) -> Int {
    let contents = (json["contents"]?.elements ?? []).reduce(0) { $0 + ofContent($1) }
    let instruction = json["systemInstruction"].map(ofContent) ?? 0
    let tools = json["tools"].map { of($0.compact) } ?? 0
    return contents + instruction + tools
  }

  private static func ofContent(_ content: JSONDocument) -> Int {
    (content["parts"]?.elements ?? []).reduce(0) { sum, part in
      if let text = part["text"]?.text { return sum + of(text) }
      if part["inlineData"] != nil || part["fileData"] != nil { return sum + 258 }
      return sum + of(part.compact)
    }
  }
}
