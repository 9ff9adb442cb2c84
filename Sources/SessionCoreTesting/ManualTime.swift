public import SessionCore

/// A clock that stands still until a test moves it.
public final class ManualTime: TimeSource {
  private let moment: Locked<Timestamp>

  /// A clock that shows `start`.
  public init(_ start: Timestamp = Timestamp(milliseconds: 1_795_390_000_000)) {
    moment = Locked(start)
  }

  /// What the clock shows.
  public func now() -> Timestamp { moment.withLock { $0 } }

  /// Moves the clock.
  public func advance(by duration: Duration) {
    moment.withLock { $0 = $0 + duration }
  }
}
