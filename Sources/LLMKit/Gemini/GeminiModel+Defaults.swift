extension GeminiModel {
  /// The models that are asked when none is named, first to last: one that lives and is cheap, and
  /// then aliases that Google moves on, so that no retirement leaves them all dead.
  ///
  /// Source: Google's page of deprecations as of December 2026, which gives no shutdown date for
  /// any of them. When all are refused, ``fallbacks(among:)`` finds others.
  public static let defaultNames = [
    "gemini-3.5-flash-lite", "gemini-flash-lite-latest", "gemini-flash-latest",
  ]

  /// What of the models that the service lists is worth asking when none of those that were named
  /// is there: those that talk, the cheap and new ones first.
  ///
  /// - Parameter models: As ``GeminiResponder/models(_:)`` gives them.
  public static func fallbacks(among models: [GeminiModel]) -> [String] {
    let others = [
      "embedding", "image", "tts", "audio", "live", "vision", "robotics", "computer-use", "aqa",
      "veo", "imagen", "lyria", "learnlm", "deep-research",
    ]
    let talking = models.filter { model in
      model.methods.contains("generateContent") && model.name.hasPrefix("gemini")
        && !others.contains { model.name.contains($0) }
    }
    return talking.sorted { $0.rank > $1.rank }.map(\.name)
  }

  private var rank: Rank {
    let kind =
      name.contains("flash-lite") ? 2 : name.contains("flash") ? 1 : name.contains("pro") ? 0 : -1
    let version = name.split(separator: "-").dropFirst().first.flatMap { Double($0) }
    let isPreview = name.contains("preview") || name.contains("exp")
    return Rank(isFinished: isPreview ? 0 : 1, kind: kind, version: version ?? 0, name: name)
  }

  private struct Rank: Comparable {
    let isFinished: Int
    let kind: Int
    let version: Double
    let name: String

    static func < (left: Rank, right: Rank) -> Bool {
      if left.isFinished != right.isFinished { return left.isFinished < right.isFinished }
      if left.kind != right.kind { return left.kind < right.kind }
      if left.version != right.version { return left.version < right.version }
      return left.name > right.name
    }
  }
}
