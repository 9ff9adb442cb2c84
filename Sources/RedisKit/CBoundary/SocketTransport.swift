#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A plain TCP or Unix socket.
final class SocketTransport: Transport {
  private(set) var descriptor: Int32
  let shortReadEmpties = true
  let maySendFromAnyThread = true

  /// Owns `descriptor`, which must be connected and non-blocking.
  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close() }

  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    result(recv(descriptor, buffer.baseAddress, buffer.count, 0))
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    // Whoever calls may not block SIGPIPE, which would end the program.
    #if canImport(Darwin)
      // The socket itself was told, when it was made.
      result(Darwin.send(descriptor, bytes.baseAddress, bytes.count, 0))
    #elseif canImport(Glibc)
      result(Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    #else
      result(Musl.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
    #endif
  }

  func close() {
    guard descriptor >= 0 else { return }
    closeDescriptor(descriptor)
    descriptor = -1
  }

  private func result(_ count: Int) -> Transfer {
    if count > 0 { return .moved(count) }
    if count == 0 { return .ended("the server closed the connection") }
    let reason = errno
    if reason == EAGAIN || reason == EWOULDBLOCK || reason == EINTR { return .wouldBlock }
    return .ended(systemMessage(reason))
  }
}

@available(*, unavailable, message: "A transport belongs to one thread at a time.")
extension SocketTransport: Sendable {}

/// `close`, for types that have a method of that name.
func closeDescriptor(_ descriptor: Int32) { close(descriptor) }

/// The system's text for an error number.
func systemMessage(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  _ = strerror_r(number, &buffer, buffer.count)
  return buffer.withUnsafeBufferPointer { text in
    text.baseAddress.map { String(cString: $0) } ?? "error \(number)"
  }
}
