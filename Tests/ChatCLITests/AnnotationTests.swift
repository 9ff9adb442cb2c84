import FakeGemini
import SessionCore
import TestSupport
import Testing

@Suite(
  "What is noted of threads, and what the doctor finds",
  .enabled(if: Servers.hasRedis && Servers.hasDatabase), .timeLimit(.minutes(5)))
struct AnnotationTests {
  private let ids = (1...2).map { "0000000\($0)-1b2c-4d3e-8f4a-5b6c7d8e9f0a" }

  @Test("P9: fork, pin, feedback and search, as commands and in the chat")
  func annotations() async throws {
    try await ServerFixture.use { servers, program in
      _ = try await program.run("ask", "--session", ids[0], "Un voyage à Dakar")
      let fork = try await program.run("fork", ids[0], "--json")
      #expect(fork.code == 0)
      #expect(fork.output.contains("\"messages\":2,\"origin\":\"\(ids[0])\""))
      let pin = try await program.run("pin", ids[0])
      #expect(pin.errors == "📌 Session \(ids[0]) épinglée\n")
      let sessions = try await program.run("sessions", "--json")
      #expect(sessions.output.contains("\"id\":\"\(ids[0])\""))
      #expect(sessions.output.contains("\"pinned\":true"))
      let full = try await program.run("ask", "--max-sessions", "1", "--session", ids[1], "Autre")
      #expect(full.code == 0)
      #expect(full.errors.contains("toutes les sessions sont épinglées"))
      let judged = try await program.run("feedback", ids[0], "down", "--comment", "trop court")
      #expect(judged.errors == "👎 Réponse jugée mauvaise\n")
      let down = try await program.run("threads", "--feedback", "down", "--json")
      #expect(down.output.split(separator: "\n").count == 1)
      #expect(down.output.contains("\"id\":\"\(ids[0])\""))
      #expect(try await program.run("threads", "--feedback", "up").output == "Aucune discussion.\n")
      let found = try await program.run("threads", "--search", "DAKAR", "--lang", "en")
      #expect(found.output.contains("  Un voyage à Dakar (2 messages)\n"))
      let nothing = try await program.run("threads", "--search", "Paris")
      #expect(nothing.output == "Rien trouvé.\n")
      let chat = try await program.run(
        "resume", ids[0], input: "/-1 bof\n/+1\n/epingle off\n/cherche dakar\n/fourche\n")
      #expect(chat.code == 0)
      #expect(chat.errors.contains("👎 Réponse jugée mauvaise\n👍 Réponse jugée bonne\n"))
      #expect(chat.errors.contains("Session \(ids[0]) libérée\n"))
      #expect(chat.errors.contains("Discussion \(ids[0]) copiée : "))
      #expect(chat.output.contains("Un voyage à Dakar (2 messages)\n"))
    }
  }

  @Test("doctor looks at everything, changes nothing, and its exit code says what is wrong")
  func doctor() async throws {
    let gemini = try await FakeGemini()
    try await ServerFixture.use { servers, plain in
      var program = plain
      program.environment["GEMINI_API_KEY"] = "test-key"
      program.environment["GEMINI_BASE_URL"] = gemini.baseURL
      let first = try await program.run("doctor")
      #expect(first.code == 0, "\(first.output)")
      #expect(first.output.contains("✅ Redis "))
      #expect(first.output.contains("✅ Base de données "))
      #expect(first.output.contains("✅ Schéma : aucun, il sera créé au premier message\n"))
      #expect(first.output.contains("✅ Modèle gemini-3.5-flash-lite : offert\n"))
      #expect(try await servers.sql("SHOW TABLES") == [])
      #expect(try await servers.redis("keys", "*") == [])
      _ = try await program.run("ask", "Bonjour")
      let second = try await program.run("doctor", "--lang", "en")
      #expect(second.output.contains(" keys, 1 shared session\n"))
      #expect(second.output.contains(", 1 thread\n"))
      program.environment["REDIS_URL"] = "redis://default:hidden@127.0.0.1:1/0"
      program.environment["GEMINI_API_KEY"] = "wrong-key"
      let third = try await program.run("doctor")
      #expect(third.code == 3)
      #expect(third.output.contains("❌ Redis : injoignable ("))
      #expect(third.output.contains("   → vérifiez REDIS_URL"))
      #expect(third.output.contains("   → vérifiez GEMINI_API_KEY\n"))
      #expect(!third.output.contains("hidden") && !third.output.contains("wrong-key"))
    }
    await gemini.close()
  }
}
