import FakeGemini
import FakeHTTP
import FakeLangfuse
import FakeOpenAI
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("What the doctor finds of services that are asked over HTTP", .timeLimit(.minutes(5)))
struct DoctorTests {
  @Test("A service like OpenAI's: reached, key accepted, model there, or what to do about it")
  func otherModels() async throws {
    let server = try await FakeOpenAI(keys: ["secret-key"], models: ["llama3:latest", "qwen3"])
    var program = try ChatProgram(environment: [
      "OPENAI_BASE_URL": server.baseURL, "OPENAI_API_KEY": "secret-key",
    ])
    defer { program.cleanUp() }
    let models = ["doctor", "--model", "llama3,qwen3,absent"]
    let first = try await program.run(models)
    #expect(first.code == 1)
    #expect(
      first.output.contains("✅ Service \(server.baseURL) : joignable, clé acceptée, "))
    #expect(first.output.contains("✅ Modèle llama3 : offert\n✅ Modèle qwen3 : offert\n"))
    #expect(
      first.output.contains(
        "❌ Modèle absent : le service ne l'offre pas\n   → choisissez-en un autre avec --model\n"))
    program.environment["OPENAI_API_KEY"] = "wrong-key"
    let second = try await program.run(models + ["--lang", "en"])
    #expect(second.code == 1)
    #expect(second.output.contains("❌ Service \(server.baseURL): key refused (401 "))
    #expect(second.output.contains("   → check OPENAI_API_KEY\n"))
    await server.close()
    let third = try await program.run(models + ["--json"])
    #expect(third.code == 3)
    #expect(
      third.output.contains(
        #"{"advice":"vérifiez OPENAI_BASE_URL, version comprise (…/v1), et que le serveur tourne","#
          + #""check":"model","state":"unreachable","#))
    let all = first.output + second.output + third.output
    #expect(!all.contains("secret-key") && !all.contains("wrong-key"))
  }

  @Test("An address where there is nothing is wrong, and one with a version may have no list")
  func nothingThere() async throws {
    let openAI = try await FakeOpenAI(keys: [])
    let gemini = try await FakeGemini()
    let root = "http://127.0.0.1:\(openAI.port)"
    var program = try ChatProgram(environment: ["OPENAI_BASE_URL": root])
    defer { program.cleanUp() }
    let first = try await program.run("doctor")
    #expect(first.code == 1)
    #expect(
      first.output.contains("❌ Service \(root) : répond, mais ne donne pas ses modèles (404"))
    #expect(first.output.contains("   → vérifiez OPENAI_BASE_URL, version comprise (…/v1)"))
    program.environment["OPENAI_BASE_URL"] = root + "/other/v1/"
    let second = try await program.run("doctor")
    #expect(second.code == 0)
    #expect(
      second.output.contains(
        "✅ Service \(root)/other/v1 : joignable, ne dit pas quels modèles il offre\n"))
    program.environment = [
      "GEMINI_API_KEY": "test-key", "GEMINI_BASE_URL": gemini.baseURL + "/wrong",
    ]
    let third = try await program.run("doctor", "--lang", "en")
    #expect(third.code == 1)
    #expect(
      third.output.contains(
        "❌ Service \(gemini.baseURL)/wrong: answers, but does not give its models (404"))
    #expect(third.output.contains("   → check the network and GEMINI_BASE_URL"))
    await openAI.close()
    await gemini.close()
  }

  @Test("A key is called accepted only by a service that gives its list to nobody without one")
  func publicList() async throws {
    let server = try await FakeOpenAI(keys: [], models: ["qwen3"])
    let program = try ChatProgram(environment: [
      "OPENAI_BASE_URL": server.baseURL, "OPENAI_API_KEY": "any-key",
    ])
    defer { program.cleanUp() }
    let result = try await program.run("doctor", "--model", "qwen3")
    #expect(result.code == 0)
    #expect(
      result.output.contains("✅ Service \(server.baseURL) : joignable, clé non vérifiée, "))
    await server.close()
  }

  @Test(
    "A service that answers with a refusal is not called unreachable",
    arguments: [
      (429, "try again later"), (503, "try again later"), (504, "try again later"),
      (400, "check OPENAI_BASE_URL, version included (…/v1), and that the server runs"),
    ])
  func refused(status: Int, advice: String) async throws {
    let server = try HTTPServer(port: 0, journal: Journal(time: SystemTimeSource())) { _ in
      HTTPReply(status: status, body: Array(#"{"error":{"message":"no"}}"#.utf8))
    }
    let address = "http://127.0.0.1:\(server.port)/v1"
    let program = try ChatProgram(environment: ["OPENAI_BASE_URL": address])
    defer { program.cleanUp() }
    let result = try await program.run("doctor", "--lang", "en")
    #expect(result.code == 1)
    #expect(
      result.output.contains(
        "❌ Service \(address): answers, but does not give its models (\(status): no)\n"
          + "   → \(advice)\n"))
    await server.close()
  }

  @Test(
    "Looking at a model whose closing has ended leaves it to others to ask it first",
    .enabled(if: Servers.hasRedis && Servers.hasDatabase))
  func leavesProbe() async throws {
    let server = try await FakeOpenAI(keys: [], models: ["qwen3", "llama3"])
    try await ServerFixture.use { fixture, program in
      var program = program
      program.environment["OPENAI_BASE_URL"] = server.baseURL
      let service = ModelService(baseURL: server.baseURL, key: nil)
      let keys = ["qwen3", "llama3"].map { "chat_model_closed:" + service.recordName(of: $0) }
      _ = try await fixture.redis("hset", keys[0], "until", "1000")
      _ = try await fixture.redis("hset", keys[1], "until", "4102444800000")
      let result = try await program.run("doctor", "--model", "qwen3,llama3")
      #expect(result.output.contains("✅ Modèle qwen3 : offert\n"))
      #expect(result.output.contains("❌ Modèle llama3 : quota épuisé jusqu'au "))
      let fields = try await fixture.redis("hkeys", keys[0])
      #expect(fields == ["until"], "the doctor changes nothing")
    }
    await server.close()
  }

  @Test("Langfuse: reached, keys accepted, and what became of what was traced")
  func tracing() async throws {
    let langfuse = try await FakeLangfuse()
    let gemini = try await FakeGemini()
    var program = try ChatProgram(environment: [
      "LANGFUSE_HOST": langfuse.baseURL, "LANGFUSE_SECRET_KEY": "sk-lf-test",
      "GEMINI_API_KEY": "test-key", "GEMINI_BASE_URL": gemini.baseURL,
    ])
    defer { program.cleanUp() }
    let half = try await program.run("doctor")
    #expect(half.code == 1)
    #expect(half.output.contains("❌ Traces : aucune, LANGFUSE_PUBLIC_KEY manque\n   → définissez"))
    program.environment["LANGFUSE_PUBLIC_KEY"] = "pk-lf-test"
    let first = try await program.run("doctor")
    #expect(first.code == 0)
    #expect(first.output.contains("✅ Langfuse \(langfuse.baseURL) : joignable, clés acceptées, "))
    #expect(first.output.contains("✅ Traces : rien encore\n"))
    #expect(langfuse.spans.isEmpty, "the doctor changes nothing")
    _ = try await program.run("ask", "Bonjour")
    _ = try await program.run("ask", "Bonsoir")
    let second = try await program.run("doctor", "--json")
    #expect(second.output.contains(#""traced":{"dropped":0,"refused":0,"sent":6}"#))
    program.environment["LANGFUSE_SECRET_KEY"] = "sk-lf-wrong"
    _ = try await program.run("ask", "Encore")
    let third = try await program.run("doctor", "--lang", "en")
    #expect(third.code == 1)
    #expect(third.output.contains("❌ Langfuse \(langfuse.baseURL): key refused (HTTP 401: "))
    #expect(third.output.contains("   → check LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and"))
    #expect(
      third.output.contains(": 6 sent, 3 refused, 0 dropped\n   → at the last sending: HTTP 401"))
    await langfuse.close()
    let fourth = try await program.run("doctor")
    #expect(fourth.code == 3)
    #expect(fourth.output.contains("❌ Langfuse \(langfuse.baseURL) : injoignable ("))
    #expect(fourth.output.contains("les réponses n'en dépendent pas\n"))
    let all = [half, first, second, third, fourth].map(\.output).joined()
    #expect(!all.contains("sk-lf") && !all.contains("pk-lf"))
    await gemini.close()
  }
}
