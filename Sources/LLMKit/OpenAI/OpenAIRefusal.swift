package import SessionCore

/// What a service said in place of an answer, as facts. Services agree on the status and on little
/// else: the error is an object, a text, or the whole document.
package struct OpenAIRefusal: Error, Sendable, Hashable {
  package let httpStatus: Int
  /// The service's own names for it.
  package let names: [String]
  package let message: String
  /// How long to wait, as far as anybody said.
  package let retryDelay: Duration?

  /// Reads a document. Nil when it is no error and came with status 200.
  ///
  /// - Parameter delay: How long to wait, as far as the headers say.
  init?(document: JSONValue?, httpStatus: Int, delay: Duration? = nil) {
    var error = document?["error"]
    if error == .null { error = nil }
    if error == nil, document?["object"]?.text == "error" { error = document }
    if error == nil, httpStatus == 200 { return nil }
    names = [error?["code"], error?["type"], document?["code"]].compactMap { $0?.text }
    message =
      error?.text ?? error?["message"]?.text ?? document?["detail"]?.text
      ?? document?["message"]?.text ?? ""
    let code = error?["code"]?.wholeNumber
    self.httpStatus =
      if httpStatus != 200 { httpStatus } else if let code, (400...599).contains(code) { code } else
      {
        names.contains { $0.contains("rate_limit") } ? 429 : 500
      }
    retryDelay = delay ?? RetryDelay(sentenceIn: message)?.duration
  }

  /// Reads the response to a request that was not answered.
  init(_ response: HTTPHead, body: [UInt8], now: Timestamp) {
    // What cannot be read leaves the status to speak for itself; it is not 200.
    let document = try? JSONValue(parsing: body)
    let delay = Self.delay(response, now)
    self =
      OpenAIRefusal(document: document, httpStatus: response.status, delay: delay)
      ?? OpenAIRefusal(status: response.status)
  }

  private init(status: Int) {
    httpStatus = status
    names = []
    message = ""
    retryDelay = nil
  }

  private static func delay(_ head: HTTPHead, _ now: Timestamp) -> Duration? {
    if let milliseconds = head["retry-after-ms"].flatMap({ RetryDelay($0 + "ms") }) {
      return milliseconds.duration
    }
    if let delay = head.retryAfter(now: now) { return delay }
    // The limit that is used up says when it is filled again.
    for limit in ["requests", "tokens"] where head["x-ratelimit-remaining-\(limit)"] == "0" {
      if let delay = head["x-ratelimit-reset-\(limit)"].flatMap({ RetryDelay($0) }) {
        return delay.duration
      }
    }
    return nil
  }

  /// Whether the conversation is longer than the model takes.
  package var isTooLong: Bool {
    guard httpStatus == 400 || httpStatus == 413 else { return false }
    return names.contains("context_length_exceeded") || names.contains("exceed_context_size_error")
      || message.contains(/maximum context length|available context size/)
  }

  /// The tokens that a conversation which is too long may have, if the service said.
  package var tokenCountMax: Int? {
    message.firstMatch(of: /maximum context length is ([0-9]+)/).flatMap { Int($0.1) }
  }

  /// For how long a model is left alone whose account has no credit: nobody says when it will.
  static let creditPause = Duration.seconds(3600)

  /// The refusal as an error of the turn. The first rule that fits counts.
  package func error(at now: Timestamp, key: Secret?) -> ResponderError {
    let code: ResponderError.Code
    var retryAt = retryDelay.map { now + $0 }
    switch httpStatus {
    case 401, 403: code = .credentials
    case 400 where namesBadKey: code = .credentials
    case 404: code = .modelUnavailable
    case 402, 429:
      code = .quotaExhausted
      if httpStatus == 402 || names.contains("insufficient_quota") {
        retryAt = now + Self.creditPause
      }
    case 408, 504: code = .timedOut
    case 409, 499, 500...599: code = .overloaded
    default: code = .invalidRequest
    }
    let name = names.first.map { " \($0)" } ?? ""
    let said = message.isEmpty ? "" : ": \(message)"
    return ResponderError(
      code: code, reason: ResponderError.reason("\(httpStatus)\(name)\(said)", without: key),
      httpStatus: httpStatus,
      retryAt: code == .credentials || code == .modelUnavailable || code == .invalidRequest
        ? nil : retryAt)
  }

  private var namesBadKey: Bool {
    names.contains("invalid_api_key") || message.contains(/[Ii](?:ncorrect|nvalid) API key/)
  }
}
