import Foundation

/// Measures the libraries against floors in C, round by round in turn.
@main
struct SessionBench {
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    var arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if arguments.first == "worker" {
        arguments.removeFirst()
        return try await runWorker(arguments)
      }
      // `make bench` puts its options before what it is given.
      switch arguments.last {
      case "sizes": try await Sizes.report()
      case "big": try await BigArchive.report()
      case "processes": try Processes.report()
      default: exit(try Driver(try Options(arguments)).run() ? 0 : 1)
      }
    } catch {
      FileHandle.standardError.write(Data("session-bench: \(error)\n".utf8))
      exit(2)
    }
  }
}

/// Something is wrong with how the program was called, or with what it measures.
struct BenchError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Prints a line at once: a pipe would keep it until much more has come together.
func say(_ line: String) {
  var bytes = Array((line + "\n").utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    // Whoever was to read it has gone, and so nothing is to be told any more.
    if count <= 0 { exit(2) }
    bytes = bytes.dropFirst(count)
  }
}
