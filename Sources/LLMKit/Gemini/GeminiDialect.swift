import SessionCore

/// What a family of Gemini models understands.
enum GeminiDialect: Sendable, Hashable {
  /// Up to 2.5: a budget for thinking, sampling parameters.
  case budget
  /// From 3 on: a level of thinking; sampling parameters are left out.
  case level

  /// The dialect of `model`. An alias, and a family that is not known yet, are taken for new.
  init(model: String) {
    let isOld = ["gemini-1", "gemini-2", "gemma-"].contains { model.hasPrefix($0) }
    self = isOld ? .budget : .level
  }

  /// The `thinkingConfig` of `model` for an effort.
  func thinkingConfig(_ thinking: GeminiOptions.Thinking, model: String) -> JSONValue {
    let isPro = model.contains("-pro")
    switch self {
    case .level:
      let level =
        switch thinking {
        // The large models cannot think less than this.
        case .least: isPro ? "low" : "minimal"
        case .low: "low"
        case .medium: "medium"
        case .high: "high"
        }
      return ["thinkingLevel": .string(level)]
    case .budget:
      let tokenCount: Int64 =
        switch thinking {
        case .least: isPro ? 128 : 0
        case .low: 1024
        case .medium: 8192
        case .high: isPro ? 32_768 : 24_576
        }
      return ["thinkingBudget": .integer(tokenCount)]
    }
  }
}
