#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the process was given by its surroundings.
enum ProcessFacts {
  /// The arguments behind the program's name.
  static func arguments() throws(UsageError) -> [String] {
    var arguments: [String] = []
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let bytes = CommandLine.unsafeArgv[index] else { break }
      guard let text = String(validatingCString: bytes) else {
        throw UsageError(
          "l'argument \(index) n'est pas un texte en UTF-8",
          "argument \(index) is not a text in UTF-8")
      }
      arguments.append(text)
    }
    return arguments
  }

  static func environment() -> [String: String] { ProcessInfo.processInfo.environment }

  /// The `.env` file of the working directory; empty when there is none.
  static func dotEnv() throws(UsageError) -> DotEnv {
    var status = stat()
    guard stat(".env", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .empty }
    guard status.st_size <= 1024 * 1024, let data = FileManager.default.contents(atPath: ".env")
    else {
      throw UsageError(
        ".env : illisible ; attendu : un fichier de texte d'un Mio au plus",
        ".env: cannot be read; expected: a text file of one MiB at most")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UsageError(
        ".env : illisible ; attendu : du texte en UTF-8",
        ".env: cannot be read; expected: text in UTF-8")
    }
    return try DotEnv(parsing: text)
  }

  /// The name of the system's user, or its number when it has none.
  static func userName() -> String {
    let number = getuid()
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var storage = [CChar](repeating: 0, count: 16_384)
    guard getpwuid_r(number, &entry, &storage, storage.count, &found) == 0, found != nil,
      let bytes = entry.pw_name, let name = String(validatingCString: bytes), !name.isEmpty
    else { return String(number) }
    return name
  }
}
