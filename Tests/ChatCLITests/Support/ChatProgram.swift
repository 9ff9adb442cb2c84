import Glibc
import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The built program, run in a directory of its own with an environment of its own.
struct ChatProgram: Sendable {
  var environment: [String: String] = [:]
  let directory: String

  init(environment: [String: String] = [:]) throws {
    self.environment = environment
    directory = "\(FileManager.default.temporaryDirectory.path)/chat-cli-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
  }

  /// Deletes the directory.
  func cleanUp() { try? FileManager.default.removeItem(atPath: directory) }

  /// Writes a file into the working directory.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
  }

  /// The text of a file of the working directory.
  func read(_ name: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"), encoding: .utf8)
  }

  /// The names of the files of the working directory.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  func start(_ arguments: String...) throws -> RunningProgram { try start(arguments) }

  func start(_ arguments: [String]) throws -> RunningProgram {
    try RunningProgram(
      Spawn.start(
        Self.path, arguments, environment: fullEnvironment, directory: directory))
  }

  /// Starts it in a terminal.
  func startInTerminal(
    _ arguments: String..., columns: Int = 80, rows: Int = 24
  ) throws -> RunningProgram {
    let (pid, terminal) = try Spawn.startInTerminal(
      Self.path, arguments,
      environment: ["TERM": "xterm-256color"].merging(fullEnvironment) { $1 },
      directory: directory, columns: columns, rows: rows)
    return try RunningProgram(pid: pid, input: terminal, streams: [(terminal, .output)])
  }

  /// Runs it to its end, with `input` on its standard input.
  func run(_ arguments: String..., input: String = "") async throws -> RunningProgram.Result {
    try await run(arguments, input: input)
  }

  func run(_ arguments: [String], input: String = "") async throws -> RunningProgram.Result {
    let program = try start(arguments)
    if input.isEmpty {
      program.closeInput()
      return await program.end()
    }
    try write(input, to: "input")
    return try await runWithFile(arguments)
  }

  /// Runs it with the file `input` of its directory as standard input.
  private func runWithFile(_ arguments: [String]) async throws -> RunningProgram.Result {
    try await shell("exec \"$0\" \"$@\" <input", arguments)
  }

  /// Runs a shell script in which `$0` is the program.
  func shell(_ script: String, _ arguments: [String] = []) async throws -> RunningProgram.Result {
    let program = try RunningProgram(
      Spawn.start(
        "/bin/sh", ["-c", script, Self.path] + arguments, environment: fullEnvironment,
        directory: directory))
    program.closeInput()
    return await program.end()
  }

  var fullEnvironment: [String: String] {
    var full = [
      "HOME": directory, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC",
      "XDG_STATE_HOME": "\(directory)/state", "SWIFT_BACKTRACE": "enable=no",
    ]
    let inherited = ProcessInfo.processInfo.environment
    for name in ["LD_LIBRARY_PATH", "TSAN_OPTIONS", "ASAN_OPTIONS", "LLVM_PROFILE_FILE"] {
      full[name] = inherited[name]
    }
    return full.merging(environment) { $1 }
  }

  /// Beside the tests' own executable.
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:))
    let own = bytes.isEmpty ? CommandLine.arguments[0] : String(decoding: bytes, as: UTF8.self)
    return own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/") + "/chat-cli"
  }()
}
