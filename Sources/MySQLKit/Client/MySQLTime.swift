/// What a `TIME` holds: a length of time, or a time of day, from −838:59:59.999999 to
/// 838:59:59.999999.
///
/// Prints as `-12:34:56.5`; orders by length.
public struct MySQLTime: Sendable, Hashable, Comparable {
  /// The length in microseconds.
  public let microseconds: Int64

  /// What a column can hold.
  private static let limit: Int64 = 3_020_399_999_999

  /// So many microseconds; what no column can hold becomes the nearest that one can.
  public init(microseconds: Int64) {
    self.microseconds = min(max(microseconds, -Self.limit), Self.limit)
  }

  /// The same time as a duration, cut to microseconds.
  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let whole = min(max(seconds, -4_000_000), 4_000_000)
    self.init(microseconds: whole * 1_000_000 + attoseconds / 1_000_000_000_000)
  }

  /// The same time as a duration.
  public var duration: Duration { .microseconds(microseconds) }

  /// The shorter of two comes first; a negative one before all others.
  public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
}
