import Foundation

/// Runs programs of this package, which stand beside the tests.
public enum BuiltProgram {
  /// Runs a program to its end, and returns what it printed.
  public static func output(of name: String, _ arguments: [String] = []) async throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: directory + "/" + name)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    let (ended, end) = AsyncStream<Void>.makeStream()
    process.terminationHandler = { _ in end.finish() }
    try process.start()
    for await _ in ended {}
    return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }

  /// The folder of what was built: that of the tests' own executable, or on macOS of its bundle.
  private static var directory: String {
    let parts = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    let bundle = parts.components(separatedBy: ".xctest")[0]
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
  }
}
