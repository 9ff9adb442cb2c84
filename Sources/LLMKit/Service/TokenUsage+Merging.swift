import SessionCore

extension TokenUsage {
  /// The larger of each count: what a service tells while it answers only grows.
  func merged(with other: TokenUsage) -> TokenUsage {
    TokenUsage(
      promptTokenCount: max(promptTokenCount, other.promptTokenCount),
      answerTokenCount: max(answerTokenCount, other.answerTokenCount),
      thoughtTokenCount: max(thoughtTokenCount, other.thoughtTokenCount),
      totalTokenCount: max(totalTokenCount, other.totalTokenCount),
      cachedTokenCount: [cachedTokenCount, other.cachedTokenCount].compactMap { $0 }.max())
  }
}
