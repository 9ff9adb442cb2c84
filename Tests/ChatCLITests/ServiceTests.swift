import FakeGemini
import FakeHTTP
import FakeLangfuse
import SessionCore
import TestSupport
import Testing

@Suite("Other services than Gemini's: models like OpenAI's, traces", .timeLimit(.minutes(5)))
struct ServiceTests {
  @Test(
    "A model that is not Google's answers, with the key in a header; a refusal goes on to Gemini")
  func otherModels() async throws {
    let chunk =
      #"{"choices":[{"index":0,"delta":{"content":"Bonjour d'ailleurs"},"finish_reason":"stop"}]}"#
    let isClosed = Locked(false)
    let journal = Journal(time: SystemTimeSource())
    let server = try HTTPServer(port: 0, journal: journal) { request in
      guard !isClosed.withLock({ $0 }) else {
        return HTTPReply(
          status: 429, body: Array(#"{"error":{"message":"no","code":"insufficient_quota"}}"#.utf8))
      }
      return HTTPReply(
        status: 200, headers: [HTTPHeader("Content-Type", "text/event-stream")],
        body: Array("data: \(chunk)\n\ndata: [DONE]\n\n".utf8))
    }
    let gemini = try await FakeGemini()
    gemini.setAnswer { _ in ["Bonjour de Gemini"] }
    let program = try ChatProgram(environment: [
      "OPENAI_BASE_URL": "http://127.0.0.1:\(server.port)/v1", "OPENAI_API_KEY": "other-key",
      "GEMINI_API_KEY": "test-key", "GEMINI_BASE_URL": gemini.baseURL,
    ])
    defer { program.cleanUp() }
    let first = try await program.run(
      "ask", "--model", "llama3:8b,gemini:gemini-2.5-flash", "Salut")
    #expect(first.output == "Bonjour d'ailleurs\n")
    #expect(gemini.journal.isEmpty)
    isClosed.withLock { $0 = true }
    let second = try await program.run(
      "ask", "--model", "llama3:8b,gemini:gemini-2.5-flash", "Salut")
    #expect(second.code == 0)
    #expect(second.output == "Bonjour de Gemini\n")
    #expect(second.errors.contains("⚠️ llama3:8b : quota épuisé"))
    #expect(!(first.errors + second.errors).contains("other-key"))
    await server.close()
    await gemini.close()
  }

  @Test("R3: with both keys of Langfuse a turn and a judgement are traced; with one, nothing is")
  func traces() async throws {
    let langfuse = try await FakeLangfuse()
    let gemini = try await FakeGemini()
    var program = try ChatProgram(environment: [
      "LANGFUSE_HOST": langfuse.baseURL, "LANGFUSE_SECRET_KEY": "sk-lf-test",
      "GEMINI_API_KEY": "test-key", "GEMINI_BASE_URL": gemini.baseURL,
    ])
    defer { program.cleanUp() }
    _ = try await program.run("ask", "Rien")
    #expect(langfuse.spans.isEmpty)
    program.environment["LANGFUSE_PUBLIC_KEY"] = "pk-lf-test"
    let result = try await program.run(input: "Bonjour\n/+1 très bien\n")
    #expect(result.code == 0)
    #expect(!langfuse.spans.isEmpty)
    #expect(langfuse.complaints == [])
    #expect(langfuse.traces.count == 1)
    #expect(langfuse.scores.count == 1)
    #expect(!result.errors.contains("sk-lf-test"))
    await langfuse.close()
    let away = try await program.run("ask", "Bonjour")
    #expect(away.code == 0)
    await gemini.close()
  }

  @Test(
    "R1: when no model answers, the local answer says what the user's own archive holds on it",
    .enabled(if: Servers.hasRedis && Servers.hasDatabase))
  func outage() async throws {
    let gemini = try await FakeGemini()
    gemini.setAnswer { request in
      let question = request.lastUserText
      return [question.contains("musée") ? "De 10 h à 18 h." : "Du riz et du poisson."]
    }
    try await ServerFixture.use { servers, plain in
      var program = plain
      program.environment["GEMINI_API_KEY"] = "test-key"
      program.environment["GEMINI_BASE_URL"] = gemini.baseURL
      _ = try await program.run("ask", "--user", "Awa", "Que met-on dans le thiéboudienne ?")
      _ = try await program.run("ask", "--user", "Awa", "Quand ouvre le musée de Dakar ?")
      gemini.set(.quotaDay)
      let french = try await program.run("ask", "--user", "Awa", "Rappelle les horaires du MUSEE")
      #expect(french.code == 0)
      #expect(
        french.output.contains(
          "Ce que vos échanges précédents en disent :\n"
            + "- « Quand ouvre le musée de Dakar ? » : De 10 h à 18 h.\n"))
      #expect(!french.output.contains("poisson"))
      #expect(french.errors.contains("⚠️ gemini-3.5-flash-lite : quota épuisé jusqu'au "))
      let english = try await program.run(
        "ask", "--user", "Awa", "--lang", "en", "The thiéboudienne, again?")
      #expect(
        english.output.contains(
          "What your earlier conversations say about it:\n"
            + "- “Que met-on dans le thiéboudienne ?”: Du riz et du poisson.\n"))
      let notice = english.errors.split(separator: "\n").first { $0.contains("gemini") } ?? ""
      #expect(notice.hasPrefix("⚠️ gemini-3.5-flash-lite: quota used up until "))
      #expect(!notice.contains("("), "what is known already is told in one language")
      let other = try await program.run("ask", "--user", "Bineta", "Quand ouvre le musée ?")
      #expect(!other.output.contains("18 h"), "A1: nobody is told what others were")
    }
    await gemini.close()
  }
}
