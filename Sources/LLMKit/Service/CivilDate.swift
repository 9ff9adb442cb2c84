/// Days of the calendar, counted since 1970-01-01.
enum CivilDate {
  /// Days from 1970-01-01 to the first of a month.
  static func days(year: Int64, month: Int64) -> Int64 {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let before = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][Int(month)]
    let past = year - 1
    let leapDays = past / 4 - past / 100 + past / 400 - 477
    return (year - 1970) * 365 + leapDays + Int64(before) + (isLeap && month > 2 ? 1 : 0)
  }

  /// The year that a day is in.
  static func year(ofDay day: Int64) -> Int64 {
    // Never too late: no year has more days.
    var year = 1970 + (day < 0 ? day / 365 - 1 : day / 366)
    while days(year: year + 1, month: 1) <= day { year += 1 }
    return year
  }
}
