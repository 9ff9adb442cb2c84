/// Counts refusals in a row that named no quota. Those of requests which were under way together
/// say the same thing and count once.
struct UnnamedRefusals: Sendable {
  private var count = 0
  /// The number of the latest one that counted. Who asks keeps it.
  private(set) var latest = 0

  /// The model has answered.
  mutating func noteAnswer() { count = 0 }

  /// Takes note of a refusal, and returns how many there are in a row.
  ///
  /// - Parameter asked: What ``latest`` was when the request was made.
  mutating func note(_ refusal: GeminiRefusal, asked: Int) -> Int {
    guard GeminiRefusalPlan.isUnnamed(refusal) else {
      count = 0
      return 0
    }
    if asked == latest {
      count += 1
      latest += 1
    }
    return count
  }
}
