import Foundation

/// Runs programs of this package, which stand beside the tests.
public enum BuiltProgram {
  /// Runs a program to its end, and returns what it printed.
  public static func output(of name: String, _ arguments: [String] = []) async throws -> String {
    try await SpawnedProcess.output(of: path(of: name), arguments, errors: .shared)
  }

  /// The path of a program.
  public static func path(of name: String) -> String { directory + "/" + name }

  /// The folder of what was built: that of the tests' own executable, or on macOS of its bundle.
  private static var directory: String {
    let parts = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    let bundle = parts.components(separatedBy: ".xctest")[0]
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
  }
}
