import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads the `.env` file: that of the working directory, or the one that somebody named.
enum DotEnvFile {
  /// More is no file of settings.
  private static let byteCountMax = 1 << 20
  /// How long a pipe that somebody named may be silent.
  private static let patience: Int32 = 5_000

  /// - Parameter path: The path that was given; `none` for no file; nil for `.env`, which may be
  ///   missing, or anything else of that name, and is none of our business then.
  static func read(_ path: String?) throws(UsageError) -> DotEnv {
    guard path != "none" else { return .empty }
    let descriptor = open(path ?? ".env", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0 else {
      guard let path else { return .empty }
      throw unreadable(path, Phrase(errno: errno))
    }
    var facts = stat()
    let isPlain = fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    if path == nil, !isPlain { return .empty }
    switch load(descriptor) {
    case .success(let bytes): return DotEnv(parsing: text(of: bytes), path: path)
    case .failure(let failure):
      guard let path else { return .empty }
      throw unreadable(path, failure.reason)
    }
  }

  private struct Failure: Error {
    let reason: Phrase
  }

  private static func load(_ descriptor: Int32) -> Result<[UInt8], Failure> {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= byteCountMax {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, patience) > 0 else {
        return .failure(Failure(reason: Phrase(errno: ETIMEDOUT)))
      }
      let count = systemRead(descriptor, &buffer)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else { return .failure(Failure(reason: Phrase(errno: errno))) }
      if count == 0 { return .success(bytes) }
      bytes += buffer[..<count]
    }
    return .failure(Failure(reason: Phrase("plus d'un Mio", "more than one MiB")))
  }

  /// UTF-8, or UTF-16 as Windows writes it; what is neither stays to be seen in what it spoils.
  private static func text(of bytes: [UInt8]) -> String {
    let isBigEndian = bytes.starts(with: [0xFE, 0xFF])
    guard isBigEndian || bytes.starts(with: [0xFF, 0xFE]) else {
      return String(decoding: bytes, as: UTF8.self)
    }
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
      let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    return String(decoding: units, as: UTF16.self)
  }

  private static func unreadable(_ path: String, _ reason: Phrase) -> UsageError {
    UsageError(
      "--env-file \(UsageError.shortened(path)) : \(reason.french) ; attendu : un fichier de texte, ou "
        + "none",
      "--env-file \(UsageError.shortened(path)): \(reason.english); expected: a text file, or none")
  }
}

/// The system's own, where a method of the same name stands in its way.
private func systemRead(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
  read(descriptor, &buffer, buffer.count)
}
