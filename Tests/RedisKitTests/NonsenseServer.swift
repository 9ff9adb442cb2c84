import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Something on a port that is no Redis: it answers whatever comes with one text for each command,
/// and the first so many commands of a connection as Redis would.
final class NonsenseServer: Sendable {
  let port: UInt16
  private let listener: Int32

  /// Listens on a free port of 127.0.0.1.
  init(saying text: String, afterGood goodCount: Int = 0) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) | listen(listener, 16)
          | getsockname(listener, address, &length)
      }
    }
    struct NoPort: Error {}
    guard status == 0 else { throw NoPort() }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    _ = try DedicatedThread {
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { return }
        _ = try? DedicatedThread { Self.serve(connection, text, goodCount) }
      }
    }
  }

  /// Ends the listening; a connection ends with its client.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func serve(_ connection: Int32, _ text: String, _ goodCount: Int) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var left = goodCount
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { break }
      // Every command is an array, which begins with a star at the beginning of a line.
      let commands = String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\r\n")
        .count { $0.hasPrefix("*") }
      for _ in 0..<commands {
        left -= 1
        let answer = Array((left >= 0 ? "+OK\r\n" : text).utf8)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
      }
    }
    closeSocket(connection)
  }
}

/// `close`, for a type that has a method of that name.
private func closeSocket(_ descriptor: Int32) { _ = close(descriptor) }
