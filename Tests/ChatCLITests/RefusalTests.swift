import FakeGemini
import FakeHTTP
import Glibc
import TestSupport
import Testing

@Suite("Refused, stopped and answered by another", .timeLimit(.minutes(5)))
struct RefusalTests {
  private let id = "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"

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

  @Test("C6: --json gives its object also when the turn is stopped", arguments: [SIGINT, SIGTERM])
  func stopped(signal: Int32) async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { _ in ["Il était ", "une fois ", "un roi."] }
      gemini.set(.stall, for: nil)
      let running = try program.start("ask", "--json", "--session", id, "Raconte")
      running.closeInput()
      try await gemini.waitForStalls()
      running.signal(signal)
      let result = await running.end()
      #expect(result.code == 130)
      let lines = result.output.split(separator: "\n")
      #expect(lines.count == 1)
      let line = try #require(lines.first)
      #expect(line.contains("\"state\":\"partial\""))
      #expect(line.contains("\"content\":\"Raconte\"") && line.contains("\"thread\":\"\(id)\""))
      #expect(line.contains("\"reason\":\"arrêtée\""))
    }
  }

  @Test("R1: why no model answered is told whole, and is in the object")
  func reason() async throws {
    try await withGemini { gemini, program in
      gemini.set(.quotaDay, for: nil)
      let result = try await program.run("ask", "--json", "--lang", "en", "Hello")
      #expect(result.code == 0)
      #expect(result.output.contains("\"reason\":\"gemini-3.5-flash-lite: "))
      #expect(!result.errors.contains("…"))
      for line in result.errors.split(separator: "\n") {
        #expect(!line.replacing("(", with: "", maxReplacements: 1).contains("("), "\(line)")
      }
    }
  }

  @Test("A model cannot turn text around on the terminal")
  func overrides() async throws {
    try await withGemini { gemini, program in
      gemini.setAnswer { _ in ["ouvrez facture\u{202E}fdp.exe \u{2066}ici\u{2069}"] }
      let running = try program.startInTerminal("ask", "Bon\u{202E}jour")
      let result = await running.end()
      #expect(result.output.contains("facture�fdp.exe �ici�"))
      let wrong = try program.startInTerminal("show", "a\u{202E}b")
      let refused = await wrong.end()
      #expect(refused.output.contains("« a�b »"))
    }
  }

  @Test(
    "T6: both servers away: the text that was refused is at the prompt again",
    .enabled(if: Servers.hasRedis && Servers.hasDatabase))
  func textComesBack() async throws {
    try await ServerFixture.use { servers, plain in
      let (database, url) = try servers.proxiedDatabase()
      let (redis, redisURL) = try servers.proxiedRedis()
      var program = plain
      program.environment["DATABASE_URL"] = url
      program.environment["REDIS_URL"] = redisURL
      let running = try program.startInTerminal("--quiet", "--session", id)
      #expect(await running.waits(for: "> "))
      await database.set(.refuse)
      await redis.set(.refuse)
      running.send("Bonjour\r")
      #expect(await running.waits(for: "injoignable"))
      running.send("!\r")
      #expect(await running.shows("> Bonjour!"))
      #expect(await running.waits(for: "injoignable", times: 2))
      running.send("\u{15}\u{04}")
      #expect(await running.end().code == 0)
      await database.close()
      await redis.close()
    }
  }

  @Test("One signal ends any wait", arguments: ["ask -", "", "import p", "ask x"])
  func oneSignal(command: String) async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let script = "mkfifo p; exec 3<>p; echo ready >&2; exec \"$0\" --quiet \(command) <p"
    let running = try RunningProgram(
      Spawn.start(
        "/bin/sh", ["-c", script, ChatProgram.path], environment: program.fullEnvironment,
        directory: program.directory))
    #expect(await running.waits(for: "ready", on: .errors))
    running.signal(SIGTERM)
    let code = await running.end().code
    // Before the program has begun, the signal is the shell's.
    #expect(code == 130 || code == 143 || (command == "ask x" && code == 0))
  }
}
