#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where the program keeps its own files: `$XDG_STATE_HOME/chat-cli`, readable by its owner alone.
enum StateDirectory {
  /// The path of a file in it; nil when there is no home to keep it in.
  static func path(of file: String, environment: [String: String]) -> String? {
    let base: String
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      base = state
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      base = home + "/.local/state"
    } else {
      return nil
    }
    let directory = base + "/chat-cli"
    try? FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    return directory + "/" + file
  }
}
