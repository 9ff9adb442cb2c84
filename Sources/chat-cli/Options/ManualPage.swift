/// The manual page, in the language of `man`, from the option table.
struct ManualPage: Sendable {
  let language: Language

  func page() -> String {
    let commands = OptionTable.commands.map { command in
      let names = ([command.name.rawValue] + command.aliases).joined(separator: ", ")
      return entry(bold(names), command.synopsis(language), command.help(language))
    }
    let options = OptionTable.options.map { option in
      let flag = option.name == .help ? "-h, \(option.name.flag)" : option.name.flag
      return entry(bold(flag), option.value?(language) ?? "", option.help(language))
    }
    let variables = OptionTable.variables.map {
      entry(bold($0.names.joined(separator: ", ")), "", $0.help(language))
    }
    let chat = ChatCommand.allCases.map { command in
      entry(
        bold(command.names.joined(separator: ", ")), command.argument(language),
        command.help(language))
    }
    let codes = ExitCode.allCases.map { code in
      entry(bold(String(code.rawValue)), "", code.help(language))
    }
    return """
      .TH CHAT\\-CLI 1 "" "chat\\-cli \(escaped(Program.version))"
      .SH \(language("NOM", "NAME"))
      chat\\-cli \\- \(escaped(HelpText.purpose(language)))
      .SH \(language("SYNOPSIS", "SYNOPSIS"))
      .B chat\\-cli
      [\\fIOPTIONS\\fR] [\\fI\(language("COMMANDE", "COMMAND"))\\fR]
      .SH \(language("COMMANDES", "COMMANDS"))
      \(commands.joined())
      .SH OPTIONS
      \(options.joined())
      .SH \(language("ENVIRONNEMENT", "ENVIRONMENT"))
      \(variables.joined())
      .PP
      \(escaped(HelpText.precedence(language)))
      .SH \(language("DANS LA DISCUSSION", "INSIDE THE CHAT"))
      \(chat.joined())
      .PP
      \(escaped(HelpText.threadNames(language)))
      .SH \(language("CODES DE SORTIE", "EXIT STATUS"))
      \(codes.joined())

      """.replacing("\n\n.", with: "\n.")
  }

  private func entry(_ name: String, _ value: String, _ help: String) -> String {
    let shown = value.isEmpty ? name : "\(name) \\fI\(escaped(value))\\fR"
    return ".TP\n\(shown)\n\(escaped(help))\n"
  }

  private func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

  /// Text that `man` shows as it is.
  private func escaped(_ text: String) -> String {
    let text = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
  }
}
