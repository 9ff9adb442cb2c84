import Testing

@testable import chat_cli

@Suite("What is made from the option table", .timeLimit(.minutes(5)))
struct GeneratedTests {
  private func completed(_ words: [String]) async throws -> [String] {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let path = "\(program.directory):/usr/bin:/bin"
    let link = try await Tool.run("/bin/ln", ["-s", ChatProgram.path, program.directory])
    #expect(link == "")
    try program.write(CompletionScript.script(for: .bash), to: "completion")
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      . ./completion
      COMP_WORDS=(chat-cli \(list)); COMP_CWORD=\(words.count)
      _chat_cli
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    try program.write(script, to: "script")
    let output = try await Tool.run(
      "/bin/bash", ["-c", "cd \(program.directory) && bash ./script"], environment: ["PATH": path])
    return output.split(separator: "\n").map(String.init)
  }

  @Test("bash completes commands, options of a command, and listed values")
  func bash() async throws {
    #expect(try await completed(["th"]) == ["threads"])
    #expect(try await completed(["re"]) == ["resume", "rename"])
    #expect(try await completed(["threads", "--li"]) == ["--limit"])
    #expect(try await completed(["show", "--li"]) == [])
    #expect(try await completed(["--user", "awa", "th"]) == ["threads"])
    #expect(try await completed(["--lang", ""]) == ["fr", "en"])
    #expect(try await completed(["completion", ""]) == ["bash", "zsh", "fish"])
    #expect(try await completed(["--user", ""]) == [])
  }

  @Test("Completion knows every command and option, described in the language")
  func descriptions() {
    let french = Completions([""], .french).candidates
    for command in OptionTable.commands {
      #expect(
        french.contains { $0.word == command.name.rawValue && $0.help == command.help.french })
    }
    let flags = OptionTable.commands.flatMap {
      Completions([$0.name.rawValue, "--"], .english).candidates
    }
    for option in OptionTable.options {
      #expect(flags.contains { $0.word == option.name.flag && $0.help == option.help.english })
    }
    #expect(Completions.line("a:b", "c", for: .zsh) == "a\\:b:c")
    #expect(Completions.line("a", "c", for: .fish) == "a\tc")
    #expect(Completions(["pin", "8e1f", "o"], .french).candidates.map(\.word) == ["on", "off"])
    #expect(Completions(["show", ""], .french).takesThread)
    #expect(!Completions(["show", "8e1f", ""], .french).takesThread)
  }

  @Test("The manual page is one that man can show, in both languages")
  func manual() async throws {
    for language in Language.allCases {
      let program = try ChatProgram()
      defer { program.cleanUp() }
      let page = ManualPage(language: language).page()
      try program.write(page, to: "chat-cli.1")
      for option in OptionTable.options {
        #expect(page.contains(option.name.flag.replacing("-", with: "\\-")))
      }
      for name in OptionTable.variables.flatMap(\.names) { #expect(page.contains(name)) }
      for command in ChatCommand.allCases {
        #expect(page.contains(command.names[0].replacing("-", with: "\\-")))
      }
      for line in page.split(separator: "\n") where line.hasPrefix(".") {
        #expect(["TH", "SH", "TP", "PP", "B"].contains { line.hasPrefix(".\($0)") }, "\(line)")
      }
    }
  }

  @Test("The program prints them without a server, and nothing else")
  func program() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let man = try await program.run("man", "--lang", "en")
    #expect(man.code == 0 && man.errors == "")
    #expect(man.output == ManualPage(language: .english).page())
    let bash = try await program.run("completion", "bash")
    #expect(bash.output == CompletionScript.script(for: .bash))
  }
}
