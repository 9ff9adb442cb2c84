import FakeGemini
import FakeHTTP
import SessionCore
import Testing

@Suite("The program in a terminal", .timeLimit(.minutes(5)))
struct TerminalTests {
  private let id = "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"

  private func welcome(_ model: String) -> String {
    """
    ⚠️ Ni Redis ni base de données : tout reste en mémoire, rien ne sera conservé.
    Sessions : mémoire · archive : mémoire · modèle : \(model)
    Session \(id)
    /aide donne les commandes, Ctrl-D quitte.
    """
  }

  /// What a screen of 80 columns shows of all that a program wrote.
  private func screen(_ result: RunningProgram.Result) -> String {
    Screen(Array(result.output.utf8)).text
  }

  private func withGemini(
    _ body: @Sendable (FakeGemini, ChatProgram) async throws -> Void
  ) async throws {
    let gemini = try await FakeGemini()
    let program = try ChatProgram(environment: [
      "GEMINI_API_KEY": "test-key", "GEMINI_BASE_URL": gemini.baseURL,
    ])
    defer { program.cleanUp() }
    try await body(gemini, program)
    await gemini.close()
  }

  @Test("C3, C4: typing, editing, the answer, the list and Ctrl-D, to the letter")
  func typing() async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { ["Vous avez dit **", $0.lastUserText, "**."] }
      let running = try program.startInTerminal("--session", id)
      #expect(await running.shows("\n>"))
      running.send("Bonsoir\u{17}Bonjor\u{1B}[Du\r")
      #expect(await running.shows("Vous avez dit Bonjour.\n>"))
      running.send("historique\r")
      #expect(await running.shows(" min\n>"))
      running.send("\u{04}")
      let result = await running.end()
      #expect(result.code == 0)
      #expect(
        screen(result).replacing("59 min", with: "60 min") == """
          \(welcome("gemini-3.5-flash-lite,\ngemini-flash-lite-latest, gemini-flash-latest"))
          > Bonjour
          Vous avez dit Bonjour.
          > historique
          📊 Sessions actives (mémoire)

          Limite : 3 sessions simultanées
          TTL : 60 minutes

          Session 1 ✅ Actuelle
          - ID : 8e1f7616-1b2...
          - Messages : 2
          - Expire dans : 60 min
          >

          """)
      #expect(result.output.contains("Vous avez dit \u{1B}[1mBonjour\u{1B}[22m."))
      #expect(gemini.journal.map(\.path).count == 1)
    }
  }

  @Test("C4: Ctrl-C stops the answer, drops what is typed, and leaves at an empty prompt with 130")
  func interrupts() async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { _ in ["Il était ", "une fois ", "un roi ", "qui ", "régnait."] }
      gemini.set(.stall, for: nil)
      let running = try program.startInTerminal("--session", id)
      #expect(await running.shows("\n>"))
      running.send("Raconte\r")
      #expect(await running.shows("\nIl était"))
      running.send("\u{03}")
      #expect(await running.shows("⏹️ Réponse arrêtée.\n>"))
      _ = try await gemini.waitForClientClose()
      running.send("à moitié\u{03}")
      #expect(await running.shows("> à moitié^C\n>"))
      running.send("\u{03}")
      #expect(await running.end().code == 130)
    }
  }

  @Test("A window that changes in mid-answer and while typing does no harm")
  func resize() async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { _ in ["Un deux trois quatre cinq six ", "sept huit neuf dix."] }
      let running = try program.startInTerminal("--session", id)
      #expect(await running.shows("\n>"))
      running.send("Co")
      running.resize(columns: 20, rows: 10)
      running.send("mpte\r")
      #expect(
        await running.shows(
          "> Compte\nUn deux trois\nquatre cinq six\nsept huit neuf dix.\n>", columns: 20))
      running.send("\u{04}")
      #expect(await running.end().code == 0)
    }
  }

  @Test("The history is kept between runs; the arrows bring it back")
  func history() async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { ["Réponse à ", $0.lastUserText] }
      let first = try program.startInTerminal()
      #expect(await first.shows("\n>"))
      first.send("première\\\rsuite\r")
      #expect(await first.shows("> première\n… suite\nRéponse à première\nsuite\n>"))
      first.send("/quitte\r")
      #expect(await first.end().code == 0)
      let second = try program.startInTerminal()
      #expect(await second.shows("\n>"))
      second.send("\u{1B}[A\u{1B}[A")
      #expect(await second.shows("> première\n… suite"))
      second.send(" !\r")
      #expect(await second.shows("Réponse à première\nsuite !\n>"))
      second.send("\u{04}")
      #expect(await second.end().code == 0)
      #expect(try Tool.mode(of: "\(program.directory)/state/chat-cli/history") == 0o600)
    }
  }

  @Test("A pasted text is one message, and a tab completes a command")
  func pasteAndTab() async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { [String($0.lastUserText.split(separator: "\n").count), " lignes"] }
      let running = try program.startInTerminal("--lang", "en", "--session", id)
      #expect(await running.shows("\n>"))
      running.send("\u{1B}[200~one\r\ntwo\rthree\u{1B}[201~")
      #expect(await running.shows("> one\n… two\n… three"))
      running.send("\r")
      #expect(await running.shows("three\n3 lignes\n>"))
      running.send("/hel\t\r")
      #expect(await running.shows("> /help\n  /help"))
      running.send("/re\t")
      #expect(await running.shows("/reprendre  /resume  /renomme  /rename\n> /re"))
      running.send("\u{15}\u{04}")
      #expect(await running.end().code == 0)
    }
  }

  @Test("NO_COLOR and --no-color leave the answer as it is, without a single escape in it")
  func noColor() async throws {
    try await withGemini { gemini, plain in
      gemini.setAnswer { _ in ["Un **mot**."] }
      var program = plain
      program.environment["NO_COLOR"] = "1"
      let running = try program.startInTerminal("ask", "Bonjour")
      let result = await running.end()
      #expect(result.code == 0)
      #expect(!result.output.contains("\u{1B}"))
      #expect(result.output.hasSuffix("Un **mot**.\r\n"))
    }
  }

  @Test("A model cannot send escape codes to the terminal")
  func hostileAnswer() async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { _ in ["avant\u{1B}]0;titre\u{07}\u{1B}[2Japrès"] }
      let running = try program.startInTerminal("ask", "Bonjour")
      let result = await running.end()
      #expect(result.output.contains("avant�]0;titre��[2Japrès"))
    }
  }

  @Test("The terminal is left as it was")
  func modesRestored() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let running = try program.startInTerminal("--session", id)
    #expect(await running.shows("\n>"))
    #expect(running.terminalEchoes == false)
    running.send("\u{04}")
    #expect(await running.end(keepingInput: true).code == 0)
    #expect(running.terminalEchoes == true)
    running.closeInput()
  }
}
