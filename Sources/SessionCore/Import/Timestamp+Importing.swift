extension Timestamp {
  /// The moment that another program wrote: seconds, milliseconds, microseconds or nanoseconds
  /// since 1970, as a number or as text, or a date and time of ISO 8601 (UTC where it names no
  /// zone). Nil for anything else, and for what lies before 1990 or after 2100: nobody chatted
  /// then.
  init?(importing value: JSONValue?) {
    let seconds: Double?
    switch value {
    case .integer(let number): seconds = Double(number)
    case .number(let number): seconds = number
    case .string(let text): seconds = Double(text) ?? Self.seconds(ofDate: text)
    default: seconds = nil
    }
    guard var seconds, seconds.isFinite else { return nil }
    for _ in 0..<3 where abs(seconds) >= 1e11 { seconds /= 1000 }
    guard (631_152_000..<4_102_444_800).contains(seconds) else { return nil }
    self.init(milliseconds: Int64((seconds * 1000).rounded()))
  }

  /// Reads `2026-11-25`, `2026-11-25 07:15`, `2026-11-25T07:15:16.123456+01:00` and the like.
  private static func seconds(ofDate text: String) -> Double? {
    var rest = Array(text.utf8.drop { $0 == 0x20 })[...]
    func number(_ digitCount: Int) -> Int? {
      let digits = rest.prefix(digitCount)
      guard digits.count == digitCount, digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
      rest = rest.dropFirst(digitCount)
      return digits.reduce(0) { $0 * 10 + Int($1 & 0xF) }
    }
    func takes(_ characters: String) -> Bool {
      guard let first = rest.first, characters.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4), takes("-"), let month = number(2), takes("-"),
      let day = number(2), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var seconds = Double(days(year: year, month: month, day: day) * 86_400)
    if rest.isEmpty { return seconds }
    guard takes("Tt "), let hour = number(2), takes(":"), let minute = number(2) else { return nil }
    seconds += Double(hour * 3600 + minute * 60)
    if takes(":") {
      guard let second = number(2) else { return nil }
      seconds += Double(second)
      if takes(".,") {
        let digits = rest.prefix { $0 &- 0x30 < 10 }
        rest = rest.dropFirst(digits.count)
        seconds += Double("0." + String(decoding: digits, as: UTF8.self)) ?? 0
      }
    }
    while takes(" ") {}
    if rest.isEmpty || takes("Zz") || rest.elementsEqual("UTC".utf8) { return seconds }
    let isWest = rest.first == UInt8(ascii: "-")
    guard takes("+-"), let hours = number(2) else { return nil }
    _ = takes(":")
    let offset = Double(hours * 3600 + (number(2) ?? 0) * 60)
    return isWest ? seconds + offset : seconds - offset
  }

  /// Days from 1970-01-01 to a date of the Gregorian calendar.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    // Years that begin in March: the day that some of them lack is their last.
    let year = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
