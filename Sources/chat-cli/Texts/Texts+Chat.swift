import SessionCore

extension Texts {
  /// What is in use, at the start of a chat on a terminal.
  func welcome(
    _ backends: Backends, _ settings: Settings, hasModels: Bool,
    _ conversation: ConversationID
  ) -> String {
    let memory = language("mémoire", "memory")
    let sessions = backends.sessionTier == .redis ? "Redis" : memory
    let archive = backends.hasDatabase ? "MySQL" : memory
    let model =
      hasModels
      ? settings.models.joined(separator: ", ")
      : language("réponses locales", "local answers")
    let file = setByFile(settings).map { "\($0)\n" } ?? ""
    return file
      + language(
        """
        Sessions : \(sessions) · archive : \(archive) · modèle : \(model)
        Session \(conversation)
        /aide donne les commandes, Ctrl-D quitte.
        """,
        """
        Sessions: \(sessions) · archive: \(archive) · model: \(model)
        Session \(conversation)
        /help lists the commands, Ctrl-D leaves.
        """)
  }

  /// Which variables a file has set; nil for none.
  func setByFile(_ settings: Settings) -> String? {
    guard !settings.setByFile.isEmpty else { return nil }
    let names = settings.setByFile.joined(separator: ", ")
    let path = UsageError.shortened(settings.filePath)
    return language("\(path) définit : \(names)", "\(path) sets: \(names)")
  }

  var chatHelp: String {
    let rows = ChatCommand.allCases.map { command in
      let name = command.name(language)
      let argument = command.argument(language)
      return (argument.isEmpty ? name : "\(name) \(argument)", command.help(language))
    }
    let width = (rows.map(\.0.count).max() ?? 0) + 2
    let lines = rows.map { name, help in
      "  \(name)\(String(repeating: " ", count: width - name.count))\(help)\n"
    }
    let slash = language(
      "Un message qui commence par « / » s'écrit avec « // ».",
      "A message that begins with '/' is written with '//'.")
    return lines.joined() + "\(slash)\n"
  }

  func unknownCommand(_ name: String) -> UsageError {
    let shown = UsageError.shortened(name)
    let names = ChatCommand.allCases.flatMap(\.names)
    if let near = Suggestion.nearest(to: name, among: names) {
      return UsageError(
        "commande inconnue « \(shown) » ; vouliez-vous dire \(near) ?",
        "unknown command '\(shown)'; did you mean \(near)?")
    }
    return UsageError(
      "commande inconnue « \(shown) » ; /aide donne la liste, // commence un message par /",
      "unknown command '\(shown)'; /help lists them, // begins a message with /")
  }

  func missingArgument(of command: ChatCommand) -> UsageError {
    UsageError(
      "\(command.name(.french)) : il manque \(command.argument.french)",
      "\(command.name(.english)): \(command.argument.english) is missing")
  }

  func newThread(_ id: ConversationID) -> String {
    language("Nouvelle discussion \(id)", "New thread \(id)")
  }

  var silentPipe: String {
    language(
      "⚠️ Rien n'est venu de l'entrée standard en 1 s : elle n'est pas lue (« ask - » attend).",
      "⚠️ Nothing came from the standard input in 1 s: it is not read ('ask -' waits).")
  }

  var lineIsNotUTF8: String {
    language(
      "une ligne qui n'est pas du texte en UTF-8 a été laissée de côté",
      "a line that is no text in UTF-8 was left out")
  }

  var lineIsTooLong: String {
    language(
      "une ligne de plus de 16 Mio a été laissée de côté",
      "a line of more than 16 MiB was left out")
  }
}
