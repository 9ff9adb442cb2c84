import FakeGemini

/// What stands on the command line.
struct Arguments: Sendable, Equatable {
  /// Scenarios for one model, or for any.
  struct Script: Sendable, Equatable {
    var model: String?
    var scenarios: [Scenario]
  }

  /// One line that says what was wrong.
  struct Mistake: Error, Equatable {
    let text: String
  }

  var port: UInt16 = 0
  var keys: Set<String> = []
  var scripts: [Script] = []
  var stall: Duration?
  var journal: String?
  var showsHelp = false

  static let usage = """
    usage: fake-gemini [--port N] [--key KEY] [--scenario [MODEL=]NAME[,NAME…]] [--stall MS]
                       [--journal FILE]

    Prints http://127.0.0.1:PORT and answers there as Gemini does, until SIGTERM, SIGINT or the end
    of its input (when that is a pipe or a terminal).

      --port N        the port; 0, the default, is any free one
      --key KEY       a key to take, instead of test-key; may be given several times
      --scenario …    what to do with requests, of MODEL or of any: each name once, the last one
                      for good; may be given several times
      --stall MS      silences end by themselves after so many milliseconds; without it they last
                      until the client leaves
      --journal FILE  write what is received to FILE, one JSON object a line

    scenarios: \(Scenario.all.map(\.name).joined(separator: " ")) finish-REASON blocked-REASON

    """

  init(_ words: [String]) throws(Mistake) {
    var words = words[...]
    while let option = words.popFirst() {
      switch option {
      case "--help", "-h": showsHelp = true
      case "--port":
        let value = try Self.value(of: option, &words)
        guard let port = UInt16(value) else {
          throw Mistake(text: "--port: \(value) is not a number from 0 to 65535")
        }
        self.port = port
      case "--key":
        let value = try Self.value(of: option, &words)
        guard !value.isEmpty else { throw Mistake(text: "--key: a key is not empty") }
        keys.insert(value)
      case "--stall":
        let value = try Self.value(of: option, &words)
        guard let milliseconds = Int64(value), milliseconds >= 0 else {
          throw Mistake(text: "--stall: \(value) is not a number of milliseconds")
        }
        stall = .milliseconds(milliseconds)
      case "--journal": journal = try Self.value(of: option, &words)
      case "--scenario": scripts.append(try Self.script(try Self.value(of: option, &words)))
      default: throw Mistake(text: "unknown option \(option)")
      }
    }
    if keys.isEmpty { keys = ["test-key"] }
    guard let stall else { return }
    scripts = scripts.map { script in
      Script(model: script.model, scenarios: script.scenarios.map { $0.holding(for: stall) })
    }
  }

  private static func value(
    of option: String, _ words: inout ArraySlice<String>
  ) throws(Mistake) -> String {
    guard let value = words.popFirst() else { throw Mistake(text: "\(option) needs a value") }
    return value
  }

  private static func script(_ text: String) throws(Mistake) -> Script {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    var scenarios: [Scenario] = []
    for name in (parts.last ?? "").split(separator: ",", omittingEmptySubsequences: false) {
      guard let scenario = Scenario(name: String(name)) else {
        throw Mistake(text: "--scenario: there is no \(name); --help lists the names")
      }
      scenarios.append(scenario)
    }
    return Script(model: parts.count > 1 ? String(parts[0]) : nil, scenarios: scenarios)
  }
}
