import SessionCore
import TestSupport
import Testing

@Suite(
  "The program when a server is away or not configured",
  .enabled(if: Servers.hasRedis && Servers.hasDatabase), .timeLimit(.minutes(5)))
struct AwayTests {
  private let id = "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"
  // Nothing listens on port 1.
  private let noRedis = "redis://default:hidden@127.0.0.1:1/0"
  private let noDatabase = "mysql://chat:hidden@127.0.0.1:1/chainlit"

  @Test("Redis away: a warning, sessions in memory, and the turn is archived")
  func redisAway() async throws {
    try await ServerFixture.use { _, plain in
      var program = plain
      program.environment["REDIS_URL"] = noRedis
      let result = try await program.run("--session", id, input: "Bonjour\nsessions\n")
      #expect(result.code == 0)
      #expect(
        result.errors.hasPrefix("⚠️ Redis est injoignable : les sessions restent en mémoire ("))
      #expect(result.output.contains("📊 Sessions actives (mémoire)\n"))
      #expect(!result.errors.contains("hidden"))
      let shown = try await program.run("show", id)
      #expect(shown.code == 0)
      #expect(shown.output.contains("\nBonjour\n"))
      #expect(shown.errors == "")
      let sessions = try await program.run("sessions")
      #expect(sessions.code == 3)
      #expect(sessions.output == "")
      #expect(sessions.errors.hasPrefix("chat-cli : Redis est injoignable ("))
      #expect(sessions.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("T6: the database away: messages wait in the journal, and the next run archives them")
  func databaseAway() async throws {
    try await ServerFixture.use { servers, plain in
      let (proxy, url) = try servers.proxiedDatabase()
      var program = plain
      program.environment["DATABASE_URL"] = url
      await proxy.set(.refuse)
      let away = try await program.run("--session", id, input: "Bonjour\nhistorique\n")
      #expect(away.code == 0)
      #expect(
        away.errors.hasPrefix(
          "⚠️ La base de données est injoignable : les messages attendent dans le journal ("))
      await proxy.set(.none)
      let back = try await program.run("ask", "--session", id, "Encore")
      #expect(back.code == 0)
      #expect(back.errors.hasPrefix("✅ 2 messages du journal dans l'archive.\n"))
      let shown = try await program.run("show", id)
      #expect(shown.output.contains("\nBonjour\n") && shown.output.contains("\nEncore\n"))
      await proxy.close()
    }
  }

  @Test(
    "T6: a server that goes away in mid-chat and comes back: the modes are told, nothing is lost")
  func awayInMidChat() async throws {
    try await ServerFixture.use { servers, plain in
      let (proxy, url) = try servers.proxiedDatabase()
      var program = plain
      program.environment["DATABASE_URL"] = url
      let running = try program.start("--session", id, "--per-user", "--user", "awa")
      running.send("un\n")
      // Told once the answer is stored.
      #expect(await running.waits(for: "Réponse locale", on: .errors))
      await proxy.set(.refuse)
      running.send("deux\n")
      #expect(await running.waits(for: "« deux »"))
      #expect(await running.waits(for: "La base de données est injoignable", on: .errors))
      running.closeInput()
      let result = await running.end()
      #expect(result.code == 0)
      await proxy.set(.none)
      let shown = try await program.run("show", id, "--user", "awa", "--json")
      #expect(shown.output.split(separator: "\n").count == 4)
      #expect(shown.errors == "✅ 2 messages du journal dans l'archive.\n")
      await proxy.close()
    }
  }

  @Test("The database away where it cannot be replaced, or both away: one line and exit code 3")
  func cannotBeReplaced() async throws {
    try await ServerFixture.use { _, plain in
      var program = plain
      program.environment["DATABASE_URL"] = noDatabase
      for redis in [plain.environment["REDIS_URL"], noRedis] {
        program.environment["REDIS_URL"] = redis
        let lists = [["threads"], ["show", id], ["delete", id], ["demo", "--fast"]]
        let turns = [["ask", "Bonjour"], [], ["resume", id]]
        for arguments in redis == noRedis ? lists + turns : lists {
          let result = try await program.run(arguments + ["--lang", "en"])
          #expect(result.code == 3, "\(arguments)")
          #expect(result.output == "")
          #expect(result.errors.hasPrefix("chat-cli: the database is unreachable ("))
          #expect(result.errors.split(separator: "\n").count == 1)
          #expect(!result.errors.contains("hidden"))
        }
      }
    }
  }

  @Test("Only Redis: a conversation is warm for the next run, and goes on")
  func onlyRedis() async throws {
    try await ServerFixture.use { servers, plain in
      var program = plain
      program.environment["DATABASE_URL"] = nil
      let first = try await program.run("ask", "--session", id, "Bonjour")
      #expect(first.code == 0)
      #expect(!first.errors.contains("rien ne sera conservé"))
      let second = try await program.run("--session", id, input: "Encore\nhistorique\n")
      #expect(second.output.contains("📊 Sessions actives (Backend Redis)\n"))
      #expect(second.output.contains("- Messages : 4\n"))
      #expect(!second.errors.contains("rechargée"))
      let shown = try await program.run("show", "8e1f")
      #expect(shown.output.contains("\nBonjour\n"))
      #expect(shown.output.contains("\nEncore\n"))
      let deleted = try await program.run("delete", id)
      #expect(deleted.code == 0)
      #expect(try await servers.redis("keys", "*") == [])
    }
  }

  @Test("Only a database: sessions are in memory, and every run pages in")
  func onlyDatabase() async throws {
    try await ServerFixture.use { servers, plain in
      var program = plain
      program.environment["REDIS_URL"] = nil
      _ = try await program.run("ask", "--session", id, "Bonjour")
      let second = try await program.run("--session", id, input: "Encore\nhistorique\n")
      #expect(second.code == 0)
      #expect(second.errors.hasPrefix("↩️ Session \(id) rechargée depuis l'archive (3 messages)\n"))
      #expect(second.output.contains("📊 Sessions actives (mémoire)\n"))
      #expect(second.output.contains("- Messages : 4\n"))
      #expect(try await servers.redis("keys", "*") == [])
    }
  }

  @Test("A wrong password is told without it; Redis's is a warning, for the archive serves alone")
  func wrongPassword() async throws {
    try await ServerFixture.use { servers, plain in
      var program = plain
      let address = servers.databaseAddress
      program.environment["DATABASE_URL"] =
        "mysql://chat:hidden@\(address.host):\(address.port)/\(servers.databaseName)"
      let result = try await program.run("ask", "Bonjour")
      #expect(result.code == 3)
      #expect(result.errors.hasPrefix("chat-cli : la base de données refuse ("))
      #expect(!result.errors.contains("hidden"))
      program.environment["DATABASE_URL"] = servers.databaseURL
      program.environment["REDIS_URL"] =
        "redis://default:hidden@\(servers.redisAddress.host):\(servers.redisAddress.port)/0"
      let second = try await program.run("ask", "Bonjour")
      #expect(second.code == 0)
      #expect(
        second.errors.hasPrefix("⚠️ Redis est injoignable : les sessions restent en mémoire ("))
      #expect(!second.errors.contains("hidden"))
    }
  }
}
