import SessionCore
import Testing

@testable import chat_cli

@Suite("What the program says, to the letter")
struct TextTests {
  private let first: ConversationID
  private let second: ConversationID
  private let french = Texts(language: .french)
  private let english = Texts(language: .english)

  init() throws {
    first = try #require(ConversationID("8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"))
    second = try #require(ConversationID("fdb8048d-a3fc-4d3e-8f4a-5b6c7d8e9f0a"))
  }

  private var sessions: [SessionSummary] {
    [
      SessionSummary(
        id: second, messageCount: 2, timeLeft: .seconds(59 * 60 + 59), isPinned: false),
      SessionSummary(id: first, messageCount: 5, timeLeft: .seconds(58 * 60), isPinned: false),
    ]
  }

  @Test("C1: the warm sessions, the current one first")
  func listInFrench() {
    let text = french.sessions(
      sessions, current: first, tier: .redis, limits: SessionLimits())
    #expect(
      text == """
        📊 Sessions actives (Backend Redis)

        Limite : 3 sessions simultanées
        TTL : 60 minutes

        Session 1 ✅ Actuelle
        - ID : 8e1f7616-1b2...
        - Messages : 5
        - Expire dans : 58 min

        Session 2
        - ID : fdb8048d-a3f...
        - Messages : 2
        - Expire dans : 59 min
        """)
  }

  @Test("C1: the same in English, in memory")
  func listInEnglish() {
    let text = english.sessions(
      sessions, current: nil, tier: .memory,
      limits: SessionLimits(sessionCountMax: 1, timeToLive: .seconds(90)))
    #expect(
      text == """
        📊 Active sessions (memory)

        Limit: 1 session
        TTL: 90 seconds

        Session 1
        - ID: fdb8048d-a3f...
        - Messages: 2
        - Expires in: 59 min

        Session 2
        - ID: 8e1f7616-1b2...
        - Messages: 5
        - Expires in: 58 min
        """)
  }

  @Test("C1: nothing warm, and the titles of memory")
  func emptyList() {
    let none = french.sessions([], current: first, tier: .redis, limits: SessionLimits())
    #expect(none == "Aucune session active pour le moment.")
    let memory = french.sessions(sessions, current: nil, tier: .memory, limits: SessionLimits())
    #expect(memory.hasPrefix("📊 Sessions actives (mémoire)\n"))
    let redis = english.sessions(sessions, current: nil, tier: .redis, limits: SessionLimits())
    #expect(redis.hasPrefix("📊 Active sessions (Redis backend)\n"))
  }

  @Test("C1: less than a minute is said so")
  func lastMinute() {
    let session = SessionSummary(
      id: first, messageCount: 1, timeLeft: .milliseconds(59_999), isPinned: false)
    let text = french.sessions([session], current: nil, tier: .redis, limits: SessionLimits())
    #expect(text.hasSuffix("- Expire dans : < 1 min"))
  }

  @Test("C2: evicted, expired")
  func removals() {
    let evicted = Removal(id: first, cause: .evicted)
    let expired = Removal(id: first, cause: .expired)
    #expect(
      french.removal(evicted, limit: 3)
        == "⚠️ Session 8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a supprimée (limite de 3 atteinte)")
    #expect(
      french.removal(expired, limit: 3)
        == "⌛ Session 8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a expirée")
    #expect(
      english.removal(evicted, limit: 3)
        == "⚠️ Session 8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a removed (limit of 3 reached)")
    #expect(
      english.removal(expired, limit: 3)
        == "⌛ Session 8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a expired")
  }

  @Test("Threads stand by day, numbered when they are the first of the list")
  func threads() {
    let now = Timestamp(milliseconds: 1_795_390_000_000)
    func thread(_ name: String?, hoursAgo hours: Int) -> ThreadSummary {
      let moment = now + .seconds(-hours * 3600)
      return ThreadSummary(
        id: first, name: name, createdAt: moment, lastActivity: moment, messageCount: hours + 1)
    }
    let moments = [0, 24, 240].map { LocalTime(now + .seconds(-$0 * 3600)) }
    let text = french.threads(
      [
        thread("Bonjour", hoursAgo: 0), thread(nil, hoursAgo: 24),
        thread("Long\u{1B}[2J", hoursAgo: 240),
      ], isNumbered: true, now: now)
    #expect(
      text == """
        Aujourd'hui
          1. \(moments[0].time)  Bonjour (1 message)  8e1f7616

        Hier
          2. \(moments[1].time)  (sans titre) (25 messages)  8e1f7616

        Plus tôt
          3. \(moments[2].date)  Long�[2J (241 messages)  8e1f7616
        """)
    let rest = english.threads(
      [thread("Hello", hoursAgo: 0)], isNumbered: false, now: now)
    #expect(rest == "Today\n   - \(moments[0].time)  Hello (1 message)  8e1f7616")
  }

  @Test("What was typed is a message, a list of sessions, a command or neither")
  func chatInput() {
    for text in ["historique", "  HISTORIQUE ", "Mes Discussions", "sessions", "liste sessions"] {
      #expect(ChatInput(text) == .command(.sessions, argument: ""), "\(text)")
    }
    #expect(ChatInput("historique de France") == .message("historique de France"))
    #expect(ChatInput("  ") == .nothing)
    #expect(ChatInput("/Reprendre  3 ") == .command(.resume, argument: "3"))
    #expect(ChatInput("/resume 3") == .command(.resume, argument: "3"))
    #expect(ChatInput("/foo") == .unknownCommand("/foo"))
    #expect(ChatInput("//etc/passwd") == .message("/etc/passwd"))
    #expect(ChatInput(" un  texte ") == .message(" un  texte "))
    let needing = ChatCommand.allCases.filter(\.needsArgument)
    #expect(needing == [.resume, .rename, .search, .file, .export])
    #expect(
      french.missingArgument(of: .rename).message
        == Phrase("/renomme : il manque NOM", "/rename: NAME is missing"))
  }

  @Test("A tabulator completes the names of commands")
  func completion() {
    #expect(Completion.commands(beginningWith: "/fil") == ["/fils", "/file"])
    #expect(Completion.commands(beginningWith: "fi") == [])
  }
}
