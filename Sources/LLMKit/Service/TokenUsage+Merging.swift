import SessionCore

extension TokenUsage {
  /// The larger of each count: what a service tells while it answers only grows.
  func merged(with other: TokenUsage) -> TokenUsage {
    TokenUsage(
      promptTokenCount: max(promptTokenCount, other.promptTokenCount),
      answerTokenCount: max(answerTokenCount, other.answerTokenCount),
      thoughtTokenCount: max(thoughtTokenCount, other.thoughtTokenCount),
      totalTokenCount: max(totalTokenCount, other.totalTokenCount),
      cachedTokenCount: cachedTokenCount.map { max($0, other.cachedTokenCount ?? 0) }
        ?? other.cachedTokenCount)
  }

  /// Both together: what several requests of one turn used.
  static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
    TokenUsage(
      promptTokenCount: left.promptTokenCount + right.promptTokenCount,
      answerTokenCount: left.answerTokenCount + right.answerTokenCount,
      thoughtTokenCount: left.thoughtTokenCount + right.thoughtTokenCount,
      totalTokenCount: left.totalTokenCount + right.totalTokenCount,
      cachedTokenCount: left.cachedTokenCount.map { $0 + (right.cachedTokenCount ?? 0) }
        ?? right.cachedTokenCount)
  }
}

extension TokenUsage? {
  /// Both together, as far as there are any.
  func adding(_ other: TokenUsage?) -> TokenUsage? {
    guard let self, let other else { return self ?? other }
    return self + other
  }
}
