#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What somebody piped into the program beside its arguments.
package enum PipedInput {
  package enum Outcome: Sendable, Hashable {
    /// The text; empty when there is none.
    case text(String)
    /// The pipe was open and silent, and was left.
    case silent
    case notUTF8
    case tooLong
  }

  /// Reads the standard input to its end, if it is a pipe, a socket or a file: nothing is read from
  /// a terminal or another device.
  ///
  /// - Parameters:
  ///   - time: How long a pipe may be silent before its first byte.
  ///   - byteCountMax: A longer text is told.
  package static func read(
    silentFor time: Duration, byteCountMax: Int = LineSplitter.byteCountMax
  ) async throws -> Outcome {
    var facts = stat()
    guard fstat(0, &facts) == 0, [S_IFIFO, S_IFSOCK, S_IFREG].contains(facts.st_mode & S_IFMT)
    else { return .text("") }
    let input = LineInput()
    guard try await input.isReady(within: time) else { return .silent }
    return try await readAll(input, byteCountMax)
  }

  /// Reads the standard input to its end, whatever it is.
  package static func readAll(
    byteCountMax: Int = LineSplitter.byteCountMax
  ) async throws -> Outcome {
    try await readAll(LineInput(), byteCountMax)
  }

  private static func readAll(_ input: LineInput, _ byteCountMax: Int) async throws -> Outcome {
    guard let bytes = try await input.all(byteCountMax: byteCountMax) else { return .tooLong }
    guard let text = String(validating: bytes, as: UTF8.self) else { return .notUTF8 }
    var lines = text.replacing("\r\n", with: "\n").replacing("\n\u{FEFF}", with: "\n")
    if lines.first == "\u{FEFF}" { lines.removeFirst() }
    if lines.last == "\n" { lines.removeLast() }
    return .text(lines)
  }
}
