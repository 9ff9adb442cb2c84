/// A day of the calendar: what a `DATE` holds.
///
/// Prints as `2026-02-28`; orders by time. Numbers beyond what a part can hold become the nearest
/// one that it can.
public struct MySQLDate: Sendable, Hashable, Comparable {
  private var moment: MySQLDateTime

  /// 0 … 9999. A year 0 with month 0 is the zero date of lax servers.
  public var year: Int {
    get { moment.year }
    set { moment.year = newValue }
  }
  /// 1 … 12; 0 in a zero date.
  public var month: Int {
    get { moment.month }
    set { moment.month = newValue }
  }
  /// 1 … 31; 0 in a zero date.
  public var day: Int {
    get { moment.day }
    set { moment.day = newValue }
  }

  /// A day. Whether the month has so many is not checked here; the server does.
  public init(year: Int, month: Int, day: Int) {
    moment = MySQLDateTime(year: year, month: month, day: day)
  }

  /// The day so many days after 1970-01-01. Years outside 0 … 9999 become the nearest one.
  public init(daysSince1970 days: Int) {
    // Beyond a million years the calendar below would overflow.
    let date = civil(min(max(days, -366_000_000), 366_000_000))
    self.init(year: min(date.year, 9999), month: date.month, day: date.day)
  }

  /// Days since 1970-01-01; nil for a zero date.
  public var daysSince1970: Int? {
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    return days(year: year, month: month, day: day)
  }

  /// The earlier of two comes first.
  public static func < (left: Self, right: Self) -> Bool { left.moment < right.moment }
}

// The calendar of the two functions begins on 1 March, so that the leap day is the last of a year;
// an era is 400 years, 146 097 days (Howard Hinnant, "chrono-compatible low-level date
// algorithms").
private func days(year: Int, month: Int, day: Int) -> Int {
  let year = month <= 2 ? year - 1 : year
  let era = (year >= 0 ? year : year - 399) / 400
  let yearOfEra = year - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

private func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
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
