import Glibc
import SessionCore

/// Starts a program with pipes on its standard streams.
enum Spawn {
  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// The ends of the pipes that stay here, and the process.
  struct Child: Sendable {
    let pid: pid_t
    let input: Int32
    let output: Int32
    let errors: Int32
  }

  static func start(
    _ path: String, _ arguments: [String], environment: [String: String], directory: String
  ) throws -> Child {
    try ends.withLock { _ in try startLocked(path, arguments, environment, directory) }
  }

  /// While a child is started nobody else may start one: it would inherit the ends of these pipes,
  /// and their readers would wait for its end too.
  static let ends = Locked(())

  private static func startLocked(
    _ path: String, _ arguments: [String], _ environment: [String: String], _ directory: String
  ) throws -> Child {
    let input = try pipe()
    let output = try pipe()
    let errors = try pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.read, 0)
    posix_spawn_file_actions_adddup2(&actions, output.write, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
    let pid = try spawn(path, arguments, environment, directory, &actions, flags: 0)
    for end in [input.read, output.write, errors.write] { close(end) }
    return Child(pid: pid, input: input.write, output: output.read, errors: errors.read)
  }

  /// Starts `path` with the signals of a fresh process, whatever the test process ignores or blocks.
  static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String: String], _ directory: String,
    _ actions: inout posix_spawn_file_actions_t, flags: Int32
  ) throws -> pid_t {
    // Changes the directory and becomes the program, under the same process number.
    let env = "/usr/bin/env"
    let words = [env, "-C", directory, path] + arguments
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let all = flags | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
    posix_spawnattr_setflags(&attributes, Int16(all))
    var pid = pid_t()
    let status = withCStrings(words) { arguments in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawn(&pid, env, &actions, &attributes, arguments, environment)
      }
    }
    guard status == 0 else {
      throw Failed(description: "\(path) does not start: \(String(cString: strerror(status)))")
    }
    return pid
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Failed(description: "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
