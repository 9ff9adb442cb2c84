import FakeHTTP
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Waits for what ends the program: a signal, or the end of its input.
struct EndOfProgram: Sendable {
  private let isOver = Observed(false)
  private static let signals = [SIGTERM, SIGINT]

  /// To be made before any other thread is: the signals are blocked on all that come after.
  init() {
    var set = Self.signalSet
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Waits for what comes first.
  func wait() async throws { try await isOver.wait { $0 } }

  /// Blocks the main thread, which has nothing else to do, until the program exits.
  func waitForSignal() -> Never {
    while true {
      var set = Self.signalSet
      var received: Int32 = 0
      sigwait(&set, &received)
      isOver.update { $0 = true }
    }
  }

  /// Ends the program with its input, if that can end.
  func watchInput() throws {
    guard Self.inputCanEnd else { return }
    let isOver = isOver
    _ = try DedicatedThread {
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        if count == 0 || count < 0 && errno != EINTR { break }
      }
      isOver.update { $0 = true }
    }
  }

  private static var signalSet: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }

  /// A program in the background of a script reads `/dev/null`, whose end means nothing.
  private static var inputCanEnd: Bool {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0 else { return false }
    let kind = status.st_mode & S_IFMT
    return kind == S_IFIFO || kind == S_IFSOCK || isatty(STDIN_FILENO) == 1
  }
}
