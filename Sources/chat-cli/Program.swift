import SessionCore
import TerminalKit

/// From the command line to the exit code.
enum Program {
  static let version = PackageVersion.current

  static func run() async -> ExitCode {
    let streams = StandardStreams()
    var console = Console(streams: streams, texts: Texts(language: .french), isQuiet: false)
    do {
      let arguments = try ProcessFacts.arguments()
      let language = CommandLineParser.language(of: arguments)
      console = Console(streams: streams, texts: Texts(language: language), isQuiet: false)
      let interrupts = Interrupts(exitCode: ExitCode.interrupted.rawValue)
      return try await run(arguments, console, interrupts)
    } catch {
      return await Failure(error).report(to: console)
    }
  }

  private static func run(
    _ arguments: [String], _ console: Console, _ interrupts: Interrupts
  ) async throws -> ExitCode {
    let help = HelpText(language: console.texts.language)
    let line: ParsedCommandLine
    do {
      line = try CommandLineParser.parse(arguments)
    } catch {
      // Whoever asks for help while something is wrong needs it most.
      guard arguments.prefix(while: { $0 != "--" }).contains(where: isHelp) else { throw error }
      try await console.answer(help.program())
      return .done
    }
    if line.has(.help) {
      let isProgram = line.command.name == .chat && arguments.first != CommandName.chat.rawValue
      try await console.answer(isProgram ? help.program() : help.command(line.command))
      return .done
    }
    if line.has(.version) {
      try await console.answerLine("chat-cli \(version)")
      return .done
    }
    let command = try Command(line)
    let settings = try Settings(
      SettingSources(
        flags: line.options, environment: ProcessFacts.environment(),
        dotEnv: DotEnvFile.read(line.options[.envFile])),
      systemUser: ProcessFacts.userName(), needs: command.needs)
    let runner = try Runner(settings: settings, streams: console.streams, interrupts: interrupts)
    return try await interrupts.run {
      do {
        let code = try await runner.run(command)
        await runner.modes.report()
        await runner.close()
        return code
      } catch {
        await runner.close()
        throw error
      }
    }
  }

  private static func isHelp(_ argument: String) -> Bool {
    argument == OptionName.help.flag || argument == "-h"
  }
}
