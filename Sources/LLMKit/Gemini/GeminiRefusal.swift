package import SessionCore

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
  package init(error: JSONValue?, httpStatus: Int, retryAfter: Duration? = nil) {
    let status = error?["status"]?.text
    self.status = status
    message = error?["message"]?.text ?? error?.text ?? ""
    // An error that came with 200 has its status in its body, as a number or as a name.
    let code = error?["code"]?.wholeNumber.flatMap { (400...599).contains($0) ? $0 : nil }
    self.httpStatus =
      httpStatus == 200 ? code ?? status.flatMap { Self.codes[$0] } ?? 500 : httpStatus
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
      ?? retryAfter
  }

  /// Reads the body of a response that is not an answer. It may hold anything: the error alone, in
  /// a list, as an event, or a page for people.
  init(status: Int, body: [UInt8], retryAfter: Duration?) {
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
    try? parser.feed(body[...], take)
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

  private static let codes = [
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429, "CANCELLED": 499, "UNIMPLEMENTED": 501, "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
  ]

  static func isDaily(_ quotaID: String) -> Bool {
    quotaID.contains("PerDay") || quotaID.contains("Daily")
  }

  /// Whether the model is not offered on the plan at all: a quota of nothing.
  var isNotOffered: Bool {
    quotaValues.contains("0")
      || message.contains(/limit:\s*0(?![0-9.])/)
  }
}
