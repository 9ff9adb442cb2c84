import FakeGemini
import FakeHTTP
import FakeOpenAI
import SessionCore
import TestSupport

/// The program `tool-turn` in one conversation of one user, on the servers of a fixture.
struct ToolTurnProgram: Sendable {
  let service: ToolService
  let fixture: ServerFixture
  let program: ChatProgram
  let conversation = ConversationID.generate()
  let user: String
  /// Gets a line for each run of a tool.
  private let runsFile: String

  init(_ service: ToolService, _ fixture: ServerFixture, _ program: ChatProgram, user: String) {
    self.service = service
    self.fixture = fixture
    self.program = program
    self.user = user
    runsFile = "runs-\(conversation)"
  }

  /// Asks `questions`, one after another, and ends at a moment, if that is not 0.
  func run(
    _ questions: [(id: MessageID, text: String)], endingAt moment: Int = 0
  ) async throws -> RunningProgram.Result {
    let words = [
      service.name, service.baseURL, conversation.description, user,
      "\(program.directory)/\(runsFile)", String(moment),
    ]
    let process = try RunningProgram(
      Spawn.start(
        BuiltProgram.path(of: "tool-turn"),
        words + questions.flatMap { [$0.id.description, $0.text] },
        environment: program.fullEnvironment, directory: program.directory))
    process.closeInput()
    return await process.end()
  }

  /// How often a tool ran.
  var runCount: Int {
    ((try? program.read(runsFile)) ?? "").split(separator: "\n").count
  }

  /// The steps of the thread in order: these columns of them.
  func steps(_ columns: String) async throws -> [String] {
    try await fixture.sql(
      "SELECT \(columns) FROM Step WHERE threadId = '\(conversation)' ORDER BY position")
  }

  /// The ids of the messages that are warm.
  func warmIDs() async throws -> [String] {
    try await fixture.redis("lrange", "chat_history:{\(user)}:\(conversation)", "0", "-1")
      .compactMap { try JSONValue(parsing: Array($0.utf8))["id"]?.text }
  }
}

/// A strict fake that calls tools.
enum ToolService: Sendable {
  case gemini(FakeGemini)
  case openAI(FakeOpenAI)

  /// Calls two tools at once in each round of a turn.
  static func start(_ name: String, rounds: Int) async throws -> ToolService {
    if name == "gemini" {
      let fake = try await FakeGemini()
      fake.set(.parallelCalls.rounds(rounds))
      return .gemini(fake)
    }
    let fake = try await FakeOpenAI()
    fake.set(.parallelCalls.rounds(rounds))
    return .openAI(fake)
  }

  var name: String { if case .gemini = self { "gemini" } else { "openai" } }

  var baseURL: String {
    switch self {
    case .gemini(let fake): fake.baseURL
    case .openAI(let fake): fake.baseURL
    }
  }

  var requests: [RecordedRequest] {
    switch self {
    case .gemini(let fake): fake.journal
    case .openAI(let fake): fake.journal
    }
  }

  /// The requests that it refused.
  var refusals: [RecordedRequest] { requests.filter { $0.status != nil && $0.status != 200 } }

  func close() async {
    switch self {
    case .gemini(let fake): await fake.close()
    case .openAI(let fake): await fake.close()
    }
  }
}
