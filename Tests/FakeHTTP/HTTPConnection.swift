#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One connection, on the thread that is its own.
struct HTTPConnection {
  /// How an answer ended.
  enum Ending: Error {
    /// Every byte was handed to the system.
    case whole
    /// The client closed the connection first.
    case clientLeft
    /// A cut, a reset, or the end of the server.
    case serverEnded
  }

  private let socket: Descriptor
  private let core: HTTPServerCore
  private var parser: HTTPRequestParser
  private var isReset = false
  private var input = [UInt8](repeating: 0, count: 64 * 1024)

  init(_ socket: Descriptor, core: HTTPServerCore) {
    self.socket = socket
    self.core = core
    parser = HTTPRequestParser(limits: core.limits)
  }

  /// Answers request after request until one side has enough.
  mutating func run() {
    // The client must see the end even when a process that was started meanwhile holds the socket
    // open too. A reset is made by the closing itself.
    defer { if !isReset { shutdown(socket.raw, Int32(SHUT_RDWR)) } }
    do {
      while true {
        while let request = try parser.next() {
          let closes = parser.closesAfterAnswer
          guard answer(request, closes: closes) else { return }
          if closes { return leave() }
        }
        if parser.wantsContinue {
          try write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
          parser.didSendContinue()
        }
        try waitUntil(POLLIN)
        try read()
      }
    } catch let error as HTTPReadError {
      let body = Array("<!DOCTYPE html>\n<title>\(error.status)</title>\n\(error.reason)\n".utf8)
      let type = HTTPHeader("Content-Type", "text/html; charset=UTF-8")
      let reply = HTTPReply(status: error.status, headers: [type], body: body)
      if (try? write(reply.head(closes: true) + body)) != nil { leave() }
    } catch {
      // The client has gone, or the server goes: nobody is left to be told.
    }
  }

  /// False: the connection is not to be used any more.
  private mutating func answer(_ request: ReceivedRequest, closes: Bool) -> Bool {
    let number = core.journal.record(request)
    let reply = core.handler(request)
    let ending: Ending
    do {
      try perform(reply, of: number, closes: closes)
      ending = .whole
    } catch {
      ending = error
    }
    core.journal.ended(number, ending)
    return ending == .whole
  }

  private mutating func perform(
    _ reply: HTTPReply, of number: Int, closes: Bool
  ) throws(Ending) {
    for step in reply.prelude { try perform(step, of: number) }
    core.journal.began(number, status: reply.status)
    // The head travels with the first bytes of the body, as it does from a real server.
    var unsent = reply.head(closes: closes)
    for (index, step) in reply.steps.enumerated() {
      // Only between two steps: a client that has all may leave, and has not left early.
      if index > 0 { try read() }
      if case .send(let bytes) = step {
        unsent += reply.framing == .chunked ? Self.chunk(bytes) : bytes
        try write(unsent)
        unsent = []
      } else {
        try write(unsent)
        unsent = []
        try perform(step, of: number)
      }
    }
    if reply.framing == .chunked { unsent += Array("0\r\n\r\n".utf8) }
    try write(unsent)
  }

  private mutating func perform(_ step: HTTPReply.Step, of number: Int) throws(Ending) {
    switch step {
    case .send(let bytes): try write(bytes)
    case .hold(let duration): try hold(number, for: duration)
    case .cut: throw .serverEnded
    case .reset:
      Sockets.resetOnClose(socket)
      isReset = true
      throw .serverEnded
    }
  }

  private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
    // An empty chunk would be the end of the body.
    if bytes.isEmpty { return [] }
    return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
  }

  private mutating func hold(_ number: Int, for duration: Duration?) throws(Ending) {
    guard let released = core.beginHold(number) else { throw .serverEnded }
    defer { core.endHold(number) }
    let deadline = duration.map { ContinuousClock.now + $0 }
    while true {
      let ready = Sockets.wait(
        for: [(socket, Int32(POLLIN)), (core.closing, Int32(POLLIN)), (released, Int32(POLLIN))],
        timeout: deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) })
      if ready[1] { throw .serverEnded }
      if ready[0] { try read() }
      if ready[2] || !ready.contains(true) { return }
    }
  }

  /// Takes what the client has sent meanwhile, which tells too whether it is still there.
  private mutating func read() throws(Ending) {
    let count = recv(socket.raw, &input, input.count, 0)
    if count > 0 {
      parser.feed(input[..<count])
      guard parser.unreadByteCount <= core.limits.byteCountMax else { throw .serverEnded }
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      throw .clientLeft
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws(Ending) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(socket.raw, $0.baseAddress, $0.count, 0) }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try waitUntil(POLLOUT)
      } else if errno != EINTR {
        throw .clientLeft
      }
    }
  }

  private func waitUntil(_ event: Int32) throws(Ending) {
    let ready = Sockets.wait(for: [(socket, event), (core.closing, Int32(POLLIN))])
    if ready[1] { throw .serverEnded }
  }

  /// Closes so that the client surely reads the answer: closing a socket with unread input would
  /// reset the connection.
  private mutating func leave() {
    shutdown(socket.raw, Int32(SHUT_WR))
    while true {
      let ready = Sockets.wait(
        for: [(socket, Int32(POLLIN)), (core.closing, Int32(POLLIN))], timeout: .seconds(2))
      guard ready[0], !ready[1], recv(socket.raw, &input, input.count, 0) > 0 else { return }
    }
  }
}
