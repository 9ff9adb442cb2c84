package import SessionCore

/// What is sent to a server.
package struct HTTPRequest: Sendable {
  /// What is wanted.
  package enum Method: Sendable {
    case get
    case post
    case delete
  }

  /// One header line. The value is held as a secret, for it may be a key.
  package struct Header: Sendable {
    let name: String
    let value: Secret

    /// - Throws: ``HTTPError`` when the value would not stay one line.
    package init(_ name: String, _ value: Secret) throws(HTTPError) {
      guard HTTPHeaderValue.isValid(value.revealed) else {
        throw HTTPError(
          code: .invalidRequest, reason: "the value of \(name) holds a control character")
      }
      self.name = name
      self.value = value
    }
  }

  package var method: Method
  /// Holds no secret.
  package var url: String
  package var headers: [Header]
  package var body: [UInt8]
  package var deadlines: HTTPDeadlines
  /// A file of certificates to trust in place of the system's.
  package var certificateAuthorityFile: String?
  /// Bytes of body taken before the transfer is broken off.
  package var responseByteCountMax: Int

  /// A request with every part given.
  package init(
    _ method: Method, _ url: String, headers: [Header] = [], body: [UInt8] = [],
    deadlines: HTTPDeadlines = HTTPDeadlines(), certificateAuthorityFile: String? = nil,
    responseByteCountMax: Int = 64 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.deadlines = deadlines
    self.certificateAuthorityFile = certificateAuthorityFile
    self.responseByteCountMax = responseByteCountMax
  }
}

/// How long a client waits for a server, and for what.
public struct HTTPDeadlines: Sendable, Hashable {
  /// Name look-up, connection and TLS handshake together. 10 s.
  public var connect: Duration
  /// From the start of the request to the first byte of the response. 2 min: a model may think.
  public var firstByte: Duration
  /// Between two pieces of the response. 2 min. Does not run while the reader is the slow one.
  public var betweenBytes: Duration
  /// The whole exchange. None: a long answer is not an error.
  public var total: Duration?

  /// Deadlines with every one given.
  public init(
    connect: Duration = .seconds(10), firstByte: Duration = .seconds(120),
    betweenBytes: Duration = .seconds(120), total: Duration? = nil
  ) {
    self.connect = connect
    self.firstByte = firstByte
    self.betweenBytes = betweenBytes
    self.total = total
  }
}

/// What may stand in a header line.
enum HTTPHeaderValue {
  static func isValid(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }
}
