import SessionCore

/// What one model allows.
public struct ModelLimits: Sendable, Hashable {
  /// Requests a minute; nil: any number. The bucket refills all the time.
  public var requestsPerMinute: Int?
  /// Requests from one midnight in California to the next; nil: any number.
  public var requestsPerDay: Int?
  /// Tokens of one request.
  public var inputTokenLimit = 1_048_576
  /// Whether refusals carry the ids of a paid plan.
  public var isPaid = false

  /// No limit but the length of one request.
  public init(requestsPerMinute: Int? = nil, requestsPerDay: Int? = nil) {
    self.requestsPerMinute = requestsPerMinute
    self.requestsPerDay = requestsPerDay
  }
}

/// Counts the requests of each model.
struct QuotaBook: Sendable {
  private struct Account {
    var day: PacificDay
    var countToday = 0
    /// What is left for this minute, in 60,000ths of a request: one request a minute gains one of
    /// them a millisecond.
    var minuteLevel: Int64
    var refilled: Timestamp
  }

  private static let wholeRequest: Int64 = 60_000
  private var accounts: [String: Account] = [:]

  /// Counts one request, or says why it may not be.
  mutating func admit(_ model: String, limits: ModelLimits, at now: Timestamp) -> Refusal? {
    let perMinute = Int64(limits.requestsPerMinute ?? 0)
    let today = PacificDay(containing: now)
    var account =
      accounts[model]
      ?? Account(day: today, minuteLevel: perMinute * Self.wholeRequest, refilled: now)
    if account.day != today { (account.day, account.countToday) = (today, 0) }
    account.minuteLevel = min(
      perMinute * Self.wholeRequest,
      account.minuteLevel + max(0, now.milliseconds - account.refilled.milliseconds) * perMinute)
    account.refilled = now
    defer { accounts[model] = account }

    if limits.requestsPerDay == 0 || limits.requestsPerMinute == 0 { return Refusal(.quotaLimit0) }
    var violations: [QuotaViolation] = []
    if let limit = limits.requestsPerDay, account.countToday >= limit {
      violations.append(.requestsPerDay(limit, isPaid: limits.isPaid))
    }
    if let limit = limits.requestsPerMinute, account.minuteLevel < Self.wholeRequest {
      violations.append(.requestsPerMinute(limit, isPaid: limits.isPaid))
    }
    guard violations.isEmpty else {
      var refusal = Refusal(.quota(violations))
      // A day's refusal too names the delay of the minute: the trap for clients that obey it.
      let missing = max(0, Self.wholeRequest - account.minuteLevel)
      let milliseconds = perMinute > 0 ? (missing + perMinute - 1) / perMinute : 17_984
      refusal.retryDelay = Self.seconds(milliseconds)
      return refusal
    }
    account.countToday += 1
    if limits.requestsPerMinute != nil { account.minuteLevel -= Self.wholeRequest }
    return nil
  }

  private static func seconds(_ milliseconds: Int64) -> String {
    let fraction = String(milliseconds % 1000)
    guard milliseconds % 1000 > 0 else { return "\(milliseconds / 1000)s" }
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)s"
  }
}
