package import SessionCore

/// A moment as HTTP's headers write it.
package enum HTTPDate {
  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, and the two older forms that a client has to take:
  /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. Nil: it is none of them.
  ///
  /// - Parameter now: A year of two digits is the one that is no more than 50 years after it.
  package static func moment(_ text: String, now: Timestamp) -> Timestamp? {
    let words = text.split { $0 == " " || $0 == "," }.map(String.init)
    switch words.count {
    case 6 where words[5] == "GMT":
      return moment(day: words[1], month: words[2], year: Int(words[3]), time: words[4])
    case 4 where words[3] == "GMT":
      let date = words[1].split(separator: "-").map(String.init)
      guard date.count == 3, let short = Int(date[2]), (0...99).contains(short) else { return nil }
      let limit = year(of: now) + 50
      let year = limit - (limit - short) % 100
      return moment(day: date[0], month: date[1], year: year, time: words[2])
    case 5:
      return moment(day: words[2], month: words[1], year: Int(words[4]), time: words[3])
    default: return nil
    }
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func moment(
    day: String, month: String, year: Int?, time: String
  ) -> Timestamp? {
    let clock = time.split(separator: ":").map { Int($0) }
    guard let year, (1970...9999).contains(year), let month = months.firstIndex(of: month),
      let day = Int(day), (1...31).contains(day), clock.count == 3,
      let hours = clock[0], (0...23).contains(hours),
      let minutes = clock[1], (0...59).contains(minutes),
      // A leap second is the one after it.
      let seconds = clock[2], (0...60).contains(seconds)
    else { return nil }
    let days = CivilDate.days(year: Int64(year), month: Int64(month + 1)) + Int64(day - 1)
    let ofDay = Int64((hours * 60 + minutes) * 60 + seconds)
    return Timestamp(milliseconds: (days * 86_400 + ofDay) * 1000)
  }

  private static func year(of moment: Timestamp) -> Int {
    Int(CivilDate.year(ofDay: moment.milliseconds / 86_400_000))
  }
}
