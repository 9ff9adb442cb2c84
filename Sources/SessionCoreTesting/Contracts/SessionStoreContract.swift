public import SessionCore
public import Testing

/// What every session store promises, as rules that can be run on any of them.
///
/// The rules are the arguments of one test: see <doc:CertifyAStoreOfYourOwn>. Each rule makes new
/// stores of its own, on a clock that stands still.
public enum SessionStoreContract {
  /// Makes a new, empty store that goes by a manual clock.
  public typealias MakeStore =
    @Sendable (SessionLimits, ManualTime) async throws -> any SessionStore

  /// One rule: a sentence, and a check of it.
  public struct Rule: Sendable, CustomTestStringConvertible {
    /// The rule.
    public let testDescription: String
    /// Fails the running test if the store breaks the rule. Throws what the store throws.
    public let check: @Sendable (@escaping MakeStore) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (Bench) async throws -> Void) {
      testDescription = sentence
      self.check = { makeStore in try await check(Bench(makeStore: makeStore)) }
    }
  }

  /// All rules.
  public static let rules: [Rule] = useRules + timeRules + windowRules + pinRules + toolRules

  private static let toolRules: [Rule] = [
    Rule("T8, T9, T11 Calls of tools, their results and metadata come back as they were") { bench in
      let store = try await bench.store()
      let messages = ToolTalk.messages(at: bench.time.now())
      _ = try await store.pageIn(
        bench.ids[0], in: .shared, messages: messages, messageCount: messages.count)
      #expect(try await store.open(bench.ids[0], in: .shared).value?.messages == messages)
    }
  ]
}

/// What a rule works with: a clock, a way to make stores on it, and names.
struct Bench: Sendable {
  let time = ManualTime()
  let makeStore: SessionStoreContract.MakeStore
  let ids = Bench.makeIDs()

  private static func makeIDs() -> [ConversationID] {
    var random = RepeatableRandom(seed: 1)
    return (0..<6).map { _ in random.conversationID() }
  }

  func store(
    limit: Int = 3, timeToLive: Duration = .seconds(3600), window: Int = 200
  ) async throws -> any SessionStore {
    try await makeStore(
      SessionLimits(
        sessionCountMax: limit, timeToLive: timeToLive, windowMessageCountMax: window), time)
  }

  func message(_ content: String = "Bonjour", role: Role = .user) -> Message {
    Message(id: .generate(at: time.now()), role: role, content: content, createdAt: time.now())
  }
}

extension SessionStore {
  /// Begins a session with one message, and returns what left.
  @discardableResult
  func begin(
    _ id: ConversationID, in scope: Scope = .shared, with message: Message
  ) async throws -> [Removal] {
    try await append(message, to: id, in: scope, following: nil, returningWindow: false).removals
  }

  /// The ids of a list, with what the listing found expired.
  func listed(in scope: Scope = .shared) async throws -> [ConversationID] {
    try await list(in: scope).value.map(\.id)
  }
}
