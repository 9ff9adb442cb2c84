/// A date and a time of day, as a column holds them. The client's sessions count in UTC.
public struct MySQLDateTime: Sendable, Hashable {
  /// 0 … 9999. A year 0 with month 0 is the zero date of lax servers.
  public var year: Int
  /// 1 … 12; 0 in a zero date.
  public var month: Int
  /// 1 … 31; 0 in a zero date.
  public var day: Int
  /// 0 … 23.
  public var hour: Int
  /// 0 … 59.
  public var minute: Int
  /// 0 … 59.
  public var second: Int
  /// 0 … 999 999.
  public var microsecond: Int

  /// A date and time with every part given.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  /// The moment `microseconds` after 1970-01-01 UTC. Nil outside the years 1 … 9999.
  public init?(microseconds: Int64) {
    guard Self.microsecondRange.contains(microseconds) else { return nil }
    let day = floorDivided(microseconds, by: 86_400_000_000)
    let rest = Int(microseconds - day * 86_400_000_000)
    let date = civilDate(daysSince1970: Int(day))
    self.init(
      year: date.year, month: date.month, day: date.day, hour: rest / 3_600_000_000,
      minute: rest / 60_000_000 % 60, second: rest / 1_000_000 % 60, microsecond: rest % 1_000_000)
  }

  /// Microseconds since 1970-01-01 UTC; nil for a zero date.
  public var microseconds: Int64? {
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    let seconds = (hour * 60 + minute) * 60 + second
    return Int64(daysSince1970(year: year, month: month, day: day)) * 86_400_000_000
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

// The calendar of the two functions begins on 1 March, so that the leap day is the last of a year;
// an era is 400 years, 146 097 days (Howard Hinnant, "chrono-compatible low-level date
// algorithms").
private func daysSince1970(year: Int, month: Int, day: Int) -> Int {
  let year = month <= 2 ? year - 1 : year
  let era = (year >= 0 ? year : year - 399) / 400
  let yearOfEra = year - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

private func civilDate(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9)
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
}
