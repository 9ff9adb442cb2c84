/// How long to wait before the next attempt to connect.
struct ReconnectPause {
  /// In nanoseconds.
  var longest: Int64
  private var failureCount = 0

  /// Pauses up to `longest`.
  init(longest: Duration) { self.longest = longest.nanoseconds }

  /// The pause after one more failure, in nanoseconds: twice the one before, from a fortieth of the
  /// longest, less up to a half by chance, so that many clients do not come back all at once.
  mutating func next(using random: inout some RandomNumberGenerator) -> Int64 {
    let whole = min(longest, (longest / 40) << Int64(min(failureCount, 16)))
    failureCount += 1
    return Int64.random(in: (whole / 2)...max(whole, whole / 2), using: &random)
  }

  /// An attempt went well.
  mutating func reset() { failureCount = 0 }
}
