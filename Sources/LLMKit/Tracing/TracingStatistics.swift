/// What has become of the spans and scores of a process.
public struct TracingStatistics: Sendable, Hashable {
  /// Taken by the server.
  public internal(set) var sentCount = 0
  /// Not taken by the server for what they are: sending them again would change nothing.
  public internal(set) var refusedCount = 0
  /// Never taken by the server: too many waited, the server could not be reached often enough, the
  /// program ended first, or tracing was disabled.
  public internal(set) var droppedCount = 0
  /// Requests that were sent again.
  public internal(set) var retriedCount = 0
  /// Not sent yet.
  public internal(set) var waitingCount = 0
  /// Whether nothing is sent any more, for now or for good.
  public internal(set) var isDisabled = false
  /// What went wrong last; holds no key.
  public internal(set) var lastProblem: String?
  /// Spans and scores that the server did not take, by what it said; at most 16 reasons, and
  /// `"other"` for the rest. They add up to ``refusedCount``. Holds no key.
  public internal(set) var refusedCounts: [String: Int] = [:]

  /// Nothing has been traced yet.
  public init() {}

  private static let reasonCountMax = 16

  /// Counts what the server did not take.
  mutating func refuse(_ count: Int, _ reason: String) {
    guard count > 0 else { return }
    refusedCount += count
    lastProblem = reason
    let isKnown = refusedCounts[reason] != nil || refusedCounts.count < Self.reasonCountMax
    refusedCounts[isKnown ? reason : "other", default: 0] += count
  }
}

/// What a tracing server has against what it is sent.
public struct TracingProblem: Sendable, Hashable {
  /// What can be done about it.
  public enum Kind: Sendable, Hashable {
    /// The server cannot be reached, or has trouble of its own: try later.
    case unreachable
    /// The keys are not accepted; they may be those of another region.
    case credentials
    /// The plan's limit is reached, or the keys may not do this.
    case suspended
    /// The server does not take what it is sent: it may be no tracing server.
    case refused
  }

  /// What can be done about it.
  public let kind: Kind
  /// One line for a person; holds no key.
  public let reason: String

  package init(kind: Kind, reason: String) {
    self.kind = kind
    self.reason = reason
  }
}
