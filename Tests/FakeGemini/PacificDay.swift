import SessionCore

/// The calendar day in California, where daily quotas begin anew at midnight.
struct PacificDay: Sendable, Hashable {
  /// Days since 1970-01-01 on the calendar of that place.
  let number: Int64

  init(containing moment: Timestamp) {
    let local = moment.milliseconds + Self.offset(at: moment.milliseconds)
    number = Self.floorDivide(local, Self.dayLength)
  }

  private static let dayLength: Int64 = 86_400_000
  private static let hour: Int64 = 3_600_000

  /// Milliseconds to add to UTC: daylight saving since 2007 runs from the second Sunday of March,
  /// 2 o'clock (10:00 UTC), to the first Sunday of November, 2 o'clock (9:00 UTC).
  private static func offset(at milliseconds: Int64) -> Int64 {
    let year = year(of: floorDivide(milliseconds, dayLength))
    let start = sunday(onOrAfter: days(year, 3, 8)) * dayLength + 10 * hour
    let end = sunday(onOrAfter: days(year, 11, 1)) * dayLength + 9 * hour
    return (start..<end).contains(milliseconds) ? -7 * hour : -8 * hour
  }

  private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    value >= 0 ? value / by : -((-value + by - 1) / by)
  }

  private static func sunday(onOrAfter day: Int64) -> Int64 {
    // 1970-01-01 was a Thursday: day 3 is a Sunday.
    let past = ((day - 3) % 7 + 7) % 7
    return past == 0 ? day : day + 7 - past
  }

  private static func year(of day: Int64) -> Int64 {
    var year = 1970 + day / 366
    while days(year + 1, 1, 1) <= day { year += 1 }
    while days(year, 1, 1) > day { year -= 1 }
    return year
  }

  /// Days from 1970-01-01 to a date of the Gregorian calendar.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
