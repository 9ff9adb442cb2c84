// How dates and times are written and read: as the server does, so that a text made of a value is
// the same value again, in a program, in JSON and in a statement.

extension MySQLDate: LosslessStringConvertible {
  /// Year, month and day: `2026-02-28`.
  public var description: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }

  /// A day written as ``description`` writes it; nil for any other text.
  public init?(_ text: String) {
    guard let parts = numbers(text, separator: "-", digits: [4, 2, 2]) else { return nil }
    self.init(year: parts[0], month: parts[1], day: parts[2])
  }
}

extension MySQLDateTime: LosslessStringConvertible {
  /// Date and time of day: `2026-02-28 23:59:59.5`. No zeros at the end of a fraction.
  public var description: String {
    let date = MySQLDate(year: year, month: month, day: day)
    let time = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
    return "\(date) \(time)\(fraction(microsecond))"
  }

  /// A moment written as ``description`` writes it, or with a `T` between date and time; nil for
  /// any other text.
  public init?(_ text: String) {
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) {
      $0 == " " || $0 == "T"
    }
    guard parts.count == 2, let date = MySQLDate(String(parts[0])),
      let (time, microsecond) = numbersAndFraction(parts[1], hourDigits: 2...2)
    else { return nil }
    self.init(
      year: date.year, month: date.month, day: date.day, hour: time[0], minute: time[1],
      second: time[2], microsecond: microsecond)
  }
}

extension MySQLTime: LosslessStringConvertible {
  /// Hours, minutes and seconds: `-12:34:56.5`. No zeros at the end of a fraction.
  public var description: String {
    let total = Int(microseconds.magnitude)
    let seconds = total / 1_000_000
    let time = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2))"
    return "\(microseconds < 0 ? "-" : "")\(time):\(padded(seconds % 60, 2))"
      + fraction(total % 1_000_000)
  }

  /// A time written as ``description`` writes it; nil for any other text.
  public init?(_ text: String) {
    let isNegative = text.hasPrefix("-")
    let rest = isNegative ? text.dropFirst() : text[...]
    guard let (time, fraction) = numbersAndFraction(rest, hourDigits: 2...3) else { return nil }
    let seconds = time[0] * 3600 + time[1] * 60 + time[2]
    let microseconds = Int64(seconds) * 1_000_000 + Int64(fraction)
    self.init(microseconds: isNegative ? -microseconds : microseconds)
  }
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

private func fraction(_ microseconds: Int) -> String {
  guard microseconds > 0 else { return "" }
  var digits = padded(microseconds, 6)[...]
  while digits.last == "0" { digits.removeLast() }
  return "." + digits
}

/// Numbers of so many digits each, with this character between them.
private func numbers(
  _ text: some StringProtocol, separator: Character, digits: [Int]
) -> [Int]? {
  let parts = text.split(separator: separator, omittingEmptySubsequences: false)
  guard parts.count == digits.count, zip(parts, digits).allSatisfy({ $0.utf8.count == $1 }) else {
    return nil
  }
  let values = parts.compactMap { number($0) }
  return values.count == parts.count ? values : nil
}

/// `hh:mm:ss` and the microseconds of a fraction of up to six digits.
private func numbersAndFraction(
  _ text: Substring, hourDigits: ClosedRange<Int>
) -> (time: [Int], microsecond: Int)? {
  let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard let first = parts.first, let hours = first.firstIndex(of: ":") else { return nil }
  let count = first.distance(from: first.startIndex, to: hours)
  guard hourDigits.contains(count),
    let time = numbers(first, separator: ":", digits: [count, 2, 2]), time[1] < 60, time[2] < 60
  else { return nil }
  guard parts.count == 2 else { return (time, 0) }
  let digits = parts[1]
  guard (1...6).contains(digits.utf8.count), var microsecond = number(digits) else { return nil }
  for _ in digits.utf8.count..<6 { microsecond *= 10 }
  return (time, microsecond)
}

/// Digits alone: no sign.
private func number(_ text: some StringProtocol) -> Int? {
  text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
}
