import LLMKit
import SessionCore
import Testing

@testable import chat_cli

@Suite("The command line and its settings")
struct OptionTests {
  @Test("Without anything: chat, in memory, French, the limits of the original")
  func defaults() throws {
    let line = try Line()
    #expect(line.command == .chat)
    #expect(line.settings.redis == nil && line.settings.mysql == nil)
    #expect(line.settings.language == .french)
    #expect(line.settings.limits.sessionCountMax == 3)
    #expect(line.settings.limits.timeToLive == .seconds(3600))
    #expect(line.settings.models == GeminiModel.defaultNames)
    #expect(line.settings.user.name == "awa")
    #expect(line.settings.scope == .shared)
  }

  @Test("Options stand anywhere, with a space or an equals sign")
  func forms() throws {
    let one = try Line("--ttl", "60", "ask", "--user=rené", "Bonjour", "toi", "--json")
    #expect(one.command == .ask(Question(text: "Bonjour toi", waitsForInput: false)))
    #expect(one.settings.limits.timeToLive == .seconds(60))
    #expect(one.settings.user.name == "rené")
    #expect(one.settings.isJSON)
  }

  @Test("Behind -- nothing is an option")
  func endOfOptions() throws {
    #expect(
      try Line("ask", "--", "--help", "-x").command
        == .ask(Question(text: "--help -x", waitsForInput: false)))
  }

  @Test("Of an option given twice, the last counts")
  func twice() throws {
    #expect(try Line("--lang", "en", "--lang", "fr").settings.language == .french)
  }

  @Test("A flag beats the environment, which beats .env, which beats the default")
  func precedence() throws {
    let file = "MAX_SESSIONS=4\nSESSION_TTL=400"
    let environment = ["MAX_SESSIONS": "5"]
    let all = try Line(
      "--max-sessions", "6", environment: environment, dotEnv: file
    ).settings.limits
    #expect(all.sessionCountMax == 6)
    #expect(all.timeToLive == .seconds(400))
    let two = try Line(environment: environment, dotEnv: file).settings.limits
    #expect(two.sessionCountMax == 5)
    #expect(try Line(dotEnv: file).settings.limits.sessionCountMax == 4)
  }

  @Test("A variable set to nothing hides the one of the file")
  func masked() throws {
    let file = "REDIS_URL=redis://localhost\nDATABASE_URL=mysql://u:p@localhost/d"
    let line = try Line(environment: ["REDIS_URL": "", "DATABASE_URL": ""], dotEnv: file)
    #expect(line.settings.redis == nil && line.settings.mysql == nil)
  }

  @Test("Redis is an URL, or host and port; the nearer place wins")
  func redisAddress() throws {
    func url(_ environment: [String: String], _ file: String = "") throws -> String? {
      try Line(environment: environment, dotEnv: file).settings.redis?.url.revealed
    }
    #expect(try url(["REDIS_HOST": "cache"]) == "redis://cache:6379")
    #expect(try url(["REDIS_PORT": "7000"]) == "redis://localhost:7000")
    #expect(try url(["REDIS_HOST": "::1", "REDIS_PORT": "7000"]) == "redis://[::1]:7000")
    #expect(try url(["REDIS_URL": "redis://a", "REDIS_HOST": "b"]) == "redis://a")
    #expect(try url(["REDIS_HOST": "b"], "REDIS_URL=redis://a") == "redis://b:6379")
    #expect(try url(["REDIS_PORT": "7000"], "REDIS_HOST=b") == "redis://b:7000")
  }

  @Test("Either name of the key is read; it never prints")
  func key() throws {
    let both = try Line(environment: ["GEMINI_API_KEY": "first", "GOOGLE_API_KEY": "second"])
    #expect(both.settings.geminiKey?.revealed == "first")
    let one = try Line(environment: ["GEMINI_API_KEY": "", "GOOGLE_API_KEY": "second"])
    #expect(one.settings.geminiKey?.revealed == "second")
    #expect(!"\(both.settings)".contains("first"))
  }

  @Test("C7: what cannot be used is an error of the commands that need it alone")
  func tolerance() throws {
    let environment = ["MAX_SESSIONS": "x", "GEMINI_API_KEY": "clé"]
    let file = "DATABASE_URL=postgresql://u:p@h/d"
    #expect(try Line("man", environment: environment, dotEnv: file).problems.count == 3)
    #expect(throws: UsageError.self) { try Line("sessions", environment: environment) }
    #expect(throws: UsageError.self) { try Line("threads", dotEnv: file) }
    #expect(try Line("sessions", dotEnv: file).problems.count == 1)
    #expect(throws: UsageError.self) { try Line("man", "--max-sessions", "x") }
    #expect(throws: UsageError.self) { try Line("man", "--mysql", "postgresql://u:p@h/d") }
  }

  @Test("What the file sets is known, but not what the environment sets in its place")
  func provenance() throws {
    let file = "FOO=1\nMAX_SESSIONS=4\nREDIS_URL=redis://a\nGOOGLE_API_KEY=x\nSESSION_TTL="
    let line = try Line(environment: ["MAX_SESSIONS": "5", "GEMINI_API_KEY": "y"], dotEnv: file)
    #expect(line.settings.setByFile == ["REDIS_URL"])
  }

  @Test(
    "C7: only this machine's own addresses take a key in clear",
    arguments: [
      ("http://localhost", true), ("http://LOCALHOST:8080/v1", true), ("http://127.0.0.1:1", true),
      ("http://127.1.2.3/", true), ("http://[::1]:80", true), ("http://a.localhost", true),
      ("http://localhost.example.org", false), ("http://127.0.0.1.example.org", false),
      ("http://127.0.0.1@example.org", false), ("http://128.0.0.1", false), ("http://[::2]", false),
      ("http://[::1].example.org", false), ("http://127.0.0.256", false), ("http://127.0.0", false),
      ("http://localhost:80@example.org", false), ("http://", false), ("http://127.0.0.١", false),
    ])
  func loopback(address: String, isLoopback: Bool) {
    #expect(Check.isLoopback(address) == isLoopback)
  }

  @Test("Traces go to Langfuse's address by either name, or by OpenTelemetry's variables")
  func tracing() throws {
    let keys = ["LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": "sk"]
    let old = keys.merging(["LANGFUSE_HOST": "https://a.example"]) { $1 }
    #expect(try Line(environment: old).settings.langfuseHost?.url.revealed == "https://a.example")
    let both = old.merging(["LANGFUSE_BASE_URL": "https://b.example"]) { $1 }
    #expect(try Line(environment: both).settings.langfuseHost?.url.revealed == "https://b.example")
    let open = try Line(environment: [
      "OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example/",
      "OTEL_EXPORTER_OTLP_HEADERS":
        "authorization=Basic%20eA==, x-a = 1",
    ]).settings.openTelemetry
    #expect(open?.address.url.revealed == "https://c.example/v1/traces")
    #expect(open?.headers.mapValues(\.revealed) == ["authorization": "Basic eA==", "x-a": "1"])
    let whole = try Line(environment: [
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/x"
    ]).settings.openTelemetry
    #expect(whole?.address.url.revealed == "http://localhost:4318/x")
    #expect(whole?.isJSON == false)
  }

  @Test("Models are a list, each tried once")
  func models() throws {
    let line = try Line(
      "--model", "gemini-2.5-flash, gemini-2.5-flash-lite,gemini-2.5-flash",
      environment: ["GEMINI_API_KEY": "key"])
    #expect(line.settings.models == ["gemini-2.5-flash", "gemini-2.5-flash-lite"])
  }

  @Test("A model that is not Google's is asked at the other service; a key of its own is needed")
  func otherService() throws {
    for environment in [
      ["OPENAI_API_KEY": "key"], ["OPENAI_BASE_URL": "http://localhost:11434/v1"],
    ] {
      let line = try Line("--model", "llama3:8b", environment: environment)
      #expect(line.settings.models == ["llama3:8b"])
    }
    #expect(throws: UsageError.self) {
      try Line("--model", "openai:llama3:8b", environment: ["GEMINI_API_KEY": "key"])
    }
    #expect(throws: UsageError.self) { try Line("--model", "gemini-2.5-flash") }
  }

  @Test("A thread is named by UUID in any case, by its beginning, or by number")
  func threadReference() throws {
    let id = "8E1F7616-1B2C-4D3E-8F4A-5B6C7D8E9F0A"
    #expect(try Line("show", id).command == .show(.id(try #require(ConversationID(id)))))
    #expect(try Line("show", "8E1F").command == .show(.prefix("8e1f")))
    #expect(try Line("show", "12").command == .show(.number(12)))
    #expect(try Line("show", "1234").command == .show(.prefix("1234")))
    #expect(try Line("rename", "3", "Un", "nom").command == .rename(.number(3), name: "Un nom"))
  }

  @Test("historique is sessions")
  func alias() throws {
    #expect(try Line("historique").command == .sessions)
  }

  @Test("The language is known however wrong the rest is")
  func languageFirst() {
    #expect(CommandLineParser.language(of: ["--bogus", "--lang=en"]) == .english)
    #expect(CommandLineParser.language(of: ["--lang", "en", "--nonsense"]) == .english)
    #expect(CommandLineParser.language(of: ["ask", "--", "--lang", "en"]) == .french)
    #expect(CommandLineParser.language(of: ["--lang"]) == .french)
  }

  @Test("Help names every option, command and variable of the table, in both languages")
  func help() {
    for language in Language.allCases {
      let text = HelpText(language: language).program()
      for option in OptionTable.options { #expect(text.contains(option.name.flag)) }
      for command in OptionTable.commands { #expect(text.contains("  \(command.name.rawValue)")) }
      for name in OptionTable.variables.flatMap(\.names) { #expect(text.contains(name)) }
      for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    }
  }

  @Test("The table describes every option and command once")
  func table() {
    #expect(Set(OptionTable.options.map(\.name)) == Set(OptionName.allCases))
    #expect(Set(OptionTable.commands.map(\.name)) == Set(CommandName.allCases))
    #expect(OptionTable.options.count == OptionName.allCases.count)
    #expect(OptionTable.commands.count == CommandName.allCases.count)
    let listed = Set(OptionTable.variables.flatMap(\.names))
    #expect(listed.isSuperset(of: OptionTable.options.flatMap(\.variables)))
  }

  @Test("A Redis Cluster needs --per-user, which is said before anything connects")
  func cluster() async throws {
    let url = "redis+cluster://u:hidden@127.0.0.1:1"
    let program = try ChatProgram(environment: ["REDIS_URL": url])
    defer { program.cleanUp() }
    for (language, line) in [
      (
        "fr",
        "chat-cli : REDIS_URL (environnement) : une grappe Redis ne peut garder les sessions "
          + "communes à tous, dont les clés sont sur plusieurs nœuds ; attendu : --per-user\n"
      ),
      (
        "en",
        "chat-cli: REDIS_URL (environment): a Redis Cluster cannot keep the sessions common to "
          + "all, whose keys lie on several nodes; expected: --per-user\n"
      ),
    ] {
      let result = try await program.run("ask", "Bonjour", "--lang", language)
      #expect(result.code == 2)
      #expect(result.output == "")
      #expect(result.errors == line)
    }
    _ = try Line(["--per-user", "--redis", url])
    _ = try Line(["--redis", "redis+sentinel://127.0.0.1:1/chat"])
  }
}
