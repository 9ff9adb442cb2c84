package import SessionCore

/// What a service said in place of an answer, as facts.
package struct ServiceRefusal: Error, Sendable, Hashable {
  /// The HTTP status, or the one that the body stands for when it came with 200.
  package let httpStatus: Int
  /// The service's own names for it, in small letters: status, code, type, reason.
  package let names: [String]
  package let message: String
  /// The fields of the request that it names.
  package let fields: [String]
  /// Google's names for the quotas that are used up.
  package let quotaIDs: [String]
  /// Their sizes.
  package let quotaValues: [String]
  /// How long to wait, as far as anybody said.
  package let retryDelay: Duration?
  /// How much too long the conversation is, if that is what it says.
  package let overflow: Overflow?
  /// Whether what answered is a page for people.
  package let isPage: Bool
  private let writtenName: String?

  /// - Parameters:
  ///   - retryAfter: How long to wait, as far as the headers say.
  ///   - prefersHeader: Whether the headers are more precise than the message.
  ///   - location: Where the response redirects to.
  init(
    _ document: RefusalDocument, httpStatus: Int, retryAfter: Duration? = nil,
    prefersHeader: Bool = false, location: String? = nil
  ) {
    names = document.names
    writtenName = document.writtenNames.first
    var message = document.messages.prefix(4).joined(separator: "; ")
    if let location, (300...399).contains(httpStatus) {
      // What is behind a question mark may be a key.
      message = "the address redirects to \(location.prefix { $0 != "?" }), which is not followed"
    } else if document.isPage, httpStatus == 200 {
      message = "a page for people in place of an answer (\(message))"
    }
    self.message = message
    fields = document.fields
    quotaIDs = document.quotaIDs
    quotaValues = document.quotaValues
    isPage = document.isPage
    let said = document.retryDelay ?? RetryDelay(sentenceIn: message)?.duration
    retryDelay = prefersHeader ? retryAfter ?? said : said ?? retryAfter
    self.httpStatus =
      httpStatus == 200 && !document.isPage
      ? document.status ?? Self.status(of: document.names) : httpStatus
    var overflow = document.overflow
    let words = Overflow(sentence: message)
    overflow.tokenCountMax = overflow.tokenCountMax ?? words?.tokenCountMax
    overflow.tokenCount = overflow.tokenCount ?? words?.tokenCount
    self.overflow = words == nil && overflow == Overflow() ? nil : overflow
  }

  /// Reads an error object.
  package init(error: JSONValue?, httpStatus: Int, retryAfter: Duration? = nil) {
    self.init(
      error.map { RefusalDocument($0) } ?? RefusalDocument(), httpStatus: httpStatus,
      retryAfter: retryAfter)
  }

  /// Reads the body of a response that is not an answer.
  init(
    status: Int, body: [UInt8], retryAfter: Duration?, prefersHeader: Bool = false,
    location: String? = nil
  ) {
    self.init(
      RefusalDocument(body: body), httpStatus: status, retryAfter: retryAfter,
      prefersHeader: prefersHeader, location: location)
  }

  /// Reads what came as an error in the middle of a stream.
  init(words: [UInt8]) { self.init(RefusalDocument(words: words), httpStatus: 200) }

  /// An error that came with 200 and no number has its status in its name; without one the trouble
  /// is the service's.
  private static func status(of names: [String]) -> Int {
    names.lazy.compactMap { name in
      statuses[name] ?? (name.contains("rate_limit") ? 429 : nil)
    }.first ?? 500
  }

  private static let statuses = [
    // Google's, in small letters.
    "invalid_argument": 400, "failed_precondition": 400, "out_of_range": 400,
    "unauthenticated": 401, "permission_denied": 403, "not_found": 404, "aborted": 409,
    "resource_exhausted": 429, "cancelled": 499, "unimplemented": 501, "unavailable": 503,
    "deadline_exceeded": 504, "api_key_invalid": 400,
    // OpenAI's and Anthropic's.
    "invalid_request_error": 400, "context_length_exceeded": 400, "content_filter": 400,
    "authentication_error": 401, "invalid_api_key": 401, "permission_error": 403,
    "not_found_error": 404, "model_not_found": 404, "insufficient_quota": 429,
    "overloaded_error": 503, "timeout_error": 504,
  ]

  /// One line for a person: status, name and the beginning of the message.
  func reason(without key: Secret?) -> String {
    var text = String(httpStatus)
    if let writtenName { text += " \(writtenName)" }
    if quotaIDs.contains(where: Self.isDaily) { text += " PerDay" }
    let sentence = message.split(separator: "\n").first { !$0.allSatisfy(\.isWhitespace) }
    if let sentence { text += ": \(sentence)" }
    return ResponderError.reason(text, without: key)
  }

  private static func isDaily(_ quotaID: String) -> Bool {
    quotaID.contains("PerDay") || quotaID.contains("Daily")
  }

  /// Whether a quota of the day is used up, wherever that is said.
  var isDaily: Bool {
    quotaIDs.contains(where: Self.isDaily)
      || (quotaIDs.isEmpty && ["per day", "perday", "per-day", "daily"].contains(where: says))
  }

  /// Whether it is a quota of the minute.
  var isPerMinute: Bool {
    quotaIDs.contains { $0.contains("PerMinute") }
      || (quotaIDs.isEmpty && ["per minute", "per min "].contains(where: says))
  }

  /// Whether the model is not offered on the plan at all: a quota of nothing.
  var isNotOffered: Bool {
    quotaValues.contains("0") || message.contains(/limit:\s*0(?![0-9.])/)
  }

  /// Whether the service has no machine for the model now.
  var lacksCapacity: Bool { names.contains("model_capacity_exhausted") }

  /// Whether the message holds `words`, which are in small letters.
  func says(_ words: String) -> Bool { message.lowercased().contains(words) }
}
