package import SessionCore

/// What an answer of the tracing server means for what was sent.
package enum ExportOutcome: Sendable, Hashable {
  /// Taken, but for so many spans.
  case accepted(refusedCount: Int)
  /// Not taken, and never will be.
  case refused(String)
  /// Too long: to be sent in smaller parts.
  case tooLarge
  /// To be sent again, not before the server's own delay.
  case retry(after: Duration?, String)
  /// The keys are not accepted: nothing will be.
  case unauthorized(String)
  /// The plan's limit is reached: nothing will be taken for a long while.
  case suspended(String)

  /// Reads an answer. The status decides; the body only adds to it.
  package init(
    status: Int, retryAfter: Duration? = nil, body: [UInt8], deletes: Bool = false,
    secrets: [Secret] = []
  ) {
    let document = try? JSONValue(parsing: body)
    let said = Self.message(document).map { ": " + $0 } ?? ""
    let reason = secrets.reduce("HTTP \(status)" + said) {
      ResponderError.reason($0, without: $1)
    }
    switch status {
    case 200, 201, 202, 204:
      let count = document?["partialSuccess"]?["rejectedSpans"]?.wholeNumber ?? 0
      self = .accepted(refusedCount: max(0, count))
    case 404 where deletes: self = .accepted(refusedCount: 0)
    case 401: self = .unauthorized(reason)
    case 403: self = .suspended(reason)
    case 413: self = .tooLarge
    case 408, 429, 500...599:
      let inBody = document?["details"]?["retryAfterSeconds"]?.wholeNumber
      self = .retry(after: retryAfter ?? inBody.map { .seconds(max(0, $0)) }, reason)
    default: self = .refused(reason)
    }
  }

  /// What an exchange that did not come to its end means: the server may or may not have it.
  package init(_ error: HTTPError) {
    self = error.code == .invalidRequest ? .refused(error.reason) : .retry(after: nil, error.reason)
  }

  private static func message(_ document: JSONValue?) -> String? {
    guard let document else { return nil }
    return document["message"]?.text ?? document["error"]?.text
  }
}
