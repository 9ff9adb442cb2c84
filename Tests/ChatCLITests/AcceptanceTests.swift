import FakeGemini
import FakeHTTP
import SessionCore
import TestSupport
import Testing

@Suite(
  "The program on both servers", .enabled(if: Servers.hasRedis && Servers.hasDatabase),
  .timeLimit(.minutes(5)))
struct AcceptanceTests {
  private let ids = (1...4).map { "0000000\($0)-1b2c-4d3e-8f4a-5b6c7d8e9f0a" }

  @Test("P1, C2, T4: four conversations leave three warm; the first comes back with its messages")
  func fourConversations() async throws {
    let gemini = try await FakeGemini()
    gemini.setAnswer { ["Réponse à : ", $0.lastUserText] }
    try await ServerFixture.use { servers, plain in
      var program = plain
      program.environment["GEMINI_API_KEY"] = "test-key"
      program.environment["GEMINI_BASE_URL"] = gemini.baseURL
      for (index, id) in ids.enumerated() {
        let result = try await program.run("ask", "--session", id, "Question \(index + 1)")
        #expect(result.code == 0)
        #expect(result.output == "Réponse à : Question \(index + 1)\n")
        let evicted = "⚠️ Session \(ids[0]) supprimée (limite de 3 atteinte)\n"
        #expect(result.errors == (index == 3 ? evicted : ""))
      }
      let keys = try await servers.redis("keys", "*")
      #expect(!keys.contains { $0.contains(ids[0]) })
      for id in ids.dropFirst() { #expect(keys.contains("chat_history:\(id)")) }
      for key in keys {
        let ttl = try await servers.redis("ttl", key).first.flatMap { Int($0) }
        #expect(try #require(ttl) > 0, "\(key)")
      }
      let fifth = try await program.run("ask", "--session", ids[0], "Et après ?")
      #expect(fifth.code == 0)
      #expect(
        fifth.errors == """
          ↩️ Session \(ids[0]) rechargée depuis l'archive (3 messages)
          ⚠️ Session \(ids[1]) supprimée (limite de 3 atteinte)

          """)
      let last = try #require(gemini.journal.last?.text)
      let parts = ["Question 1", "Réponse à : Question 1", "Et après ?"].map {
        last.firstRange(of: $0)
      }
      let starts = try parts.map { try #require($0).lowerBound }
      #expect(starts == starts.sorted())
      #expect(!last.contains("Question 2"))
    }
    await gemini.close()
  }

  @Test("R1, R2: a quota used up for the day: the local answer, marked, and no further request")
  func quotaOfTheDay() async throws {
    let gemini = try await FakeGemini()
    gemini.set(.quotaDay, for: nil)
    try await ServerFixture.use { _, plain in
      var program = plain
      program.environment["GEMINI_API_KEY"] = "test-key"
      program.environment["GEMINI_BASE_URL"] = gemini.baseURL
      let first = try await program.run("ask", "Bonjour")
      #expect(first.code == 0)
      #expect(!first.output.isEmpty)
      #expect(first.errors.hasPrefix("⚠️ gemini-3.5-flash-lite : quota épuisé jusqu'au "))
      #expect(first.errors.hasSuffix("\n⚠️ Réponse locale, sans modèle.\n"))
      #expect(gemini.journal.count == 3, "each model of the default is asked once")
      let second = try await program.run(input: "Bonjour\nEncore\n")
      #expect(second.code == 0)
      // The reason once, the mark with every answer.
      #expect(second.errors.split(separator: "\n").count == 5)
      #expect(gemini.journal.count == 3)
      #expect(!(first.errors + second.errors).contains("test-key"))
    }
    await gemini.close()
  }

  @Test("T7: Ctrl-C stops the answer, stores what was shown, and ends with 130")
  func interruptedAnswer() async throws {
    let gemini = try await FakeGemini()
    gemini.setAnswer { _ in ["Il était ", "une fois ", "un roi ", "qui ", "régnait."] }
    gemini.set(.stall, for: nil)
    try await ServerFixture.use { servers, plain in
      var program = plain
      program.environment["GEMINI_API_KEY"] = "test-key"
      program.environment["GEMINI_BASE_URL"] = gemini.baseURL
      let running = try program.start("ask", "--session", ids[0], "Raconte")
      running.closeInput()
      #expect(await running.waits(for: "Il était"))
      running.signal(2)
      let result = await running.end()
      #expect(result.code == 130)
      #expect(result.errors == "⏹️ Réponse arrêtée.\n")
      _ = try await gemini.waitForClientClose()
      let shown = try await program.run("show", ids[0], "--json")
      let lines = shown.output.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.last?.contains("\"state\":\"partial\"") == true)
      let text = result.output.dropLast()
      #expect(lines.last?.contains("\"content\":\"\(text)\"") == true)
    }
    await gemini.close()
  }

