import Foundation

/// What the command line asks for.
struct Options {
  static let usage = """
    usage: session-bench [--only PREFIX[,PREFIX…]] [--rounds N] [--floors DIR]
             [--chat-cli FILE] [--json FILE] [--list]
           session-bench sizes
           session-bench big
           session-bench processes
    """

  /// Workloads whose name begins with one of these; all when empty.
  var prefixes: [String] = []
  var roundCount = 7
  /// Where the C programs are.
  var floors = URL(fileURLWithPath: ".build/bench/floors").path
  /// The program whose start is measured.
  var chatCLI = URL(fileURLWithPath: ".build/release/chat-cli").path
  var json: String?
  var onlyLists = false

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value(of flag: String) throws -> String {
      guard let value = rest.popFirst() else { throw BenchError("\(flag) wants a value") }
      return value
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--only": prefixes += try value(of: argument).split(separator: ",").map(String.init)
      case "--rounds":
        guard let count = Int(try value(of: argument)), count > 0 else {
          throw BenchError("--rounds wants a number above 0")
        }
        roundCount = count
      case "--floors": floors = absolute(try value(of: argument))
      case "--chat-cli": chatCLI = absolute(try value(of: argument))
      case "--json": json = try value(of: argument)
      case "--list": onlyLists = true
      default: throw BenchError("unknown argument \(argument)\n\(Self.usage)")
      }
    }
  }

  private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }

  func selects(_ workload: Workload) -> Bool {
    prefixes.isEmpty || prefixes.contains { workload.name.hasPrefix($0) }
  }
}
