/// Which rules a model follows.
struct ModelFamily: Sendable, Hashable {
  let major: Int
  let minor: Int
  /// What stands behind the version: `flash`, `flash-lite`, `pro` …
  let kind: String

  /// The family of `gemini-2.5-flash` and the like. A rolling alias is one of the newest.
  init(of model: String) {
    let parts = model.split(separator: "-", maxSplits: 2)
    let version = parts.count > 1 ? parts[1].split(separator: ".") : []
    if parts.first == "gemini", let major = version.first.flatMap({ Int($0) }) {
      self.major = major
      minor = version.count > 1 ? Int(version[1]) ?? 0 : 0
      kind = parts.count > 2 ? String(parts[2]) : ""
    } else {
      (major, minor) = (3, 6)
      let name = model.hasPrefix("gemini-") ? model.dropFirst("gemini-".count) : model[...]
      kind = name.hasSuffix("-latest") ? String(name.dropLast("-latest".count)) : String(name)
    }
  }

  /// 3.x and later: levels of thinking, signatures, no penalties, no final turn of the model.
  var isThird: Bool { major >= 3 }
  /// From 3.5 on, calls of functions and their answers carry an id.
  var needsCallIDs: Bool { major > 3 || major == 3 && minor >= 5 }
  private var isLite: Bool { kind.hasPrefix("flash-lite") }
  private var isPro: Bool { kind.hasPrefix("pro") }

  /// The numbers of thinking tokens that may be asked for; beside them −1, the model's choice.
  var thinkingBudgets: ClosedRange<Int64> {
    if isPro { return 128...32_768 }
    return isLite ? 512...24_576 : 1...24_576
  }

  /// Whether a budget of 0 switches thinking off.
  var mayStopThinking: Bool { !isPro }

  /// How many tokens this fake thinks, when it is told nothing.
  var usualThinking: Int { isLite ? 0 : 45 }
}
