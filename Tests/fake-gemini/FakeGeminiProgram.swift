import FakeGemini
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@main
struct FakeGeminiProgram {
  static func main() {
    // Before any other thread is there: all that come after inherit it.
    let end = EndOfProgram()
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      if arguments.showsHelp {
        say(Arguments.usage, to: STDOUT_FILENO)
        exit(0)
      }
      try end.watchInput()
      // Detached: this function is on the main actor, whose thread is about to wait for good.
      Task.detached {
        do {
          try await serve(arguments, until: end)
          exit(0)
        } catch {
          fail("\(error)\n", status: 1)
        }
      }
      end.waitForSignal()
    } catch let mistake as Arguments.Mistake {
      fail(mistake.text + "\n" + Arguments.usage, status: 2)
    } catch {
      fail("\(error)\n", status: 1)
    }
  }

  private static func serve(_ arguments: Arguments, until end: EndOfProgram) async throws {
    var journal: JournalFile?
    if let path = arguments.journal { journal = try JournalFile(path: path) }
    let fake = try await FakeGemini(
      keys: arguments.keys, port: arguments.port, observer: { [journal] in journal?.write($0) })
    arguments.prepare(fake)
    say(fake.baseURL + "\n", to: STDOUT_FILENO)
    try await end.wait()
    await fake.close()
  }

  private static func fail(_ text: String, status: Int32) -> Never {
    say("fake-gemini: " + text, to: STDERR_FILENO)
    exit(status)
  }

  private static func say(_ text: String, to file: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

extension Arguments {
  func prepare(_ fake: FakeGemini) {
    for script in scripts {
      for scenario in script.scenarios.dropLast() { fake.enqueue(scenario, for: script.model) }
      if let last = script.scenarios.last { fake.set(last, for: script.model) }
    }
  }
}
