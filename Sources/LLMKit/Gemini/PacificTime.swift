package import SessionCore

/// Midnight in California, where the service's day begins.
///
/// Counts with the rule of the United States since 2007 itself, for a machine may have no time zone
/// data: daylight saving from the second Sunday of March to the first Sunday of November, each at
/// two o'clock.
package enum PacificTime {
  private static let hour: Int64 = 3_600_000
  private static let day: Int64 = 24 * hour

  /// The first midnight after `moment`.
  package static func nextMidnight(after moment: Timestamp) -> Timestamp {
    let local = moment.milliseconds + offset(at: moment.milliseconds)
    let midnight = (floorDivide(local, day) + 1) * day
    // The offset at midnight itself counts: the clock may be changed in between.
    let standard = midnight + 8 * hour
    return Timestamp(milliseconds: midnight - offset(at: standard - hour))
  }

  /// Local time minus UTC, at a moment in milliseconds of UTC.
  private static func offset(at moment: Int64) -> Int64 {
    let year = CivilDate.year(ofDay: floorDivide(moment - 8 * hour, day))
    // Two o'clock standard time is 10:00 UTC, two o'clock daylight time 9:00.
    let start = sunday(number: 2, fromDay: CivilDate.days(year: year, month: 3)) * day + 10 * hour
    let end = sunday(number: 1, fromDay: CivilDate.days(year: year, month: 11)) * day + 9 * hour
    return (start..<end).contains(moment) ? -7 * hour : -8 * hour
  }

  /// The `number`-th Sunday on or after a day, both in days since 1970-01-01, which was a Thursday.
  private static func sunday(number: Int64, fromDay first: Int64) -> Int64 {
    let weekday = (first + 4) % 7
    return first + (7 - weekday) % 7 + 7 * (number - 1)
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }
}
