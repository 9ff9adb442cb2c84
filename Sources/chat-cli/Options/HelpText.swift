/// What `--help` prints, from the option table.
struct HelpText: Sendable {
  let language: Language

  private static let width = 80

  static func purpose(_ language: Language) -> String {
    language(
      "Des conversations à deux mémoires : Redis pour celles du moment, MySQL pour toutes.",
      "Conversations with two memories: Redis for the present ones, MySQL for all.")
  }

  static func precedence(_ language: Language) -> String {
    language(
      "Une option l'emporte sur l'environnement, qui l'emporte sur .env.",
      "An option beats the environment, which beats .env.")
  }

  static func threadNames(_ language: Language) -> String {
    language(
      "DISCUSSION est un UUID, le début d'un UUID ou un numéro de « chat-cli threads ».",
      "THREAD is a UUID, the beginning of one, or a number of 'chat-cli threads'.")
  }

  /// The help of the whole program.
  func program() -> String {
    let commands = OptionTable.commands.map { command in
      let names = ([command.name.rawValue] + command.aliases).joined(separator: ", ")
      return (join(names, command.synopsis(language)), command.help(language))
    }
    let variables = OptionTable.variables.map {
      ($0.names.joined(separator: ", "), $0.help(language))
    }
    let codes = ExitCode.allCases.map { "\($0.rawValue) \($0.help(language))" }
      .joined(separator: ", ")
    return """
      \(language("Usage : chat-cli [OPTIONS] [COMMANDE]", "Usage: chat-cli [OPTIONS] [COMMAND]"))

      \(Self.purpose(language))

      \(language("Commandes :", "Commands:"))
      \(table(commands))
      \(language("Options :", "Options:"))
      \(table(OptionTable.options.map(row)))
      \(language("Environnement et fichier .env :", "Environment and .env file:"))
      \(table(variables))
      \(Self.precedence(language))
      \(Self.threadNames(language))

      \(language("Codes de sortie : ", "Exit codes: "))\(codes).

      """
  }

  /// The help of one command.
  func command(_ command: CommandDescription) -> String {
    let names = ([command.name.rawValue] + command.aliases).joined(separator: "|")
    let usage = join("chat-cli \(names)", command.synopsis(language)) + " [OPTIONS]"
    return """
      \(language("Usage : ", "Usage: "))\(usage)

      \(sentence(command.help(language)))

      \(language("Options :", "Options:"))
      \(table(OptionTable.options(of: command.name).map(row)))
      """
  }

  private func row(_ option: OptionDescription) -> (String, String) {
    let flag = option.name == .help ? "-h, \(option.name.flag)" : option.name.flag
    return (join(flag, option.value?(language) ?? ""), option.help(language))
  }

  private func join(_ first: String, _ second: String) -> String {
    second.isEmpty ? first : "\(first) \(second)"
  }

  private func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  /// Two columns; what does not fit beside a long name stands below it.
  private func table(_ rows: [(String, String)]) -> String {
    let column = 28
    var text = ""
    for (name, help) in rows {
      let isShort = name.count + 4 <= column
      if isShort {
        text += "  " + name + String(repeating: " ", count: column - name.count - 2)
      } else {
        for line in Wrap.lines(name, width: Self.width - 2) { text += "  \(line)\n" }
      }
      var lines = Wrap.lines(help, width: Self.width - column)[...]
      if isShort, let first = lines.popFirst() { text += first + "\n" }
      for line in lines { text += String(repeating: " ", count: column) + line + "\n" }
    }
    return text
  }
}
