import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An answer as a plain client sees it.
package struct RawResponse: Sendable {
  package var status = 0
  package var headers: [(name: String, value: String)] = []
  /// The chunks of a chunked body, else the body as one.
  package var pieces: [[UInt8]] = []
  /// The end of the body was told.
  package var isWhole = false
  /// The connection was reset.
  package var isReset = false

  package init() {}

  package var body: [UInt8] { pieces.flatMap { $0 } }
  package var text: String { String(decoding: body, as: UTF8.self) }

  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

package struct RawError: Error, CustomStringConvertible {
  package let description: String
  package init(description: String) { self.description = description }
}

/// One TCP connection to a fake. Each call blocks a thread of its own, never Swift's.
package final class RawConnection: Sendable {
  private let socket: Int32
  private let unread = Locked<[UInt8]>([])
  private let isClosed = Locked(false)

  package init(port: UInt16) throws {
    #if canImport(Darwin)
      socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
    #else
      socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var yes: Int32 = 1
    setsockopt(
      socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // Closed by deinit: everything is set, so it runs also when this throws. Closed here as well,
    // the number would be another thread's the second time.
    if status != 0 { throw RawError(description: "connect failed (errno \(errno))") }
  }

  deinit { close() }

  package func close() {
    let isFirst = isClosed.withLock { closed in
      defer { closed = true }
      return !closed
    }
    if isFirst { _ = Self.systemClose(socket) }
  }

  package func send(_ bytes: [UInt8]) async throws {
    try await onThread {
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
          Self.systemSend(self.socket, $0.baseAddress, $0.count)
        }
        guard count > 0 else { throw RawError(description: "send failed (errno \(errno))") }
        sent += count
      }
    }
  }

  package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Reads up to and with `mark`, or fails at the end of the connection.
  package func read(through mark: String) async throws -> String {
    try await onThread {
      var reader = Reader(connection: self)
      return try reader.text(through: mark)
    }
  }

  /// Reads one answer. A body that ends early is not an error: it is the answer.
  package func response() async throws -> RawResponse {
    try await onThread {
      var reader = Reader(connection: self)
      return try reader.response()
    }
  }

  /// Whether the other side has closed, once all that it sent is read.
  package func isAtEnd() async throws -> Bool {
    try await onThread {
      var reader = Reader(connection: self)
      return try reader.fill() == false
    }
  }

  private func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread { continuation.resume(with: Swift.Result(catching: body)) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  private static func systemClose(_ socket: Int32) -> Int32 {
    #if canImport(Darwin)
      Darwin.close(socket)
    #else
      Glibc.close(socket)
    #endif
  }

  private static func systemSend(
    _ socket: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Darwin)
      Darwin.send(socket, bytes, count, 0)
    #else
      Glibc.send(socket, bytes, count, 0)
    #endif
  }

  /// Parses what comes; what is left over stays with the connection.
  private struct Reader {
    let connection: RawConnection
    var wasReset = false

    /// False at the end of the connection.
    mutating func fill() throws -> Bool {
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = recv(connection.socket, &bytes, bytes.count, 0)
      if count > 0 {
        connection.unread.withLock { $0 += bytes[..<count] }
        return true
      }
      if count < 0, errno == EAGAIN { throw RawError(description: "nothing came in 20 s") }
      wasReset = count < 0
      return false
    }

    mutating func text(through mark: String) throws -> String {
      let mark = Array(mark.utf8)
      while true {
        let found = connection.unread.withLock { unread -> [UInt8]? in
          guard let range = unread.firstRange(of: mark) else { return nil }
          defer { unread.removeSubrange(..<range.upperBound) }
          return Array(unread[..<range.upperBound])
        }
        if let found { return String(decoding: found, as: UTF8.self) }
        guard try fill() else { throw RawError(description: "the connection ended") }
      }
    }

    /// `count` bytes, or nil when the connection ends before; then all there was.
    mutating func bytes(_ count: Int) throws -> (bytes: [UInt8], isWhole: Bool) {
      while connection.unread.withLock({ $0.count }) < count {
        guard try fill() else {
          return connection.unread.withLock { unread in
            defer { unread = [] }
            return (unread, false)
          }
        }
      }
      return connection.unread.withLock { unread in
        defer { unread.removeFirst(count) }
        return (Array(unread.prefix(count)), true)
      }
    }

    mutating func response() throws -> RawResponse {
      var response = RawResponse()
      let lines = try text(through: "\r\n\r\n").split(separator: "\r\n")
      let words = lines[0].split(separator: " ")
      response.status = words.count > 1 ? Int(words[1]) ?? 0 : 0
      response.headers = lines.dropFirst().map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
      }
      if let length = response.header("Content-Length").flatMap({ Int($0) }) {
        let body = try bytes(length)
        response.pieces = [body.bytes]
        response.isWhole = body.isWhole
      } else if response.header("Transfer-Encoding") == "chunked" {
        try readChunks(into: &response)
      } else {
        response.isWhole = true
      }
      response.isReset = wasReset
      return response
    }

    private mutating func readChunks(into response: inout RawResponse) throws {
      while true {
        guard let line = try? text(through: "\r\n"),
          let size = Int(line.dropLast(), radix: 16)
        else { return }
        let chunk = try bytes(size + 2)
        guard chunk.isWhole else {
          if !chunk.bytes.isEmpty { response.pieces.append(chunk.bytes) }
          return
        }
        if size == 0 {
          response.isWhole = true
          return
        }
        response.pieces.append(chunk.bytes.dropLast(2))
      }
    }
  }
}
