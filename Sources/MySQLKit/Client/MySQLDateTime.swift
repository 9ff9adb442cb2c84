/// A date and a time of day, as a column holds them. The client's sessions count in UTC.
///
/// Prints as `2026-02-28 23:59:59.5`; orders by time. Numbers beyond what a part can hold become
/// the nearest one that it can.
public struct MySQLDateTime: Sendable, Hashable, Comparable {
  // One number, so that a value of a row stays small; larger is later.
  private var packed: UInt64

  /// 0 … 9999. A year 0 with month 0 is the zero date of lax servers.
  public var year: Int {
    get { self[46, 14] }
    set { self[46, 14] = newValue }
  }
  /// 1 … 12; 0 in a zero date.
  public var month: Int {
    get { self[42, 4] }
    set { self[42, 4] = newValue }
  }
  /// 1 … 31; 0 in a zero date.
  public var day: Int {
    get { self[37, 5] }
    set { self[37, 5] = newValue }
  }
  /// 0 … 23.
  public var hour: Int {
    get { self[32, 5] }
    set { self[32, 5] = newValue }
  }
  /// 0 … 59.
  public var minute: Int {
    get { self[26, 6] }
    set { self[26, 6] = newValue }
  }
  /// 0 … 59.
  public var second: Int {
    get { self[20, 6] }
    set { self[20, 6] = newValue }
  }
  /// 0 … 999 999.
  public var microsecond: Int {
    get { self[0, 20] }
    set { self[0, 20] = newValue }
  }

  private subscript(shift: UInt64, width: UInt64) -> Int {
    get { Int(packed >> shift & (1 << width - 1)) }
    set {
      let mask: UInt64 = (1 << width - 1) << shift
      packed = packed & ~mask | Self.part(newValue, shift, width)
    }
  }

  private static func part(_ number: Int, _ shift: UInt64, _ width: UInt64) -> UInt64 {
    UInt64(min(max(number, 0), 1 << width - 1)) << shift
  }

  /// A date, and a time of day; midnight unless it is given.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    packed =
      Self.part(year, 46, 14) | Self.part(month, 42, 4) | Self.part(day, 37, 5)
      | Self.part(hour, 32, 5) | Self.part(minute, 26, 6) | Self.part(second, 20, 6)
      | Self.part(microsecond, 0, 20)
  }

  /// The earlier of two comes first.
  public static func < (left: Self, right: Self) -> Bool { left.packed < right.packed }

  /// The moment `microseconds` after 1970-01-01 UTC. Nil outside the years 1 … 9999.
  public init?(microseconds: Int64) {
    guard Self.microsecondRange.contains(microseconds) else { return nil }
    let day = floorDivided(microseconds, by: 86_400_000_000)
    let rest = Int(microseconds - day * 86_400_000_000)
    let date = MySQLDate(daysSince1970: Int(day))
    self.init(
      year: date.year, month: date.month, day: date.day, hour: rest / 3_600_000_000,
      minute: rest / 60_000_000 % 60, second: rest / 1_000_000 % 60, microsecond: rest % 1_000_000)
  }

  /// Microseconds since 1970-01-01 UTC; nil for a zero date.
  public var microseconds: Int64? {
    guard let days = MySQLDate(year: year, month: month, day: day).daysSince1970 else { return nil }
    let seconds = (hour * 60 + minute) * 60 + second
    return Int64(days) * 86_400_000_000
      + Int64(seconds) * 1_000_000 + Int64(microsecond)
  }

  /// The moments that a column can hold: the years 1 … 9999.
  static let microsecondRange: ClosedRange<Int64> =
    -62_135_596_800_000_000...253_402_300_799_999_999
}

private func floorDivided(_ value: Int64, by divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}
