import SessionCore

/// What the service said in place of an answer, as facts.
package struct GeminiRefusal: Error, Sendable, Hashable {
  /// The HTTP status, or the code in the body when it came in the middle of a stream.
  package let httpStatus: Int
  /// The service's own name for it, such as `RESOURCE_EXHAUSTED`.
  package let status: String?
  package let message: String
  /// The reasons of `ErrorInfo` details.
  package let reasons: [String]
  /// The quotas that are used up.
  package let quotaIDs: [String]
  /// Their sizes.
  package let quotaValues: [String]
  /// How long to wait, from `RetryInfo`, the message or the header, the first that is there.
  package let retryDelay: Duration?

  /// Reads an error object.
  package init(error: JSONValue?, httpStatus: Int, retryAfter: String? = nil) {
    let code = error?["code"]?.wholeNumber
    self.httpStatus = httpStatus == 200 ? code ?? 200 : httpStatus
    status = error?["status"]?.text
    message = error?["message"]?.text ?? ""
    let details = error?["details"]?.elements ?? []
    reasons = details.compactMap { $0["reason"]?.text }
    let violations = details.flatMap { $0["violations"]?.elements ?? [] }
    quotaIDs = violations.compactMap { $0["quotaId"]?.text }
    quotaValues = violations.compactMap { value in
      value["quotaValue"]?.text ?? value["quotaValue"]?.wholeNumber.map(String.init)
    }
    retryDelay =
      details.lazy.compactMap { $0["retryDelay"]?.text.flatMap { RetryDelay($0) }?.duration }.first
      ?? RetryDelay(sentenceIn: message)?.duration
      ?? retryAfter.flatMap { RetryDelay(header: $0) }?.duration
  }

  /// Reads the body of a response that is not an answer. It may hold anything: the error alone, in a
  /// list, as an event, or a page for people.
  init(status: Int, body: [UInt8], retryAfter: String?) {
    var error: JSONValue?
    var parser = ServerSentEventParser()
    let take = { (item: ServerSentEventParser.Item) in
      let bytes =
        switch item {
        case .data(let bytes), .bareJSON(let bytes): bytes
        }
      guard error == nil, let document = try? JSONValue(parsing: bytes) else { return }
      error = document["error"] ?? document.elements?.lazy.compactMap { $0["error"] }.first
    }
    // What cannot be read leaves the status to speak for itself.
    try? parser.feed(body, take)
    try? parser.finish(take)
    self.init(error: error, httpStatus: status, retryAfter: retryAfter)
  }

  /// One line for a person: status, name and the beginning of the message.
  func reason(without key: Secret) -> String {
    var text = ([String(httpStatus)] + (status.map { [$0] } ?? [])).joined(separator: " ")
    if quotaIDs.contains(where: Self.isDaily) { text += " PerDay" }
    let sentence = message.prefix { $0 != "\n" }
    if !sentence.isEmpty { text += ": \(sentence)" }
    return ResponderError.reason(text, without: key)
  }

  static func isDaily(_ quotaID: String) -> Bool {
    quotaID.contains("PerDay") || quotaID.contains("Daily")
  }

  /// Whether the model is not offered on the plan at all: a quota of nothing.
  var isNotOffered: Bool {
    quotaValues.contains("0")
      || message.contains(/limit:\s*0(?![0-9.])/)
  }
}

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

  /// Finds `Please retry in 17.98s.`
  package init?(sentenceIn message: String) {
    guard let match = message.firstMatch(of: /[Rr]etry in ([0-9][0-9a-z.]*?)\.?(?![0-9a-z.])/),
      let delay = RetryDelay(String(match.1))
    else { return nil }
    self = delay
  }

  /// Reads a `Retry-After` header in seconds. A date, which services do not send, is not read.
  package init?(header: String) {
    guard let seconds = Double(header.filter { $0 != " " }), seconds >= 0 else { return nil }
    self.init(seconds: seconds)
  }

  private init?(seconds: Double) {
    // Longer than any quota, and short enough for every computation.
    guard seconds.isFinite, seconds <= 366 * 86_400 else { return nil }
    // Up to the next millisecond: who waits less is refused again.
    duration = .milliseconds(Int64((seconds * 1000).rounded(.up)))
  }
}
