package import SessionCore

/// A time to wait, in the spellings that services use.
package struct RetryDelay: Sendable, Hashable {
  package let duration: Duration

  /// Reads `39s`, `34.074824224s`, `900ms`, `1h2m3.5s`; `0s` is a value.
  package init?(_ text: String) {
    var rest = text[...]
    var seconds = 0.0
    repeat {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let number = Double(digits), number.isFinite else { return nil }
      switch unit {
      case "h": seconds += number * 3600
      case "m": seconds += number * 60
      case "s": seconds += number
      case "ms": seconds += number / 1000
      default: return nil
      }
    } while !rest.isEmpty
    self.init(seconds: seconds)
  }

  /// Finds `Please retry in 17.98s.` and `Please try again in 20s.`
  package init?(sentenceIn message: String) {
    guard
      let match = message.firstMatch(
        of: /(?:[Rr]etry|[Tt]ry again) in ([0-9][0-9a-z.]*?)\.?(?![0-9a-z.])/),
      let delay = RetryDelay(String(match.1))
    else { return nil }
    self = delay
  }

  /// Reads a `Retry-After` header: seconds, or a date, of which what is left from `now` on counts.
  /// One that has passed says nothing: a clock is wrong, and at once is no time to ask again.
  package init?(header: String, now: Timestamp) {
    if let moment = HTTPDate.moment(header, now: now) {
      guard moment > now else { return nil }
      self.init(seconds: Double(moment.milliseconds - now.milliseconds) / 1000)
    } else if let seconds = Double(header.filter { $0 != " " }), seconds >= 0 {
      self.init(seconds: seconds)
    } else {
      return nil
    }
  }

  private init?(seconds: Double) {
    // Longer than any quota, and short enough for every computation.
    guard seconds.isFinite, seconds <= 366 * 86_400 else { return nil }
    // Up to the next millisecond: who waits less is refused again.
    duration = .milliseconds(Int64((seconds * 1000).rounded(.up)))
  }
}

extension HTTPHead {
  /// How long the service asks to wait in its `Retry-After` header, if it has one.
  func retryAfter(now: Timestamp) -> Duration? {
    self["retry-after"].flatMap { RetryDelay(header: $0, now: now) }?.duration
  }
}
