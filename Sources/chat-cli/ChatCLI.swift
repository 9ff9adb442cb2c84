import Dispatch
import SessionCore
import TerminalKit

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The command line program.
@main
struct ChatCLI {
  /// Not `async`: Swift's runtime takes descriptors and threads of its own, and stops the process
  /// where there are none. So the surroundings are looked at before it begins.
  static func main() {
    OpenStreams.hold()
    if let limit = SystemLimits.tooNarrow() {
      let language = CommandLineParser.language(of: CommandLine.arguments)
      let line = Texts(language: language).failure(limit(language)) + "\n"
      _ = Array(line.utf8).withUnsafeBytes { systemWrite(2, $0) }
      exit(ExitCode.failed.rawValue)
    }
    ProcessFacts.keepLoopbackFromProxies()
    let code = Locked(ExitCode.failed)
    let isOver = DispatchSemaphore(value: 0)
    Task.detached {
      let result = await Program.run()
      code.withLock { $0 = result }
      isOver.signal()
    }
    isOver.wait()
    exit(code.withLock(\.rawValue))
  }
}
