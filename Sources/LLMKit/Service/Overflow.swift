/// By how much a conversation is longer than a model takes, as far as a refusal says.
package struct Overflow: Sendable, Hashable {
  /// The tokens that a conversation may have.
  package var tokenCountMax: Int?
  /// The tokens that this one has, as the service counts.
  package var tokenCount: Int?

  package init(tokenCountMax: Int? = nil, tokenCount: Int? = nil) {
    self.tokenCountMax = tokenCountMax
    self.tokenCount = tokenCount
  }

  /// Words for what is too long.
  private static let lengthWords = [
    "context", "prompt", "token", "messages", "sequence", "input length", "input is too long",
    "conversation", "n_ctx",
  ]
  /// Words for its being so.
  private static let excessWords = [
    "exceed", "too long", "too large", "longer than", "greater than", "larger than", "more than",
    "too many tokens", "overflow", "reduce the length", "reduce your prompt", "does not fit",
    "cannot fit", "n_keep",
  ]
  /// Words before a number that make it the limit.
  private static let limitWords = [
    "max", "limit", "at most", "up to", "only", "allowed", "exceed", "context length",
    "context size", "context window", "n_ctx", ">", "<=",
  ]
  /// Settings of the request, whose names hold the words above and which say nothing of its length.
  private static let settings = [
    "max_completion_tokens", "max_output_tokens", "max_new_tokens", "maxoutputtokens",
    "max_tokens",
  ]

  /// What a sentence says about length; nil when it is about something else.
  ///
  /// Services word it in dozens of ways. What such sentences have in common is a word for what is
  /// too long, and either a word for its being so, or two numbers of which one is a limit.
  package init?(sentence: String) {
    var text = sentence.lowercased()
    for setting in Self.settings { text = text.replacing(setting, with: "") }
    guard Self.lengthWords.contains(where: text.contains) else { return nil }
    let numbers = Self.numbers(in: text)
    let limits = numbers.filter(\.isLimit).map(\.value)
    let isExcess = Self.excessWords.contains(where: text.contains)
    let isLimited = numbers.count >= 2 && !limits.isEmpty
    guard isExcess || isLimited else { return nil }
    // The length of an answer is another matter, unless that of the conversation is told with it.
    let isAboutAnswer = text.contains("completion token") || text.contains("output token")
    let isAboutConversation = ["context", "prompt", "input", "messages"].contains(
      where: text.contains)
    if isAboutAnswer, !isAboutConversation { return nil }
    // Two numbers, neither of them a limit: the smaller one must be.
    let values = numbers.map(\.value)
    tokenCountMax = limits.min() ?? (numbers.count >= 2 ? values.min() : nil)
    let largest = values.max()
    tokenCount = largest.flatMap { largest in
      tokenCountMax.map { largest > $0 } ?? false ? largest : nil
    }
  }

  private static func numbers(in text: String) -> [(value: Int, isLimit: Bool)] {
    var numbers: [(value: Int, isLimit: Bool)] = []
    var rest = text[...]
    var last: Character = " "
    while let start = rest.firstIndex(where: \.isASCIIDigit) {
      let before = rest[..<start]
      last = before.last ?? last
      let digits = rest[start...].prefix { $0.isASCIIDigit || $0 == "," }
      rest = rest[digits.endIndex...]
      // Not the number in `llama-3.1-8b`, nor what stands behind a point.
      let isPartOfName =
        last.isLetter || last.isNumber || "-_.".contains(last) || rest.first?.isLetter == true
      last = digits.last ?? last
      guard !isPartOfName, let value = Int(digits.filter { $0 != "," }) else { continue }
      let isLimit =
        limitWords.contains { before.suffix(60).contains($0) } || rest.hasPrefix(" max")
        || rest.hasPrefix(" limit")
      numbers.append((value, isLimit))
    }
    return numbers
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
