import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The reader of the output went away, or it cannot be written.
package struct OutputError: Error, Sendable {
  package let errno: Int32

  /// Nobody reads any more: nothing to complain about to anybody.
  package var isClosedPipe: Bool { errno == EPIPE }
}

/// The standard output and error of the process. Whoever writes waits until it is written, on no
/// thread of Swift's: a slow reader slows its writer down and blocks nothing else.
package final class StandardStreams: Sendable {
  package enum Stream: Int32, Sendable {
    case output = 1
    case error = 2
  }

  private let queue = DispatchQueue(label: "terminal.output")

  package init() {}

  /// Whether a stream is a terminal.
  package static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

  /// Writes all of `text`. Text for a terminal loses its control characters: what a model or a
  /// stranger wrote must not be able to move the cursor.
  package func write(_ text: String, to stream: Stream) async throws(OutputError) {
    try await control(Self.isTerminal(stream) ? Self.harmless(text) : text, to: stream)
  }

  /// Writes all of `text` as it is. Nothing that others wrote may be in it, unless it went through
  /// ``harmless(_:)``.
  package func control(_ text: String, to stream: Stream) async throws(OutputError) {
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

  /// The text with a mark in place of what would control a terminal, or show other text than there
  /// is.
  package static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(isHarmful(scalar) ? "\u{FFFD}" : scalar) }
    return String(scalars)
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    !scalar.isPrintable && scalar != "\n" && scalar != "\t"
  }
}

extension Unicode.Scalar {
  /// Whether the scalar can stand in a line without moving the cursor, changing the terminal or
  /// turning around what stands beside it.
  package var isPrintable: Bool {
    switch value {
    // Embeddings, overrides and isolates of the writing direction.
    case 0x202A...0x202E, 0x2066...0x2069: return false
    default: break
    }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: return false
    default: return true
    }
  }
}

/// The system's own, where a method of the same name stands in its way.
package func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
