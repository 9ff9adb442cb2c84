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

  /// Nothing has been traced yet.
  public init() {}
}
