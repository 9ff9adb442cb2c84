import RawClient
import SessionCore
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A program that the package builds, run with pipes. Its waits block threads of their own.
final class ChildProcess: Sendable {
  private let process: pid_t
  private let input: Int32
  private let output: Int32
  private let errors: Int32
  private let isInputOpen = Locked(true)

  init(_ name: String, _ arguments: [String]) throws {
    // The test bundle stands beside the programs.
    let directory = CommandLine.arguments[0].split(
      separator: "/", omittingEmptySubsequences: false
    ).dropLast().joined(separator: "/")
    let path = directory + "/" + name
    let (inputEnds, outputEnds, errorEnds) = (try Self.pipe(), try Self.pipe(), try Self.pipe())
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, inputEnds.reading, 0)
    posix_spawn_file_actions_adddup2(&actions, outputEnds.writing, 1)
    posix_spawn_file_actions_adddup2(&actions, errorEnds.writing, 2)
    closeInheritedDescriptors(&actions)
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let status = posix_spawn(&process, path, &actions, nil, &words, environ)
    for end in [inputEnds.reading, outputEnds.writing, errorEnds.writing] { close(end) }
    self.process = process
    (input, output, errors) = (inputEnds.writing, outputEnds.reading, errorEnds.reading)
    guard status == 0 else { throw RawError(description: "\(path) did not start (\(status))") }
  }

  deinit {
    closeInput()
    close(output)
    close(errors)
  }

  private static func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard systemPipe(&ends) == 0 else { throw RawError(description: "no pipe (\(errno))") }
    // What the child gets are copies without this mark.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  func closeInput() {
    let wasOpen = isInputOpen.withLock { open in
      defer { open = false }
      return open
    }
    if wasOpen { close(input) }
  }

  func terminate() { kill(process, SIGTERM) }

  /// The first line of its output, without the end.
  func firstLine() async throws -> String {
    try await onThread { [output] in
      var line: [UInt8] = []
      var byte: UInt8 = 0
      while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
      return String(decoding: line, as: UTF8.self)
    }
  }

  /// Its exit status and all that is left of its output and errors.
  func end() async throws -> (status: Int32, output: String, errors: String) {
    try await onThread { [self] in
      let (text, complaints) = (Self.rest(of: output), Self.rest(of: errors))
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
      return (code, text, complaints)
    }
  }

  private static func rest(of file: Int32) -> String {
    var text: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(file, &bytes, bytes.count)
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += bytes[..<count]
    }
  }

  private func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread { continuation.resume(returning: body()) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}

private func systemPipe(_ ends: inout [Int32]) -> Int32 { pipe(&ends) }
