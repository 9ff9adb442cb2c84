import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A program that a test starts, looked for on the PATH.
///
/// Not Foundation's `Process`, which in Swift 6.3 reads beyond its memory now and then when many
/// descriptors are open. It inherits nothing but its three streams, and starts with the signals of
/// a fresh process. Whoever waits blocks: on a thread of one's own.
public final class SpawnedProcess: Sendable {
  /// Why a program did not start.
  public struct Failed: Error, CustomStringConvertible {
    /// What the system said.
    public let description: String
  }

  /// Where a stream of the program goes.
  public enum Stream: Sendable {
    /// Nowhere.
    case none
    /// Where ours goes.
    case shared
    /// Into a pipe: see ``SpawnedProcess/read()``.
    case pipe
    /// Into a file, which is emptied.
    case file(String)
  }

  /// The number of the process.
  public let pid: Int32
  private let reading: Int32
  private let isOver = Locked(false)
  /// How it ended; whoever waits for that holds the lock.
  private let code = Locked<Int32?>(nil)

  /// Starts `program` with `arguments`.
  ///
  /// - Parameters:
  ///   - environment: Nil for ours.
  ///   - errors: ``Stream/pipe`` leads into the same pipe as `output`.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String]? = nil,
    output: Stream = .none, errors: Stream = .none
  ) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failed(description: "no pipe (\(errno))") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (stream, number) in [(output, Int32(1)), (errors, 2)] {
      switch stream {
      case .none: posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_WRONLY, 0)
      case .shared: break
      case .pipe: posix_spawn_file_actions_adddup2(&actions, ends[1], number)
      case .file(let path):
        posix_spawn_file_actions_addopen(
          &actions, number, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      }
    }
    closeInheritedDescriptors(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let status: Int32
    if let environment {
      var settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
      defer { for setting in settings { free(setting) } }
      status = posix_spawnp(&pid, program, &actions, &attributes, &words, &settings)
    } else {
      status = posix_spawnp(&pid, program, &actions, &attributes, &words, environ)
    }
    guard status == 0 else {
      close(ends[0])
      throw Failed(description: "\(program) does not start (\(status))")
    }
    self.pid = pid
    reading = ends[0]
  }

  /// Runs `program` to its end, and returns what it printed.
  public static func output(
    of program: String, _ arguments: [String], errors: Stream
  ) async throws -> String {
    let process = try SpawnedProcess(program, arguments, output: .pipe, errors: errors)
    return try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread {
          var output: [UInt8] = []
          while case let bytes = process.read(), !bytes.isEmpty { output += bytes }
          process.wait()
          continuation.resume(returning: String(decoding: output, as: UTF8.self))
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  deinit { close(reading) }

  /// The next bytes of the pipe; empty at its end. Waits.
  public func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = systemRead(reading, &buffer, buffer.count)
      if count >= 0 { return Array(buffer[..<count]) }
      if errno != EINTR { return [] }
    }
  }

  /// Waits for the end, and returns the exit status, or 128 and the number of the signal. Can be
  /// called any number of times.
  @discardableResult
  public func wait() -> Int32 {
    code.withLock { known in
      if let known { return known }
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7F
      let code = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
      known = code
      isOver.withLock { $0 = true }
      return code
    }
  }

  /// Ends the program at once, and waits until it is gone.
  public func kill() {
    if !isOver.withLock(\.self) { _ = systemKill(pid, SIGKILL) }
    wait()
  }
}

private func systemRead(_ descriptor: Int32, _ buffer: inout [UInt8], _ count: Int) -> Int {
  read(descriptor, &buffer, count)
}

private func systemKill(_ pid: Int32, _ signal: Int32) -> Int32 { kill(pid, signal) }
