import SessionCore
import Testing

@Suite("The program with no server and no key", .timeLimit(.minutes(5)))
struct MemoryChatTests {
  private let nothingKept =
    "⚠️ Ni Redis ni base de données : tout reste en mémoire, rien ne sera conservé."

  @Test("ask answers, and says first that nothing is kept")
  func ask() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let result = try await program.run("ask", "Bonjour")
    #expect(result.code == 0)
    #expect(result.output.hasSuffix("\n") && result.output.count > 1)
    #expect(
      result.errors == """
        \(nothingKept)
        ⚠️ Réponse locale, sans modèle (GEMINI_API_KEY n'est pas définie).

        """)
  }

  @Test("ask in English")
  func askInEnglish() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let result = try await program.run("--lang", "en", "ask", "Hello")
    #expect(result.code == 0)
    #expect(
      result.errors == """
        ⚠️ Neither Redis nor a database: all is in memory, nothing will be kept.
        ⚠️ Local answer, without a model (GEMINI_API_KEY is not set).

        """)
  }

  @Test("C1, C3: on a pipe each line is a message, answers alone on stdout; the list uses nothing")
  func pipe() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let id = "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"
    let one = try await program.run("--quiet", "ask", "Bonjour")
    let result = try await program.run(
      "--session", id, input: "Bonjour\r\n\n historique \nHISTORIQUE")
    #expect(result.code == 0)
    let list = """
      📊 Sessions actives (mémoire)

      Limite : 3 sessions simultanées
      TTL : 60 minutes

      Session 1 ✅ Actuelle
      - ID : 8e1f7616-1b2...
      - Messages : 2
      - Expire dans : 60 min

      """
    let shown = result.output.replacing("59 min", with: "60 min")
    #expect(shown == one.output + list + list)
  }

  @Test("--quiet leaves only answers and errors")
  func quiet() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let result = try await program.run("--quiet", "ask", "Bonjour")
    #expect(result.errors == "")
    #expect(!result.output.isEmpty)
  }

  @Test("--json prints the turn as one object")
  func json() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let result = try await program.run("ask", "--json", "Bonjour")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("{\"answer\":{\"content\":") == true)
    #expect(lines.first?.contains("\"state\":\"fallback\"") == true)
  }

  @Test("An unknown command of the chat is an error and no message; the rest goes on")
  func unknownCommand() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let result = try await program.run(input: "/histoire\nhistorique\n")
    #expect(result.code == 2)
    #expect(result.output == "Aucune session active pour le moment.\n")
    #expect(
      result.errors == """
        \(nothingKept)
        chat-cli : commande inconnue « /histoire » ; vouliez-vous dire /historique ?

        """)
  }

  @Test("A line that is no text is told and left out")
  func notUTF8() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let running = try program.start()
    running.send(bytes: [0xFF, 0x0A])
    running.closeInput()
    let result = await running.end()
    #expect(result.code == 1)
    #expect(
      result.errors == """
        \(nothingKept)
        chat-cli : une ligne qui n'est pas du texte en UTF-8 a été laissée de côté

        """)
  }

  @Test("Ctrl-C while it waits for a line ends it with 130")
  func interrupt() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let running = try program.start()
    #expect(await running.waits(for: nothingKept, on: .errors))
    running.signal(2)
    #expect(await running.end().code == 130)
  }

  @Test("A reader that goes away is no crash and no message")
  func closedPipe() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    try program.write("Bonjour\n", to: "input")
    let result = try await program.shell(
      "{ \"$0\" --quiet <input; echo $? >&2; } | :")
    #expect(result.errors == "1\n")
  }

  @Test("--version and --help write to stdout and are done")
  func versionAndHelp() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let version = try await program.run("--version")
    #expect(version.code == 0)
    #expect(version.output == "chat-cli \(PackageVersion.current)\n")
    let help = try await program.run("--help")
    #expect(help.code == 0)
    #expect(help.output.hasPrefix("Usage : chat-cli [OPTIONS] [COMMANDE]\n"))
    let english = try await program.run("--lang=en", "--bogus", "-h")
    #expect(english.output.hasPrefix("Usage: chat-cli [OPTIONS] [COMMAND]\n"))
    let one = try await program.run("ask", "--help")
    #expect(one.output.hasPrefix("Usage : chat-cli ask TEXTE…|- [OPTIONS]\n"))
  }
}
