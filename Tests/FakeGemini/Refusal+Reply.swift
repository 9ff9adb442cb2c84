extension Refusal {
  /// The answer to a request for `model`.
  func reply(model: String, wrapping: Wrapping) -> HTTPReply {
    var reply = plainReply(model: model, wrapping: wrapping)
    if let retryAfter { reply.headers.append(HTTPHeader("Retry-After", retryAfter)) }
    return reply
  }

  /// How the endpoint wraps what it answers.
  enum Wrapping: Sendable, Hashable {
    case object
    /// A stream that was asked for without `alt=sse` is one array.
    case array
  }

  private func plainReply(model: String, wrapping: Wrapping) -> HTTPReply {
    switch kind {
    case .badGatewayHTML:
      return Self.page(
        502,
        "<title>502 Server Error</title>\n<h1>Error: Server Error</h1>\n"
          + "<h2>The server encountered a temporary error. Please try again in 30 seconds.</h2>")
    case .badGatewayText:
      return HTTPReply(
        status: 502, headers: [HTTPHeader("Content-Type", "text/plain")],
        body: Array("Bad Gateway".utf8))
    default: break
    }
    guard let body = body(model: model) else { return HTTPReply(status: 500) }
    let type = isEventStream ? "text/event-stream" : "application/json; charset=UTF-8"
    let json = isInArray || wrapping == .array ? JSONDocument.array([body.json]) : body.json
    return HTTPReply(
      status: body.code, headers: ServiceHeaders.lines(contentType: type),
      body: Array((json.pretty + "\n").utf8))
  }

  /// What the front end answers to a path that leads nowhere.
  static let noSuchPath = page(
    404,
    "<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> <ins>That’s an error.</ins>\n"
      + "<p>The requested URL was not found on this server. <ins>That’s all we know.</ins>")

  private static func page(_ status: Int, _ content: String) -> HTTPReply {
    HTTPReply(
      status: status, headers: [HTTPHeader("Content-Type", "text/html; charset=UTF-8")],
      body: Array("<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n\(content)\n".utf8))
  }
}

/// The header lines of every answer.
enum ServiceHeaders {
  static func lines(contentType: String) -> [HTTPHeader] {
    [
      HTTPHeader("Content-Type", contentType),
      HTTPHeader("Vary", "Origin"),
      HTTPHeader("Vary", "X-Origin"),
      HTTPHeader("Vary", "Referer"),
      HTTPHeader("Server", "scaffolding on HTTPServer2"),
      HTTPHeader("X-XSS-Protection", "0"),
      HTTPHeader("X-Frame-Options", "SAMEORIGIN"),
      HTTPHeader("X-Content-Type-Options", "nosniff"),
      HTTPHeader("Server-Timing", "gfet4t7; dur=412"),
      HTTPHeader("Alt-Svc", "h3=\":443\"; ma=2592000"),
    ]
  }
}
