/// One header line.
public struct HTTPHeader: Sendable, Hashable {
  /// The name as it was sent.
  public var name: String
  /// The value, without the space around it.
  public var value: String

  /// The line `name: value`.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A request as it came over the wire, whole.
public struct ReceivedRequest: Sendable, Hashable {
  /// `GET`, `POST` …
  public var method: String
  /// Path and query as they were sent.
  public var target: String
  /// The lines in the order of sending.
  public var headers: [HTTPHeader]
  /// The body, with the chunks of a chunked one put together.
  public var body: [UInt8]

  /// A request with every part given.
  public init(method: String, target: String, headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The first value of the header `name`, in any case.
  public func header(_ name: String) -> String? { values(of: name).first }

  /// Every value of the header `name`, in any case.
  public func values(of name: String) -> [String] {
    let name = name.lowercased()
    return headers.filter { $0.name.lowercased() == name }.map(\.value)
  }

  /// The target without its query.
  public var path: String { String(target.prefix { $0 != "?" }) }

  /// The items of the query, decoded.
  public var query: [HTTPHeader] {
    target.drop { $0 != "?" }.dropFirst().split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return HTTPHeader(
        Self.percentDecoded(parts[0]), parts.count > 1 ? Self.percentDecoded(parts[1]) : "")
    }
  }

  /// The first value of the query's item `name`.
  public func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

  private static func percentDecoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(text.replacing("+", with: " ")).utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(decoded)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
