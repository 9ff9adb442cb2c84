/// A command line, taken apart but not yet checked against the environment.
struct ParsedCommandLine: Sendable {
  var command: CommandDescription
  var operands: [String]
  /// The value of each option; "" for a switch. Of an option given twice, the last counts.
  var options: [OptionName: String]

  func has(_ name: OptionName) -> Bool { options[name] != nil }
}

/// Takes a command line apart.
enum CommandLineParser {
  static func parse(_ arguments: [String]) throws(UsageError) -> ParsedCommandLine {
    var words: [String] = []
    var options: [OptionName: String] = [:]
    var index = arguments.startIndex
    while index < arguments.endIndex {
      let argument = arguments[index]
      index += 1
      if argument == "--" {
        words += arguments[index...]
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      let (option, attached) = try option(argument)
      if option.value == nil {
        guard attached == nil else {
          throw UsageError(
            "\(option.name.flag) ne prend pas de valeur", "\(option.name.flag) takes no value")
        }
        options[option.name] = ""
      } else if let attached {
        options[option.name] = attached
      } else {
        options[option.name] = try value(of: option, arguments, &index)
      }
    }
    let command = try command(&words)
    try check(options, fit: command)
    return ParsedCommandLine(command: command, operands: words, options: options)
  }

  /// The language that the command line asks for, whatever else is wrong with it.
  static func language(of arguments: [String]) -> Language {
    let options = arguments.prefix { $0 != "--" }
    let flag = OptionName.lang.flag
    var language = Language.french
    for (index, argument) in options.enumerated() {
      let value =
        argument == flag
        ? options.dropFirst(index + 1).first
        : argument.hasPrefix(flag + "=") ? String(argument.dropFirst(flag.count + 1)) : nil
      language = value.flatMap(Language.init(rawValue:)) ?? language
    }
    return language
  }

  private static func option(
    _ argument: String
  ) throws(UsageError) -> (OptionDescription, attached: String?) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let flag = argument == "-h" ? OptionName.help.flag : String(parts[0])
    guard flag.hasPrefix("--"), let option = OptionTable.option(named: String(flag.dropFirst(2)))
    else {
      let flags = OptionTable.options.map(\.name.flag)
      let shown = UsageError.shortened(flag)
      let french = "option inconnue « \(shown) »"
      let english = "unknown option '\(shown)'"
      if let near = Suggestion.nearest(to: flag, among: flags) {
        throw UsageError(
          "\(french) ; vouliez-vous dire \(near) ?", "\(english); did you mean \(near)?")
      }
      throw UsageError(
        "\(french) ; « chat-cli --help » donne la liste",
        "\(english); 'chat-cli --help' lists them all")
    }
    return (option, parts.count == 2 ? String(parts[1]) : nil)
  }

  private static func value(
    of option: OptionDescription, _ arguments: [String], _ index: inout Int
  ) throws(UsageError) -> String {
    guard index < arguments.endIndex, !isFlag(arguments[index]) else {
      let value = option.value ?? Phrase("")
      throw UsageError(
        "\(option.name.flag) demande une valeur : \(value.french)",
        "\(option.name.flag) needs a value: \(value.english)")
    }
    defer { index += 1 }
    return arguments[index]
  }

  /// Whether an argument is one of the flags, and so cannot be meant as a value.
  private static func isFlag(_ argument: String) -> Bool {
    guard argument.hasPrefix("--") else { return false }
    let name = argument.dropFirst(2).prefix { $0 != "=" }
    return argument == "--" || OptionTable.option(named: String(name)) != nil
  }

  private static func command(
    _ words: inout [String]
  ) throws(UsageError) -> CommandDescription {
    guard let word = words.first else {
      return OptionTable.commands[0]
    }
    if let command = OptionTable.command(named: word) {
      words.removeFirst()
      return command
    }
    let names = OptionTable.commands.flatMap { [$0.name.rawValue] + $0.aliases }
    let shown = UsageError.shortened(word)
    let french = "commande inconnue « \(shown) »"
    let english = "unknown command '\(shown)'"
    if let near = Suggestion.nearest(to: word, among: names) {
      throw UsageError(
        "\(french) ; vouliez-vous dire « \(near) » ?", "\(english); did you mean '\(near)'?")
    }
    let list = names.joined(separator: ", ")
    throw UsageError("\(french) ; acceptées : \(list)", "\(english); accepted: \(list)")
  }

  private static func check(
    _ options: [OptionName: String], fit command: CommandDescription
  ) throws(UsageError) {
    for option in OptionTable.options
    where options[option.name] != nil && !option.commands.isEmpty
      && !option.commands.contains(command.name)
    {
      let names = option.commands.map(\.rawValue).joined(separator: ", ")
      let (flag, name) = (option.name.flag, command.name.rawValue)
      throw UsageError(
        "\(flag) ne va pas avec « \(name) » ; seulement avec : \(names)",
        "\(flag) does not go with '\(name)'; only with: \(names)")
    }
  }
}
