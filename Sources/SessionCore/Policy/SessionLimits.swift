/// How much of the fast tier a scope may hold, and for how long.
///
/// All processes that share a store must use the same limits: the store enforces what its caller
/// brings.
public struct SessionLimits: Sendable, Hashable {
  /// Sessions a scope holds at most. At least 1; the default, 3, is the original application's.
  public let sessionCountMax: Int
  /// Time a session lives after its last use. At least 1 ms; one hour by default.
  public let timeToLive: Duration
  /// Newest messages a session keeps warm; all are counted. At least 1; 200 by default.
  public let windowMessageCountMax: Int

  /// Limits with every part given. A value below its minimum is a programmer's error and traps:
  /// check what comes from outside first.
  public init(
    sessionCountMax: Int = 3, timeToLive: Duration = .seconds(3600),
    windowMessageCountMax: Int = 200
  ) {
    precondition(sessionCountMax >= 1, "a scope holds at least one session")
    precondition(timeToLive >= .milliseconds(1), "a session lives at least one millisecond")
    precondition(windowMessageCountMax >= 1, "a session keeps at least one message")
    self.sessionCountMax = sessionCountMax
    self.timeToLive = timeToLive
    self.windowMessageCountMax = windowMessageCountMax
  }
}
