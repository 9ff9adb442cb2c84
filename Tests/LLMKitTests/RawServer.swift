import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A server that sends exactly the bytes a test says, on a thread for each connection.
final class RawServer: Sendable {
  /// One connection, as the script sees it. All of it blocks, on the connection's own thread.
  final class Connection: Sendable {
    private let descriptor: Int32
    private let hold: Hold

    init(_ descriptor: Int32, _ hold: Hold) {
      self.descriptor = descriptor
      self.hold = hold
    }

    /// Reads a request with its body. Nil when the client has closed.
    func readRequest() -> String? {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        if let request = Self.request(in: bytes) { return request }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        bytes += buffer[..<count]
      }
    }

    /// The request, if all of it is in `bytes`.
    private static func request(in bytes: [UInt8]) -> String? {
      let text = String(decoding: bytes, as: UTF8.self)
      guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
      var length = 0
      for line in text[..<end.lowerBound].split(separator: "\r\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
        length = Int(parts[1].drop { $0 == " " }) ?? 0
      }
      return text[end.upperBound...].utf8.count >= length ? text : nil
    }

    /// Sends, until all is gone or the client has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes { piece in
          #if canImport(Darwin)
            Darwin.send(descriptor, piece.baseAddress, piece.count, 0)
          #elseif canImport(Musl)
            Musl.send(descriptor, piece.baseAddress, piece.count, 0)
          #else
            Glibc.send(descriptor, piece.baseAddress, piece.count, Int32(MSG_NOSIGNAL))
          #endif
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// A whole response that ends with the connection or with its length.
    func respond(_ status: Int, _ body: String, headers: String = "") {
      send(
        "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    func startStream() {
      send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    @discardableResult
    func sendChunk(_ bytes: [UInt8]) -> Bool {
      send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    /// Waits until the client closes, at most until the server is closed.
    func waitForClose() {
      var byte: UInt8 = 0
      while recv(descriptor, &byte, 1, 0) > 0 {}
    }

    /// Makes the close that follows a TCP reset.
    func resetWhenClosed() {
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
  }

  /// Keeps the descriptors, so that closing the server wakes every thread.
  final class Hold: Sendable {
    let descriptors = Locked<Set<Int32>>([])
    let isClosed = Locked(false)
  }

  let port: UInt16
  private let listener: Int32
  private let hold = Hold()
  private let acceptor: DedicatedThread

  var baseURL: String { "http://127.0.0.1:\(port)" }

  struct SetUpFailed: Error {}

  /// Runs `script` for each connection, numbered from 0.
  init(_ script: @escaping @Sendable (Connection, Int) -> Void) throws {
    #if canImport(Darwin) || canImport(Musl)
      let listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 64) == 0
          && getsockname(listener, address, &size) == 0
      }
    }
    guard isBound else {
      close(listener)
      throw SetUpFailed()
    }
    port = UInt16(bigEndian: address.sin_port)
    self.listener = listener
    let hold = hold
    acceptor = try DedicatedThread {
      var number = 0
      while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
        let index = number
        number += 1
        _ = hold.descriptors.withLock { $0.insert(descriptor) }
        let thread = try? DedicatedThread {
          script(Connection(descriptor, hold), index)
          _ = hold.descriptors.withLock { $0.remove(descriptor) }
          close(descriptor)
        }
        if thread == nil {
          _ = hold.descriptors.withLock { $0.remove(descriptor) }
          close(descriptor)
        }
      }
    }
  }

  /// Closes every connection and waits for the accepting thread.
  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    acceptor.join()
    close(listener)
    // Under the lock: a thread takes its descriptor out before it closes it, and then the number
    // may be anybody's.
    hold.descriptors.withLock { descriptors in
      for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }
}
