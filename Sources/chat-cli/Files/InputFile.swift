import Dispatch
import SessionCore
import TerminalKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is read, from its start to its end.
final class InputFile: Sendable {
  /// Bytes it has; nil for what is no plain file.
  let byteCount: Int?
  let lines: LineInput
  private let path: String

  /// - Parameter path: Nil for the standard input.
  init(_ path: String?, lineByteCountMax: Int) throws(FileError) {
    self.path = path ?? "stdin"
    let descriptor = path.map { open($0, O_RDONLY | O_CLOEXEC) } ?? dup(0)
    if descriptor < 0 { throw FileError(self.path, errno: errno) }
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    if isKnown, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw FileError(self.path, errno: EISDIR)
    }
    byteCount = isKnown && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    lines = LineInput(
      descriptor: descriptor, closesDescriptor: true, lineByteCountMax: lineByteCountMax)
  }

  /// The next line; nil at the end.
  func next() async throws -> InputLine? {
    let line = try await lines.next()
    if line == nil, lines.failure != 0 { throw FileError(path, errno: lines.failure) }
    return line
  }
}
