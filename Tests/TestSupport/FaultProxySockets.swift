#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The few socket calls that a proxy needs, on 127.0.0.1.
enum LoopbackSocket {
  struct Failure: Error, CustomStringConvertible {
    let call: String
    let errno: Int32
    var description: String { "\(call) failed (errno \(errno))" }
  }

  #if canImport(Darwin)
    private static let stream = SOCK_STREAM
  #else
    private static let stream = Int32(SOCK_STREAM.rawValue)
  #endif

  /// A non-blocking listener; port 0 takes a free one.
  static func listen(port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, stream, 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", errno: errno) }
    var on: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard withAddress(port, { bind(descriptor, $0, $1) }) == 0 else {
      throw failure("bind", closing: descriptor)
    }
    guard Self.listen(descriptor) == 0 else { throw failure("listen", closing: descriptor) }
    makeNonBlocking(descriptor)
    return descriptor
  }

  /// A non-blocking connection. Waits for it: on the loopback that takes no time.
  static func connect(port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, stream, 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", errno: errno) }
    let status = withAddress(port) { address, length in
      #if canImport(Glibc)
        Glibc.connect(descriptor, address, length)
      #elseif canImport(Musl)
        Musl.connect(descriptor, address, length)
      #else
        Darwin.connect(descriptor, address, length)
      #endif
    }
    guard status == 0 else { throw failure("connect", closing: descriptor) }
    makeNonBlocking(descriptor)
    return descriptor
  }

  static func port(of listener: Int32) -> UInt16 {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        _ = getsockname(listener, generic, &length)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  static func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  private static func listen(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.listen(descriptor, 1024)
    #elseif canImport(Musl)
      Musl.listen(descriptor, 1024)
    #else
      Darwin.listen(descriptor, 1024)
    #endif
  }

  private static func failure(_ call: String, closing descriptor: Int32) -> Failure {
    let failure = Failure(call: call, errno: errno)
    close(descriptor)
    return failure
  }

  private static func withAddress<Result>(
    _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        body(generic, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
