@testable import chat_cli

/// What a command line and its surroundings come to: the command and the settings.
struct Line {
  let command: Command
  let settings: Settings
  /// What is set wrongly, and is not needed.
  let problems: [UsageError]

  init(
    _ arguments: String..., environment: [String: String] = [:], dotEnv: String = "",
    systemUser: String = "awa"
  ) throws {
    try self.init(arguments, environment: environment, dotEnv: dotEnv, systemUser: systemUser)
  }

  init(
    _ arguments: [String], environment: [String: String] = [:], dotEnv: String = "",
    systemUser: String = "awa"
  ) throws {
    let parsed = try CommandLineParser.parse(arguments)
    command = try Command(parsed)
    settings = try Settings(
      SettingSources(
        flags: parsed.options, environment: environment, dotEnv: DotEnv(parsing: dotEnv)),
      systemUser: systemUser, needs: command.needs)
    problems = try Wiring(settings).problems.map(\.error)
  }
}
