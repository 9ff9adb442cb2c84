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

  /// Has loopback addresses asked without a proxy, whatever the environment says of proxies: what
  /// goes there may hold a key, and must not leave the machine. To be called before any thread is
  /// started.
  static func keepLoopbackFromProxies() {
    let environment = environment()
    let named = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
    let list = (named.isEmpty ? [] : [named]) + ["localhost", "127.0.0.1", "::1"]
    setenv("no_proxy", list.joined(separator: ","), 1)
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
