import LLMKit
import MySQLKit
import RedisKit
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs turns with tools on both tiers, and ends itself at a chosen moment as `kill -9` would: a
/// program for tests of what a crash leaves behind.
///
///     tool-turn gemini|openai BASE-URL CONVERSATION USER RUNS-FILE MOMENT (QUESTION-ID TEXT)…
///
/// The servers are in `REDIS_URL` and `DATABASE_URL`. Each run of a tool adds a line to the file.
/// At moment 0 nothing happens. Prints each answer, and how many moments there were.
@main
struct ToolTurn {
  static func main() async {
    do {
      try await run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      let line = Array("tool-turn: \(error)\n".utf8)
      _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      exit(1)
    }
  }

  private struct Misuse: Error, CustomStringConvertible {
    let description: String
  }

  private static func run(_ arguments: [String]) async throws {
    guard arguments.count >= 8, let conversation = ConversationID(arguments[2]),
      let moment = Int(arguments[5]),
      let redisURL = getenv("REDIS_URL"), let databaseURL = getenv("DATABASE_URL")
    else { throw Misuse(description: "arguments or servers are missing") }
    let user = try UserID(arguments[3])
    let moments = Moments(lastingUntil: moment)
    let tools = Tools.make(writingTo: arguments[4], moments)
    let redis = RedisClient(try RedisConfiguration(url: String(cString: redisURL)))
    let mysql = MySQLClient(try MySQLConfiguration(url: String(cString: databaseURL)))
    let service = ChatService(
      sessions: MortalStore(base: RedisSessionStore(client: redis), moments: moments),
      archive: MySQLArchive(client: mysql),
      responder: MortalResponder(
        base: try responder(arguments[0], at: arguments[1], tools), moments: moments),
      scoping: .perUser)
    for index in stride(from: 6, to: arguments.count - 1, by: 2) {
      guard let question = MessageID(arguments[index]) else {
        throw Misuse(description: "not a question's id: \(arguments[index])")
      }
      let turn = try await service.ask(
        arguments[index + 1], in: conversation, as: user,
        options: TurnOptions(questionID: question))
      if let failure = turn.failure { throw failure }
      print(turn.answer.content)
    }
    print("\(moments.count) moments")
    await redis.close()
    await mysql.close()
  }

  private static func responder(
    _ kind: String, at baseURL: String, _ tools: [Tool]
  ) throws -> any Responder {
    switch kind {
    case "gemini":
      var configuration = try GeminiConfiguration(apiKey: Secret("test-key"), baseURL: baseURL)
      try configuration.declare(tools)
      return GeminiResponder(model: "gemini-3.5-flash", configuration: configuration)
    case "openai":
      var configuration = try OpenAIConfiguration(apiKey: Secret("test-key"), baseURL: baseURL)
      configuration.tools = tools
      return OpenAIResponder(model: "gpt-4o-mini", configuration: configuration)
    default: throw Misuse(description: "neither gemini nor openai: \(kind)")
    }
  }
}

/// The tools of the program.
enum Tools {
  /// `weather` and `clock`; each run adds the name to the file, in one write.
  static func make(writingTo path: String, _ moments: Moments) -> [Tool] {
    let city: JSONValue = ["type": "object", "properties": ["city": ["type": "string"]]]
    return [
      Tool(name: "weather", description: "The weather in a city.", parameters: city) { arguments in
        moments.pass()
        try note("weather", in: path)
        moments.pass()
        return ["city": arguments["city"] ?? "?", "celsius": 30]
      },
      Tool(name: "clock", description: "The time.") { _ in
        try note("clock", in: path)
        return "12:00"
      },
    ]
  }

  private struct NotWritten: Error {}

  private static func note(_ name: String, in path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(file) }
    let line = Array("\(name)\n".utf8)
    guard line.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) == line.count else {
      throw NotWritten()
    }
  }
}
