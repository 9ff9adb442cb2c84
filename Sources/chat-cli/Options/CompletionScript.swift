/// The script that teaches a shell to complete the command line, from the option table.
struct CompletionScript: Sendable {
  let language: Language

  func script(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private var commandNames: [String] {
    OptionTable.commands.flatMap { [$0.name.rawValue] + $0.aliases }
  }

  private static func flags(of command: CommandName) -> String {
    OptionTable.options(of: command).map(\.name.flag).joined(separator: " ")
  }

  /// The words that an option or a command takes, if they are a list.
  private static func words(of option: OptionDescription) -> [String] {
    switch option.name {
    case .lang: Language.allCases.map(\.rawValue)
    case .feedback: ["up", "down"]
    default: []
    }
  }

  private static func words(of command: CommandDescription) -> [String] {
    switch command.operands {
    case .choice(let words), .threadAndChoice(let words, _): words
    default: []
    }
  }

  private static func takesThread(_ command: CommandDescription) -> Bool {
    switch command.operands {
    case .thread, .threadAndText, .threadAndChoice: true
    case .none, .text, .choice, .file, .files, .user, .days: false
    }
  }

  /// Prints the ids of the threads: what the scripts ask the program for.
  private static let threads =
    #"chat-cli threads --json --quiet 2>/dev/null"#
    + #" | sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p'"#

  private var bash: String {
    var cases = ""
    for command in OptionTable.commands {
      let names = ([command.name.rawValue] + command.aliases).joined(separator: "|")
      let words = Self.words(of: command).joined(separator: " ")
      let threads = Self.takesThread(command) ? "$(\(Self.threads)) " : ""
      cases +=
        "    \(names)) words=\"\(threads)\(words)\" flags=\"\(Self.flags(of: command.name))\" ;;\n"
    }
    let valued = OptionTable.options.filter { $0.value != nil }
    let free = valued.filter { Self.words(of: $0).isEmpty }.map(\.name.flag)
    let lists = valued.filter { !Self.words(of: $0).isEmpty }.map { option in
      let words = Self.words(of: option).joined(separator: " ")
      return
        "  \(option.name.flag)) COMPREPLY=($(compgen -W \"\(words)\" -- \"$current\")); return ;;\n"
    }.joined()
    return """
      # chat-cli completion bash
      _chat_cli() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
        local command= words= flags= word index
        for ((index = 1; index < COMP_CWORD; index++)); do
          case ${COMP_WORDS[index]} in
          \((valued.map(\.name.flag)).joined(separator: "|"))) ((index++)) ;;
          -*) ;;
          *) command=${COMP_WORDS[index]}; break ;;
          esac
        done
        case $previous in
      \(lists)  \(free.joined(separator: "|"))) return ;;
        esac
        case $command in
          "") words="\(commandNames.joined(separator: " "))" flags="\(Self.flags(of: .chat))" ;;
      \(cases)  esac
        case $current in
        -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
        esac
      }
      complete -o default -F _chat_cli chat-cli

      """
  }

  private var zsh: String {
    func quoted(_ text: String) -> String {
      text.replacing("'", with: "'\\''").replacing("[", with: "\\[").replacing("]", with: "\\]")
        .replacing(":", with: "\\:")
    }
    func rows(_ command: CommandName) -> String {
      OptionTable.options(of: command).map { option in
        let words = Self.words(of: option)
        let value = option.value.map { ":\(quoted($0(language))):" } ?? ""
        let list = words.isEmpty || option.value == nil ? "" : "(\(words.joined(separator: " ")))"
        return "      '\(option.name.flag)[\(quoted(option.help(language)))]\(value)\(list)'"
      }.joined(separator: " \\\n")
    }
    var cases = ""
    for command in OptionTable.commands {
      let names = ([command.name.rawValue] + command.aliases).joined(separator: "|")
      let words = Self.words(of: command).joined(separator: " ")
      var operand = ""
      if Self.takesThread(command) { operand += " \\\n      '1:thread:_chat_cli_threads'" }
      if !words.isEmpty { operand += " \\\n      '\(operand.isEmpty ? 1 : 2):word:(\(words))'" }
      cases += "    \(names)) _arguments \\\n\(rows(command.name))\(operand) ;;\n"
    }
    let commands = OptionTable.commands.flatMap { command in
      ([command.name.rawValue] + command.aliases).map {
        "    '\($0):\(quoted(command.help(language)))'"
      }
    }
    return """
      #compdef chat-cli
      _chat_cli_threads() {
        local -a ids
        ids=(${(f)"$(\(Self.threads))"})
        compadd -a ids
      }
      _chat_cli() {
        local state line
        local -a commands
        commands=(
      \(commands.joined(separator: "\n"))
        )
        _arguments -C \\
      \(rows(.chat)) \\
            '1: :->command' '*:: :->rest'
        case $state in
        command) _describe command commands ;;
        rest)
          case $line[1] in
      \(cases)    esac ;;
        esac
      }
      compdef _chat_cli chat-cli

      """
  }

  private var fish: String {
    func quoted(_ text: String) -> String {
      "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
    var lines = [
      "# chat-cli completion fish", "complete -c chat-cli -f",
      "function __chat_cli_threads; \(Self.threads); end",
    ]
    for command in OptionTable.commands {
      let names = [command.name.rawValue] + command.aliases
      for name in names {
        lines.append(
          "complete -c chat-cli -n __fish_use_subcommand -a \(name)"
            + " -d \(quoted(command.help(language)))")
      }
      let seen = "-n '__fish_seen_subcommand_from \(names.joined(separator: " "))'"
      if Self.takesThread(command) {
        lines.append("complete -c chat-cli \(seen) -a '(__chat_cli_threads)'")
      }
      let words = Self.words(of: command)
      if !words.isEmpty {
        lines.append("complete -c chat-cli \(seen) -a \(quoted(words.joined(separator: " ")))")
      }
    }
    for option in OptionTable.options {
      let value = option.value == nil ? "" : " -r"
      let words = Self.words(of: option)
      let list = words.isEmpty ? "" : " -a \(quoted(words.joined(separator: " ")))"
      let names = option.commands.map(\.rawValue).joined(separator: " ")
      let seen = names.isEmpty ? "" : " -n '__fish_seen_subcommand_from \(names)'"
      lines.append(
        "complete -c chat-cli\(seen) -l \(option.name.rawValue)\(value)\(list)"
          + " -d \(quoted(option.help(language)))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
