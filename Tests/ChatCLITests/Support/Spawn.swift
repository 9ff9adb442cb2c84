import Glibc
import SessionCore
import TestSupport

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

  /// Starts a program in a pseudo-terminal of its own, as its session's leader.
  ///
  /// - Returns: The process, and the end of the terminal that stays here.
  static func startInTerminal(
    _ path: String, _ arguments: [String], environment: [String: String], directory: String,
    columns: Int, rows: Int
  ) throws -> (pid: pid_t, terminal: Int32) {
    try ends.withLock { _ in
      let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      var number: Int32 = 0
      var isLocked: Int32 = 0
      guard terminal >= 0, ioctl(terminal, getNumber, &number) == 0,
        ioctl(terminal, setLock, &isLocked) == 0
      else { throw Failed(description: "no pseudo-terminal") }
      let name = "/dev/pts/\(number)"
      _ = fcntl(terminal, F_SETFD, FD_CLOEXEC)
      resize(terminal, columns: columns, rows: rows)
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
      let pid = try spawn(
        path, arguments, environment, directory, &actions, flags: newSession)
      return (pid, terminal)
    }
  }

  // `posix_openpt` and its like, and POSIX_SPAWN_SETSID, are not in the Glibc module.
  private static let getNumber: UInt = 0x8004_5430
  private static let setLock: UInt = 0x4004_5431
  private static let newSession: Int32 = 0x80

  /// Tells a pseudo-terminal its size, and with it the program inside.
  static func resize(_ terminal: Int32, columns: Int, rows: Int) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
  }

  /// Starts `path` with the signals of a fresh process, whatever the test process ignores or
  /// blocks.
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
    closeInheritedDescriptors(&actions)
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
