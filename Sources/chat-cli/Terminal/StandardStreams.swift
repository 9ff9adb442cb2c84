import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The reader of the output went away, or it cannot be written.
struct OutputError: Error, Sendable {
  let errno: Int32

  /// Nobody reads any more: nothing to complain about to anybody.
  var isClosedPipe: Bool { errno == EPIPE }
  var reason: String { String(cString: strerror(errno)) }
}

/// The standard output and error of the process. Whoever writes waits until it is written, on no
/// thread of Swift's: a slow reader slows its writer down and blocks nothing else.
final class StandardStreams: Sendable {
  enum Stream: Int32, Sendable {
    case output = 1
    case error = 2
  }

  private let queue = DispatchQueue(label: "chat-cli.output")

  /// Whether a stream is a terminal.
  static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

  /// Writes all of `text`. Text for a terminal loses its control characters: what a model or a
  /// stranger wrote must not be able to move the cursor.
  func write(_ text: String, to stream: Stream) async throws(OutputError) {
    try await control(Self.isTerminal(stream) ? Self.harmless(text) : text, to: stream)
  }

  /// Writes all of `text` as it is. Nothing that others wrote may be in it, unless it went through
  /// ``harmless(_:)``.
  func control(_ text: String, to stream: Stream) async throws(OutputError) {
    let status: Int32 = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: Self.writeAll(text, stream.rawValue)) }
    }
    if status != 0 { throw OutputError(errno: status) }
  }

  /// 0, or the errno.
  private static func writeAll(_ text: String, _ descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = systemWrite(descriptor, rest)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if errno == EAGAIN {
          // Somebody else made the descriptor non-blocking.
          var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wanted, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(isHarmful(scalar) ? "\u{FFFD}" : scalar) }
    return String(scalars)
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
  }
}

/// The system's own, where a method of the same name stands in its way.
func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
