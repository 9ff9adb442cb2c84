import SessionCore

/// What the program is to do, with its operands checked.
enum Command: Sendable, Hashable {
  case chat
  case ask(Question)
  case sessions
  case threads
  case show(ThreadReference)
  case resume(ThreadReference)
  case rename(ThreadReference, name: String)
  case delete(ThreadReference)
  case fork(ThreadReference)
  case pin(ThreadReference, isPinned: Bool)
  /// Nil takes the judgement back.
  case feedback(ThreadReference, Feedback.Value?)
  /// Nil: the standard output.
  case export(String?)
  /// None, or `-`: the standard input.
  case `import`([String])
  case forget(UserID)
  case prune(days: Int)
  case adopt(UserID)
  case schema
  case demo
  case doctor
  case completion(Shell, words: [String])
  case man

  init(_ line: ParsedCommandLine) throws(UsageError) {
    let operands = try Operands(line)
    self =
      switch line.command.name {
      case .chat: .chat
      case .ask: .ask(try operands.question())
      case .sessions: .sessions
      case .threads: .threads
      case .show: .show(try operands.thread())
      case .resume: .resume(try operands.thread())
      case .rename: .rename(try operands.thread(), name: try operands.text())
      case .delete: .delete(try operands.thread())
      case .fork: .fork(try operands.thread())
      case .pin: .pin(try operands.thread(), isPinned: try operands.choice(default: "on") == "on")
      case .feedback:
        .feedback(try operands.thread(), Feedback.Value(rawValue: try operands.choice()))
      case .export: .export(operands.file())
      case .import: .import(operands.files())
      case .forget: .forget(try operands.user())
      case .prune: .prune(days: try operands.days())
      case .adopt: .adopt(try operands.user())
      case .schema: .schema
      case .demo: .demo
      case .doctor: .doctor
      case .completion: .completion(try operands.shell(), words: operands.otherWords)
      case .man: .man
      }
  }
}

extension Command {
  /// Whether it works on conversations.
  var usesTiers: Bool {
    switch self {
    case .doctor, .completion, .man, .schema: false
    default: true
    }
  }
}

/// The words behind a command, as its description says they are.
private struct Operands {
  private let description: CommandDescription
  private var words: ArraySlice<String>
  private var threadWord: String?

  init(_ line: ParsedCommandLine) throws(UsageError) {
    description = line.command
    words = line.operands[...]
    switch line.command.operands {
    case .none, .text, .choice, .shell, .file, .files, .user, .days: break
    case .thread, .threadAndText, .threadAndChoice: threadWord = words.popFirst()
    }
    let most: Int
    switch line.command.operands {
    case .text, .threadAndText, .files, .shell: most = words.count
    case .none, .thread: most = 0
    case .choice, .threadAndChoice, .file, .user, .days: most = 1
    }
    if let extra = words.dropFirst(most).first {
      let shown = UsageError.shortened(extra)
      let name = description.name.rawValue
      throw UsageError(
        "« \(shown) » est de trop ; attendu : \(usage(.french))",
        "'\(shown)' is one word too many for '\(name)'; expected: \(usage(.english))")
    }
  }

  func thread() throws(UsageError) -> ThreadReference {
    guard let threadWord else { throw missing(Phrase("la discussion", "the thread")) }
    return try ThreadReference(
      Sourced(text: threadWord, origin: .operand(Phrase("DISCUSSION", "THREAD"))))
  }

  func text() throws(UsageError) -> String {
    let text = words.joined(separator: " ")
    guard !text.allSatisfy(\.isWhitespace) else { throw missing(Phrase("le texte", "the text")) }
    return text
  }

  /// A question; the word `-` stands for the standard input.
  func question() throws(UsageError) -> Question {
    let typed = words.filter { $0 != "-" }.joined(separator: " ")
    if words.contains("-") {
      return Question(text: typed.allSatisfy(\.isWhitespace) ? "" : typed, waitsForInput: true)
    }
    return Question(text: try text(), waitsForInput: false)
  }

  /// One of the words that the command takes.
  func choice(default defaultWord: String? = nil) throws(UsageError) -> String {
    let choices: [String]
    switch description.operands {
    case .choice(let words), .threadAndChoice(let words, _), .shell(let words): choices = words
    default: choices = []
    }
    let list = Phrase(choices.joined(separator: ", "))
    guard let word = words.first ?? defaultWord else { throw missing(list) }
    guard choices.contains(word) else {
      throw UsageError(
        word, from: .operand(Phrase(description.name.rawValue)), expected: list)
    }
    return word
  }

  /// The path of a file; nil for none, or `-`.
  func file() -> String? { words.first.flatMap { $0 == "-" ? nil : $0 } }

  /// The paths of files.
  func files() -> [String] { Array(words) }

  func user() throws(UsageError) -> UserID {
    guard let word = words.first else { throw missing(Phrase("l'utilisateur", "the user")) }
    return try Check.user(
      Sourced(text: word, origin: .operand(Phrase("UTILISATEUR", "USER"))))
  }

  func days() throws(UsageError) -> Int {
    guard let word = words.first else { throw missing(Phrase("les jours", "the days")) }
    return try Check.integer(
      Sourced(text: word, origin: .operand(Phrase("JOURS", "DAYS"))), in: 1...36_500,
      of: Phrase("un nombre de jours", "a number of days"))
  }

  func shell() throws(UsageError) -> Shell {
    guard let shell = Shell(rawValue: try choice()) else { throw missing(Phrase("shell")) }
    return shell
  }

  var otherWords: [String] { Array(words.dropFirst()) }

  private func missing(_ what: Phrase) -> UsageError {
    UsageError(
      "il manque \(what.french) ; attendu : \(usage(.french))",
      "\(what.english) is missing; expected: \(usage(.english))")
  }

  private func usage(_ language: Language) -> String {
    let synopsis = description.synopsis(language)
    return "chat-cli \(description.name.rawValue)" + (synopsis.isEmpty ? "" : " \(synopsis)")
  }
}
