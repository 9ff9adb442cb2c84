/// How much a server reads before it refuses.
public struct HTTPReadLimits: Sendable, Hashable {
  /// Bytes of the request line and all header lines.
  public var headByteCountMax = 64 * 1024
  /// Bytes of one body.
  public var bodyByteCountMax = 32 * 1024 * 1024

  /// 64 KiB of head and 32 MiB of body.
  public init() {}

  /// What may wait to be read while an answer is under way.
  var byteCountMax: Int { headByteCountMax + bodyByteCountMax }
}

/// A request that cannot be read on: it is answered and the connection closed.
struct HTTPReadError: Error, Hashable {
  let status: Int
  let reason: String
}

/// Turns the bytes of one connection into requests, whatever the cuts between them.
struct HTTPRequestParser {
  private enum Stage {
    case head
    case body(byteCount: Int)
    case chunkSize
    case chunk(byteCount: Int)
    case chunkEnd
    case trailer
  }

  private let limits: HTTPReadLimits
  private var buffer: [UInt8] = []
  private var start = 0
  private var scanned = 0
  private var stage = Stage.head
  private var request = ReceivedRequest(method: "", target: "")
  /// The client waits for a `100 Continue` before it sends its body.
  private(set) var wantsContinue = false
  /// HTTP/1.0, or the client asked for it: the connection ends with the answer.
  private(set) var closesAfterAnswer = false

  init(limits: HTTPReadLimits) { self.limits = limits }

  /// What was fed and belongs to no request yet.
  var unreadByteCount: Int { buffer.count - start }

  mutating func feed(_ bytes: some Sequence<UInt8>) {
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      (start, scanned) = (0, 0)
    } else if start > limits.headByteCountMax {
      buffer.removeSubrange(..<start)
      (start, scanned) = (0, scanned - start)
    }
    buffer.append(contentsOf: bytes)
  }

  mutating func didSendContinue() { wantsContinue = false }

  /// The next whole request, or nil when more bytes are needed.
  mutating func next() throws(HTTPReadError) -> ReceivedRequest? {
    while true {
      switch stage {
      case .head:
        guard let lines = try takeHead() else { return nil }
        try readHead(lines)
      case .body(let byteCount):
        guard let bytes = take(byteCount) else { return nil }
        return finish(bytes)
      case .chunkSize:
        guard let line = try takeLine() else { return nil }
        try readChunkSize(line)
      case .chunk(let byteCount):
        guard let bytes = take(byteCount) else { return nil }
        request.body.append(contentsOf: bytes)
        stage = .chunkEnd
      case .chunkEnd:
        guard let line = try takeLine() else { return nil }
        guard line.isEmpty else { throw bad("A chunk is longer than it says.") }
        stage = .chunkSize
      case .trailer:
        guard let line = try takeLine() else { return nil }
        if line.isEmpty { return finish([]) }
      }
    }
  }

  private func bad(_ reason: String) -> HTTPReadError { HTTPReadError(status: 400, reason: reason) }

  private mutating func finish(_ rest: ArraySlice<UInt8>) -> ReceivedRequest {
    request.body.append(contentsOf: rest)
    stage = .head
    wantsContinue = false
    defer { request = ReceivedRequest(method: "", target: "") }
    return request
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard buffer.count - start >= count else { return nil }
    defer {
      start += count
      scanned = start
    }
    return buffer[start..<start + count]
  }

  /// The line up to CRLF or LF, without it.
  private mutating func takeLine() throws(HTTPReadError) -> String? {
    guard let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
      scanned = buffer.count
      guard buffer.count - start <= limits.headByteCountMax else {
        throw HTTPReadError(status: 431, reason: "A line is too long.")
      }
      return nil
    }
    var line = buffer[start..<end]
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    start = end + 1
    scanned = start
    return String(decoding: line, as: UTF8.self)
  }

  private var headLines: [String] = []
  private var headByteCount = 0

  private mutating func takeHead() throws(HTTPReadError) -> [String]? {
    while let line = try takeLine() {
      headByteCount += line.utf8.count
      guard headByteCount <= limits.headByteCountMax else {
        throw HTTPReadError(status: 431, reason: "The head is too long.")
      }
      if line.isEmpty, headLines.isEmpty { continue }
      if line.isEmpty {
        defer {
          headLines = []
          headByteCount = 0
        }
        return headLines
      }
      headLines.append(line)
    }
    return nil
  }

  private mutating func readHead(_ lines: [String]) throws(HTTPReadError) {
    let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[1].first == "/" else { throw bad("Not a request line.") }
    guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
      throw HTTPReadError(status: 505, reason: "Only HTTP/1.1 is spoken here.")
    }
    request = ReceivedRequest(method: String(words[0]), target: String(words[1]))
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(" ") else {
        throw bad("Not a header line.")
      }
      request.headers.append(HTTPHeader(String(parts[0]), Self.trimmed(parts[1])))
    }
    guard words[2] == "HTTP/1.0" || request.values(of: "host").count == 1 else {
      throw bad("There must be one Host.")
    }
    let connection = request.header("connection")?.lowercased()
    closesAfterAnswer = connection == "close" || words[2] == "HTTP/1.0"
    wantsContinue = request.header("expect")?.lowercased() == "100-continue"
    try readLength()
  }

  private mutating func readLength() throws(HTTPReadError) {
    let lengths = Set(request.values(of: "content-length"))
    if let coding = request.header("transfer-encoding") {
      guard coding.lowercased() == "chunked", lengths.isEmpty else {
        throw bad("The length of the body is not clear.")
      }
      stage = .chunkSize
    } else if let length = lengths.first {
      guard lengths.count == 1, length.allSatisfy(\.isASCIIDigit), let count = Int(length) else {
        throw bad("Content-Length is not a number.")
      }
      try checkBody(count)
      stage = .body(byteCount: count)
    } else {
      stage = .body(byteCount: 0)
    }
  }

  private mutating func readChunkSize(_ line: String) throws(HTTPReadError) {
    let digits = line.prefix { $0 != ";" }
    guard !digits.isEmpty, digits.count <= 8, digits.allSatisfy(\.isHexDigit),
      let count = Int(digits, radix: 16)
    else { throw bad("Not the size of a chunk.") }
    try checkBody(request.body.count + count)
    stage = count == 0 ? .trailer : .chunk(byteCount: count)
  }

  private func checkBody(_ byteCount: Int) throws(HTTPReadError) {
    guard byteCount <= limits.bodyByteCountMax else {
      throw HTTPReadError(status: 413, reason: "The body is too large.")
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text.drop { $0 == " " || $0 == "\t" })
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