  @Test("The chat on a pipe is one conversation, warm and archived, and the next run lists it")
  func pipe() async throws {
    try await ServerFixture.use { servers, program in
      let result = try await program.run(
        "--session", ids[0], "--user", "awa", input: "Bonjour\nhistorique\n")
      #expect(result.code == 0)
      #expect(
        result.output.replacing("59 min", with: "60 min").hasSuffix(
          """
          📊 Sessions actives (Backend Redis)

          Limite : 3 sessions simultanées
          TTL : 60 minutes

          Session 1 ✅ Actuelle
          - ID : 00000001-1b2...
          - Messages : 2
          - Expire dans : 60 min

          """))
      let threads = try await program.run("threads", "--user", "awa")
      #expect(threads.code == 0)
      #expect(threads.output.hasPrefix("Aujourd'hui\n  1. "))
      #expect(threads.output.hasSuffix("  Bonjour (2 messages)  00000001\n"))
      #expect(threads.errors == "")
      let sessions = try await program.run("sessions", "--lang", "en")
      #expect(
        sessions.output.replacing("59 min", with: "60 min") == """
          📊 Active sessions (Redis backend)

          Limit: 3 simultaneous sessions
          TTL: 60 minutes

          Session 1
          - ID: 00000001-1b2...
          - Messages: 2
          - Expires in: 60 min

          """)
    }
  }

  @Test("A1: another user's thread is one that does not exist")
  func otherUser() async throws {
    try await ServerFixture.use { _, program in
      _ = try await program.run("ask", "--session", ids[0], "--user", "awa", "Secret")
      for arguments in [
        ["show", ids[0]], ["resume", ids[0]], ["rename", ids[0], "x"], ["delete", ids[0]],
        ["ask", "--session", ids[0], "Encore"],
      ] {
        let result = try await program.run(arguments + ["--user", "Awa"])
        #expect(result.code == 2)
        #expect(result.output == "")
        let line =
          "chat-cli : « \(ids[0]) » : « Awa » n'a pas cette discussion ; attendu : un UUID, son "
          + "début, ou un numéro de la liste (threads, /fils)\n"
        #expect(result.errors == line, "\(arguments)")
      }
      #expect(try await program.run("threads", "--user", "Awa").output == "Aucune discussion.\n")
    }
  }

  @Test("show, rename, resume and delete, by number, by beginning and by UUID")
  func threadCommands() async throws {
    try await ServerFixture.use { servers, program in
      for id in ids.prefix(2) {
        _ = try await program.run("ask", "--session", id, "Bonjour \(id.prefix(8))")
      }
      let renamed = try await program.run("rename", "1", "Mon", "voyage")
      #expect(renamed.code == 0)
      #expect(renamed.errors == "Discussion \(ids[1]) renommée : Mon voyage\n")
      let shown = try await program.run("show", "00000002", "--lang", "en")
      #expect(shown.output.hasPrefix("Mon voyage · 2 messages · \(ids[1])\n\n── You · "))
      #expect(shown.output.contains("\nBonjour 00000002\n\n── Assistant · "))
      let several = try await program.run("show", "0000")
      #expect(several.code == 2)
      #expect(
        several.errors
          == "chat-cli : plusieurs discussions commencent par « 0000 » ; donnez-en davantage\n")
      let none = try await program.run("show", "abcd", "--lang", "en")
      #expect(none.code == 2)
      #expect(
        none.errors == "chat-cli: no thread begins with 'abcd'; list: threads, /threads\n")
      let missing = try await program.run("show", "3")
      #expect(missing.code == 2)
      #expect(
        missing.errors == "chat-cli : il n'y a pas de discussion 3 ; liste : threads, /fils\n")
      let resumed = try await program.run("resume", ids[0].uppercased(), input: "Encore\n")
      #expect(resumed.code == 0)
      #expect(resumed.errors.hasPrefix("Bonjour 00000001 · 2 messages · \(ids[0])\n"))
      let deleted = try await program.run("delete", ids[0])
      #expect(deleted.code == 0)
      #expect(deleted.errors.hasSuffix("Discussion \(ids[0]) supprimée : 4 messages\n"))
      #expect(try await program.run("show", ids[0]).code == 2)
      #expect(try await !servers.redis("keys", "*").contains { $0.contains(ids[0]) })
      let rest = try await program.run("threads", "--json")
      #expect(rest.output.split(separator: "\n").count == 1)
      #expect(rest.output.contains("\"id\":\"\(ids[1])\""))
      #expect(rest.output.contains("\"name\":\"Mon voyage\""))
    }
  }

  @Test("A2: pages of threads go on where the last one ended")
  func pages() async throws {
    try await ServerFixture.use { _, program in
      for id in ids.prefix(3) { _ = try await program.run("ask", "--session", id, "Bonjour") }
      let first = try await program.run("threads", "--limit", "2")
      #expect(first.output.contains("00000003") && first.output.contains("00000002"))
      let prefix = "Suite : chat-cli threads --before "
      #expect(first.errors.hasPrefix(prefix))
      let cursor = first.errors.dropFirst(prefix.count).dropLast()
      let second = try await program.run("threads", "--before", String(cursor))
      #expect(second.output.hasSuffix("  Bonjour (2 messages)  00000001\n"))
      #expect(second.output.split(separator: "\n").count == 2)
      let wrong = try await program.run("threads", "--before", "nonsense")
      #expect(wrong.code == 2)
      #expect(
        wrong.errors
          == "chat-cli : --before : curseur inconnu ; attendu : celui que « threads » a donné\n")
    }
  }

  @Test(
    "The demonstration shows its three steps and leaves nothing behind", arguments: ["fr", "en"])
  func demo(language: String) async throws {
    try await ServerFixture.use { servers, program in
      _ = try await program.run("ask", "--session", ids[0], "Bonjour")
      let before = try await servers.redis("keys", "*").sorted()
      let result = try await program.run("demo", "--fast", "--lang", language)
      #expect(result.code == 0)
      let isFrench = language == "fr"
      #expect(
        result.errors.contains(isFrench ? " supprimée (limite de 3 atteinte)\n" : "limit of 3"))
      #expect(result.errors.contains(isFrench ? "depuis l'archive (3 messages)" : "(3 messages)"))
      #expect(result.output.contains(isFrench ? "Sessions actives (Backend Redis)" : "(Redis b"))
      #expect(
        result.output.contains(
          isFrench ? "\nAucune session active pour le moment.\n" : "\nNo active session"))
      #expect(result.output.contains(isFrench ? " : plus là\n" : ": gone\n"))
      #expect(result.output.contains(isFrench ? ", 8 lignes de Step." : ", 8 rows of Step."))
      #expect(try await servers.redis("keys", "*").sorted() == before)
      #expect(try await servers.sql("SELECT COUNT(*) FROM User") == ["1"])
      #expect(try await servers.sql("SELECT COUNT(*) FROM Thread") == ["1"])
      #expect(try await servers.sql("SELECT COUNT(*) FROM Step") == ["2"])
    }
  }
}
