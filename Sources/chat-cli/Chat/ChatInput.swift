/// What a line typed into the chat means.
enum ChatInput: Sendable, Hashable {
  case nothing
  case message(String)
  case command(ChatCommand, argument: String)
  /// A line that begins with a slash and is no command.
  case unknownCommand(String)

  /// The words that list the warm sessions, as the original application takes them.
  static let sessionWords: Set<String> = [
    "historique", "mes discussions", "sessions", "liste sessions",
  ]

  init(_ line: String) {
    let text = Self.trimmed(line)
    if text.isEmpty {
      self = .nothing
    } else if Self.sessionWords.contains(text.lowercased()) {
      self = .command(.sessions, argument: "")
    } else if text.hasPrefix("//") {
      self = .message(String(text.dropFirst()))
    } else if text.hasPrefix("/") {
      let parts = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
      let name = String(parts[0]).lowercased()
      let argument = parts.count == 2 ? Self.trimmed(String(parts[1])) : ""
      let command = ChatCommand.allCases.first { $0.names.contains(name) }
      self = command.map { .command($0, argument: argument) } ?? .unknownCommand(name)
    } else {
      self = .message(line)
    }
  }

  private static func trimmed(_ text: String) -> String {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

/// A command inside the chat.
enum ChatCommand: Sendable, Hashable, CaseIterable {
  case help
  case sessions
  case new
  case threads
  case resume
  case rename
  case search
  case good
  case bad
  case file
  case fork
  case pin
  case export
  case delete
  case quit

  /// Its names; the French one, the English one, others.
  var names: [String] {
    switch self {
    case .help: ["/aide", "/help", "/?"]
    case .sessions: ["/historique", "/sessions"]
    case .new: ["/nouvelle", "/new"]
    case .threads: ["/fils", "/threads"]
    case .resume: ["/reprendre", "/resume"]
    case .rename: ["/renomme", "/rename"]
    case .search: ["/cherche", "/search"]
    case .good: ["/+1", "/up"]
    case .bad: ["/-1", "/down"]
    case .file: ["/fichier", "/file"]
    case .fork: ["/fourche", "/fork"]
    case .pin: ["/epingle", "/pin", "/épingle"]
    case .export: ["/exporte", "/export"]
    case .delete: ["/supprime", "/delete"]
    case .quit: ["/quitte", "/quit", "/exit"]
    }
  }

  /// What stands behind it.
  var argument: Phrase {
    switch self {
    case .resume: Phrase("DISCUSSION", "THREAD")
    case .rename: Phrase("NOM", "NAME")
    case .search: Phrase("MOTS", "WORDS")
    case .good, .bad: Phrase("[POURQUOI]", "[WHY]")
    case .file: Phrase("CHEMIN [QUESTION]", "PATH [QUESTION]")
    case .export: Phrase("FICHIER", "FILE")
    case .pin: Phrase("[off]")
    case .delete: Phrase("[DISCUSSION]", "[THREAD]")
    default: Phrase("")
    }
  }

  /// Whether it means nothing without what stands behind it.
  var needsArgument: Bool { !argument.english.isEmpty && !argument.english.hasPrefix("[") }

  var help: Phrase {
    switch self {
    case .help: Phrase("cette aide", "this help")
    case .sessions: Phrase("les sessions actives", "the warm sessions")
    case .new: Phrase("commencer une nouvelle discussion", "begin a new thread")
    case .threads: Phrase("les discussions, par jour", "the threads, by day")
    case .resume:
      Phrase("reprendre, par numéro ou début d'UUID", "resume, by number or beginning of a UUID")
    case .rename: Phrase("renommer cette discussion", "rename this thread")
    case .search: Phrase("chercher dans les discussions", "search the threads")
    case .good: Phrase("la dernière réponse est bonne", "the last answer is good")
    case .bad: Phrase("la dernière réponse est mauvaise", "the last answer is bad")
    case .file: Phrase("envoyer un fichier de texte", "send a text file")
    case .export: Phrase("écrire tout dans un fichier", "write everything to a file")
    case .fork: Phrase("continuer dans une copie", "go on in a copy")
    case .pin: Phrase("garder cette session active, ou non", "keep this session warm, or not")
    case .delete: Phrase("supprimer une discussion (celle-ci)", "delete a thread (this one)")
    case .quit: Phrase("quitter (ou Ctrl-D)", "leave (or Ctrl-D)")
    }
  }

  func name(_ language: Language) -> String { language(names[0], names[1]) }
}
