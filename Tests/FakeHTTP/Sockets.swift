#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A system call on a socket failed.
public struct SocketError: Error, Hashable, CustomStringConvertible {
  /// The call.
  public let call: String
  /// Its `errno`.
  public let errno: Int32
  /// One line for a person.
  public var description: String { "\(call) failed (errno \(errno))" }
}

/// An open file descriptor, closed with the last reference to it.
final class Descriptor: Sendable {
  let raw: Int32
  init(_ raw: Int32) { self.raw = raw }
  deinit { close(raw) }

  /// Makes the other end of a pipe readable. Closing this end is not enough: a process that was
  /// started meanwhile may hold it open too.
  func wakeReader() {
    var byte: UInt8 = 0
    _ = systemWrite(raw, &byte, 1)
  }

  /// Both ends of a pipe.
  static func pipe() throws(SocketError) -> (reading: Descriptor, writing: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard systemPipe(&ends) == 0 else { throw SocketError(call: "pipe", errno: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (Descriptor(ends[0]), Descriptor(ends[1]))
  }
}

/// The system calls of a server on 127.0.0.1. Every socket is non-blocking and closed on `exec`.
enum Sockets {
  #if os(Linux)
    private static let stream = Int32(SOCK_STREAM.rawValue)
    private static let lingerOption = SO_LINGER
  #else
    private static let stream = SOCK_STREAM
    private static let lingerOption = SO_LINGER_SEC
  #endif

  static func listen(port: UInt16) throws(SocketError) -> (socket: Descriptor, port: UInt16) {
    let raw = socket(AF_INET, stream, 0)
    guard raw >= 0 else { throw SocketError(call: "socket", errno: errno) }
    let listener = Descriptor(raw)
    prepare(raw)
    var yes: Int32 = 1
    setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) { pointer throws(SocketError) in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        generic throws(SocketError) in
        guard bind(raw, generic, size) == 0 else { throw SocketError(call: "bind", errno: errno) }
        guard systemListen(raw) == 0 else { throw SocketError(call: "listen", errno: errno) }
        guard getsockname(raw, generic, &size) == 0 else {
          throw SocketError(call: "getsockname", errno: errno)
        }
      }
    }
    return (listener, UInt16(bigEndian: address.sin_port))
  }

  /// The next connection; nil when none waits.
  static func accept(from listener: Descriptor) throws(SocketError) -> Descriptor? {
    let raw = systemAccept(listener.raw)
    guard raw >= 0 else {
      if [EAGAIN, EINTR, ECONNABORTED].contains(errno) { return nil }
      throw SocketError(call: "accept", errno: errno)
    }
    prepare(raw)
    var yes: Int32 = 1
    setsockopt(
      raw, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    return Descriptor(raw)
  }

  /// Makes the closing of `socket` a reset: what was not sent is dropped.
  static func resetOnClose(_ socket: Descriptor) {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      socket.raw, SOL_SOCKET, lingerOption, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// What `poll` found: which descriptors are ready, or none after `timeout` (nil: no limit).
  static func wait(
    for interests: [(descriptor: Descriptor, events: Int32)], timeout: Duration? = nil
  ) -> [Bool] {
    var entries = interests.map {
      pollfd(fd: $0.descriptor.raw, events: Int16($0.events), revents: 0)
    }
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while true {
      let left = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
      let (seconds, attoseconds) = left?.components ?? (0, 0)
      // Rounded up: a wait that ends a fraction early would only have to be begun again.
      let milliseconds =
        seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
      let count = poll(
        &entries, nfds_t(entries.count), left == nil ? -1 : Int32(clamping: milliseconds))
      if count >= 0 || errno != EINTR { return entries.map { $0.revents != 0 } }
    }
  }

  /// There is no `accept4` in the module of the C library: a process started by another thread in
  /// between would inherit the connection.
  private static func prepare(_ raw: Int32) {
    _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
    _ = fcntl(raw, F_SETFL, O_NONBLOCK)
  }
}

// Named apart from the methods above that shadow them.
private func systemPipe(_ ends: inout [Int32]) -> Int32 { pipe(&ends) }
private func systemWrite(_ raw: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(raw, bytes, count)
}
private func systemListen(_ raw: Int32) -> Int32 { listen(raw, SOMAXCONN) }
private func systemAccept(_ raw: Int32) -> Int32 { accept(raw, nil, nil) }
