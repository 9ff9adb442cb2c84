#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension SocketTransport {
  /// Connects, trying every address of a name in turn. Waits, for a thread of its own.
  ///
  /// - Throws: ``RedisError`` with code ``RedisError/Code/connectFailed``.
  static func connect(
    to address: RedisConfiguration.Address, until deadline: Int64
  ) throws(RedisError) -> SocketTransport {
    switch address {
    case .unix(let path): try connect(toPath: path, address, until: deadline)
    case .tcp(let host, let port): try connect(toHost: host, port, address, until: deadline)
    }
  }

  private static func connect(
    toHost host: String, _ port: UInt16, _ address: RedisConfiguration.Address,
    until deadline: Int64
  ) throws(RedisError) -> SocketTransport {
    var hints = addrinfo()
    hints.ai_socktype = streamType
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0, let list else {
      throw failure(address, "its name is not known (\(String(cString: gai_strerror(status))))")
    }
    defer { freeaddrinfo(list) }
    var left = sequence(first: list, next: \.pointee.ai_next).reduce(0) { count, _ in count + 1 }
    var reason = "it has no address"
    for entry in sequence(first: list, next: \.pointee.ai_next) {
      let info = entry.pointee
      // One address that does not answer leaves time for the others.
      let now = Polling.now()
      let share = now + max(0, deadline - now) / Int64(left)
      left -= 1
      switch open(info.ai_family, info.ai_addr, info.ai_addrlen, until: share) {
      case .success(let transport) where isConnectedToItself(transport.descriptor):
        reason = systemMessage(ECONNREFUSED)
      case .success(let transport):
        var on: Int32 = 1
        setsockopt(
          transport.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on,
          socklen_t(MemoryLayout<Int32>.size))
        return transport
      case .failure(let refusal): reason = refusal.text
      }
    }
    throw failure(address, reason)
  }

  private static func connect(
    toPath path: String, _ address: RedisConfiguration.Address, until deadline: Int64
  ) throws(RedisError) -> SocketTransport {
    var socketAddress = sockaddr_un()
    socketAddress.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: socketAddress.sun_path)
    guard path.utf8.count < capacity else {
      throw failure(address, "the path of a socket has at most \(capacity - 1) bytes")
    }
    withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafeMutablePointer(to: &socketAddress) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        open(AF_UNIX, generic, socklen_t(MemoryLayout<sockaddr_un>.size), until: deadline)
      }
    }
    switch result {
    case .success(let transport): return transport
    case .failure(let refusal): throw failure(address, refusal.text)
    }
  }

  private struct Refusal: Error {
    let text: String
  }

  private static func open(
    _ family: Int32, _ address: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t,
    until deadline: Int64
  ) -> Result<SocketTransport, Refusal> {
    let descriptor = socket(family, streamType, 0)
    guard descriptor >= 0 else { return .failure(Refusal(text: systemMessage(errno))) }
    let transport = SocketTransport(owning: descriptor)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    #if canImport(Darwin)
      var on: Int32 = 1
      setsockopt(
        descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
    guard fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
      return .failure(Refusal(text: systemMessage(errno)))
    }
    if connectDescriptor(descriptor, address, length) == 0 { return .success(transport) }
    // A local socket whose queue of connections is full says EAGAIN and is not being connected.
    guard errno == EINPROGRESS || errno == EINTR else {
      return .failure(Refusal(text: systemMessage(errno)))
    }
    var isDecided = false
    while !isDecided {
      let ready = Polling.wait(for: descriptor, writing: true, until: deadline)
      isDecided = ready.writable || ready.readable
      if !isDecided, Polling.now() >= deadline {
        return .failure(Refusal(text: "no answer in time"))
      }
    }
    var status: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size)
    return status == 0 ? .success(transport) : .failure(Refusal(text: systemMessage(status)))
  }

  /// A port of this machine where nobody listens may be the very one that the system gave to the
  /// socket, and TCP lets it connect to itself. Whoever tries again and again while a server is
  /// down
  /// meets this sooner or later, and would keep the server from coming back.
  private static func isConnectedToItself(_ descriptor: Int32) -> Bool {
    var own = sockaddr_storage()
    var peer = sockaddr_storage()
    guard let ownSize = fill(&own, { getsockname(descriptor, $0, $1) }),
      let peerSize = fill(&peer, { getpeername(descriptor, $0, $1) }), ownSize == peerSize
    else { return false }
    return withUnsafeBytes(of: &own) { own in
      withUnsafeBytes(of: &peer) { peer in own[..<ownSize].elementsEqual(peer[..<peerSize]) }
    }
  }

  private static func fill(
    _ address: inout sockaddr_storage,
    _ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Int? {
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask($0, &size) }
    }
    return status == 0 ? Int(size) : nil
  }

  private static func failure(
    _ address: RedisConfiguration.Address, _ reason: String
  ) -> RedisError {
    RedisError(
      code: .connectFailed, reason: "Redis at \(address) cannot be reached: \(reason)")
  }

  #if canImport(Darwin)
    private static let streamType = SOCK_STREAM
  #else
    private static let streamType = Int32(SOCK_STREAM.rawValue)
  #endif
}

private func connectDescriptor(
  _ descriptor: Int32, _ address: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t
) -> Int32 {
  guard let address else { return -1 }
  return connect(descriptor, address, length)
}
