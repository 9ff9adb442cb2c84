import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A moment on the clock and calendar of the machine.
struct LocalTime: Sendable, Hashable {
  let year: Int
  let month: Int
  let day: Int
  let hour: Int
  let minute: Int

  init(_ moment: Timestamp) {
    var seconds = time_t(moment.milliseconds / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    year = Int(parts.tm_year) + 1900
    month = Int(parts.tm_mon) + 1
    day = Int(parts.tm_mday)
    hour = Int(parts.tm_hour)
    minute = Int(parts.tm_min)
  }

  /// The middle of the day before; a day that is an hour longer or shorter does no harm to it.
  static func dayBefore(_ moment: Timestamp) -> LocalTime {
    let hour = LocalTime(moment).hour
    return LocalTime(moment + .seconds((12 - hour - 24) * 3600))
  }

  var date: String { "\(year)-\(Self.two(month))-\(Self.two(day))" }
  var time: String { "\(Self.two(hour)):\(Self.two(minute))" }
  var dayAndTime: String { "\(date) \(time)" }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
