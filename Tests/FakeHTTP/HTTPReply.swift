/// An answer, as a list of things to do on the connection.
public struct HTTPReply: Sendable, Hashable {
  /// One thing that happens to a body.
  public enum Step: Sendable, Hashable {
    /// These bytes go out in one write; in a chunked body they are one chunk.
    case send([UInt8])
    /// Nothing is sent until the test releases it, the time is over, the client leaves or the
    /// server closes.
    case hold(for: Duration?)
    /// The connection ends here, without the end of a chunked body.
    case cut
    /// The connection is reset (TCP RST).
    case reset
  }

  /// How the end of the body is told.
  public enum Framing: Sendable, Hashable {
    /// `Content-Length`, counted over all steps.
    case length
    /// `Transfer-Encoding: chunked`.
    case chunked
  }

  /// The status.
  public var status: Int
  /// The headers, without those of the framing.
  public var headers: [HTTPHeader]
  /// How the end of the body is told.
  public var framing: Framing
  /// What happens before the status line goes out.
  public var prelude: [Step] = []
  /// The body.
  public var steps: [Step]

  /// An answer with a body that is known whole.
  public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    framing = .length
    steps = [.send(body)]
  }

  /// An answer that comes step by step.
  public init(status: Int, headers: [HTTPHeader], chunks steps: [Step]) {
    self.status = status
    self.headers = headers
    framing = .chunked
    self.steps = steps
  }

  /// The bytes of all steps: what a client has when all went well.
  public var body: [UInt8] {
    steps.flatMap { step -> [UInt8] in if case .send(let bytes) = step { bytes } else { [] } }
  }

  /// The status line and the header lines.
  func head(closes: Bool) -> [UInt8] {
    var text = "HTTP/1.1 \(status) \(Self.phrase(status))\r\n"
    for header in headers { text += "\(header.name): \(header.value)\r\n" }
    switch framing {
    case .length: text += "Content-Length: \(body.count)\r\n"
    case .chunked: text += "Transfer-Encoding: chunked\r\n"
    }
    if closes { text += "Connection: close\r\n" }
    return Array((text + "\r\n").utf8)
  }

  private static func phrase(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 207: "Multi-Status"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Payload Too Large"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 499: "Client Closed Request"
    case 500: "Internal Server Error"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}
