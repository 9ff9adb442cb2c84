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

  /// Reads an answer. A good status alone is none: a page for people has one too, when the address
  /// is that of something else.
  package init(
    status: Int, retryAfter: Duration? = nil, body: [UInt8], contentType: String? = nil,
    deletes: Bool = false, secrets: [Secret] = []
  ) {
    let document = try? JSONValue(parsing: body)
    let said = Self.message(document).map { ": " + $0 } ?? ""
    let reason = secrets.reduce("HTTP \(status)" + said) {
      ResponderError.reason($0, without: $1)
    }
    switch status {
    case 200...299:
      if let count = Self.refusedCount(document, body, contentType, status) {
        self = .accepted(refusedCount: count)
      } else {
        let kind = contentType.map { " (\($0.prefix(60)))" } ?? ""
        self = .refused(reason + ": not the answer of a tracing server\(kind)")
      }
    case 300...399: self = .refused(reason + ": the address redirects, which is not followed")
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

  /// How many spans were refused by a server that took the rest. Nil when this is not what a
  /// tracing server says: its answer is empty, JSON, or a message of OTLP's.
  private static func refusedCount(
    _ document: JSONValue?, _ body: [UInt8], _ contentType: String?, _ status: Int
  ) -> Int? {
    let contentType = contentType?.lowercased() ?? ""
    guard !contentType.hasPrefix("text/html") else { return nil }
    if !body.contains(where: { $0 > 0x20 }), !contentType.hasPrefix("application/x-protobuf") {
      return 0
    }
    if let document {
      for name in ["error", "errors"] {
        if let error = document[name], error != .null, error != [], error != false { return nil }
      }
      return max(0, document["partialSuccess"]?["rejectedSpans"]?.wholeNumber ?? 0)
    }
    guard let fields = ProtobufReader.fields(body) else { return nil }
    // ExportTraceServiceResponse.partial_success, and its rejected_spans.
    guard case .data(let partial)? = fields.first(where: { $0.number == 1 })?.value,
      case .number(let count)? =
        ProtobufReader.fields(partial)?.first(where: { $0.number == 1 })?.value
    else { return 0 }
    return Int(clamping: count)
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
