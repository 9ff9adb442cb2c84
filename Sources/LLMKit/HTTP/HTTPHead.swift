/// Status and headers of a response.
package struct HTTPHead: Sendable, Hashable {
  /// The status, 200 to 599.
  package let status: Int
  private let fields: [Field]

  private struct Field: Hashable {
    let name: String
    let value: String
  }

  init(status: Int, lines: [String]) {
    self.status = status
    fields = lines.compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      return Field(name: line[..<colon].lowercased(), value: String(value))
    }
  }

  /// The first value of a header, whatever the capitals of its name.
  package subscript(name: String) -> String? {
    let name = name.lowercased()
    return fields.first { $0.name == name }?.value
  }
}

/// Puts a head together from its lines as libcurl hands them over: status lines of interim
/// responses first, trailers after the body.
struct HTTPHeadParser {
  enum Outcome {
    case more
    case complete(HTTPHead)
    case tooLong
  }

  private var status: Int?
  private var lines: [String] = []
  private var byteCount = 0
  private static let byteCountMax = 256 << 10

  /// Takes one line with its line end.
  mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    byteCount += bytes.count
    guard byteCount <= Self.byteCountMax else { return .tooLong }
    var end = bytes.count
    while end > 0, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    let line = String(decoding: bytes[..<end], as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
      lines = []
    } else if !line.isEmpty {
      lines.append(line)
    } else if let status, status >= 200 {
      self.status = nil
      return .complete(HTTPHead(status: status, lines: lines))
    }
    return .more
  }
}
