/// The script that has a shell ask the program how a command line may go on.
enum CompletionScript {
  static func script(for shell: Shell) -> String {
    switch shell {
    case .bash:
      """
      # chat-cli completion bash
      _chat_cli() {
        local IFS=$'\\n'
        COMPREPLY=($(chat-cli completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
      }
      complete -o default -F _chat_cli chat-cli

      """
    case .zsh:
      """
      #compdef chat-cli
      _chat_cli() {
        local -a found
        found=(${(f)"$(chat-cli completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
        if (( $#found )); then _describe chat-cli found; else _files; fi
      }
      compdef _chat_cli chat-cli

      """
    case .fish:
      """
      # chat-cli completion fish
      function __chat_cli
        chat-cli completion fish -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null
      end
      complete -c chat-cli -a '(__chat_cli)'

      """
    }
  }
}

/// How a command line may go on, from the option table.
struct Completions: Sendable {
  /// What may stand next, and what it means.
  let candidates: [(word: String, help: String)]
  /// Whether a thread may stand next, too.
  let takesThread: Bool
  /// The beginning of the word.
  let start: String

  /// - Parameter words: The command line without the program's name; the last one is being typed.
  init(_ words: [String], _ language: Language) {
    start = words.last ?? ""
    var command: CommandDescription?
    var operandCount = 0
    var option: OptionDescription?
    for word in words.dropLast() {
      if option != nil {
        option = nil
      } else if word.hasPrefix("--") {
        let named = OptionTable.option(named: String(word.dropFirst(2)))
        option = named?.value == nil ? nil : named
      } else if command == nil {
        command = OptionTable.command(named: word)
      } else {
        operandCount += 1
      }
    }
    var found: [(word: String, help: String)] = []
    var takesThread = false
    if let option {
      found = option.words.map { ($0, "") }
    } else if start.hasPrefix("-") {
      found = OptionTable.options(of: command?.name ?? .chat).map {
        ($0.name.flag, $0.help(language))
      }
    } else if let command {
      let hasThread = command.takesThread
      takesThread = hasThread && operandCount == 0
      if operandCount == (hasThread ? 1 : 0) { found = command.words.map { ($0, "") } }
    } else {
      found = OptionTable.commands.flatMap { command in
        ([command.name.rawValue] + command.aliases).map { ($0, command.help(language)) }
      }
    }
    let start = start
    candidates = found.filter { $0.word.hasPrefix(start) }
    self.takesThread = takesThread
  }

  /// A line that a shell reads.
  static func line(_ word: String, _ help: String, for shell: Shell) -> String {
    if help.isEmpty { return word }
    switch shell {
    case .bash: return word
    case .zsh: return "\(word.replacing(":", with: "\\:")):\(help)"
    case .fish: return "\(word)\t\(help)"
    }
  }
}

extension OptionDescription {
  /// The words that it takes, if they are a list.
  fileprivate var words: [String] {
    switch name {
    case .lang: Language.allCases.map(\.rawValue)
    case .feedback: ["up", "down"]
    case .envFile: ["none"]
    default: []
    }
  }
}

extension CommandDescription {
  fileprivate var words: [String] {
    switch operands {
    case .choice(let words), .threadAndChoice(let words, _), .shell(let words): words
    default: []
    }
  }

  fileprivate var takesThread: Bool {
    switch operands {
    case .thread, .threadAndText, .threadAndChoice: true
    default: false
    }
  }
}
