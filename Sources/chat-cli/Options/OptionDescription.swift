/// An option, by its long name.
enum OptionName: String, Sendable, Hashable, CaseIterable {
  case redis
  case mysql
  case user
  case session
  case maxSessions = "max-sessions"
  case ttl
  case perUser = "per-user"
  case model
  case limit
  case before
  case search
  case feedback
  case comment
  case dryRun = "dry-run"
  case print
  case check
  case fast
  case envFile = "env-file"
  case lang
  case json
  case quiet
  case noColor = "no-color"
  case help
  case version

  /// As it is typed.
  var flag: String { "--" + rawValue }
}

/// A command, by its name.
enum CommandName: String, Sendable, Hashable, CaseIterable {
  case chat
  case ask
  case sessions
  case threads
  case show
  case resume
  case rename
  case delete
  case fork
  case pin
  case feedback
  case export
  case `import`
  case forget
  case prune
  case adopt
  case schema
  case demo
  case doctor
  case completion
  case man
}

/// One option of the table.
struct OptionDescription: Sendable {
  let name: OptionName
  /// What its value is called; nil for a switch.
  let value: Phrase?
  /// Environment variables that set it too.
  let variables: [String]
  let help: Phrase
  /// The commands that take it; empty when all do.
  let commands: [CommandName]

  init(
    _ name: OptionName, value: Phrase? = nil, variables: [String] = [], help: Phrase,
    commands: [CommandName] = []
  ) {
    self.name = name
    self.value = value
    self.variables = variables
    self.help = help
    self.commands = commands
  }
}

/// One command of the table.
struct CommandDescription: Sendable {
  /// What stands behind a command.
  enum Operands: Sendable {
    case none
    case text(Phrase)
    case thread
    case threadAndText(Phrase)
    /// A thread, and one word of a list.
    case threadAndChoice([String], isOptional: Bool)
    /// One word of a list.
    case choice([String])
    /// One word of a list, and the words of another command line.
    case shell([String])
    /// A file, which may be missing.
    case file
    /// Any number of files.
    case files
    /// A user.
    case user
    /// A number of days.
    case days
  }

  let name: CommandName
  let aliases: [String]
  let operands: Operands
  let help: Phrase

  init(_ name: CommandName, aliases: [String] = [], operands: Operands, help: Phrase) {
    self.name = name
    self.aliases = aliases
    self.operands = operands
    self.help = help
  }

  /// What stands behind the command, as help shows it.
  func synopsis(_ language: Language) -> String {
    let thread = language("DISCUSSION", "THREAD")
    return switch operands {
    case .none: ""
    case .text(let text): text(language)
    case .thread: thread
    case .threadAndText(let text): "\(thread) \(text(language))"
    case .threadAndChoice(let words, let isOptional):
      "\(thread) "
        + (isOptional ? "[\(words.joined(separator: "|"))]" : words.joined(separator: "|"))
    case .choice(let words), .shell(let words): words.joined(separator: "|")
    case .file: language("[FICHIER]", "[FILE]")
    case .files: language("[FICHIER…]", "[FILE…]")
    case .user: language("UTILISATEUR", "USER")
    case .days: language("JOURS", "DAYS")
    }
  }
}

/// Environment variables of one purpose.
struct VariableDescription: Sendable {
  let names: [String]
  let help: Phrase

  init(_ names: [String], help: Phrase) {
    self.names = names
    self.help = help
  }
}
