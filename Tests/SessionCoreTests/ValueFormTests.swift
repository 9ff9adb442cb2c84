import Foundation
import SessionCore
import TestSupport
import Testing

@Suite("What a program stores or shows")
struct ValueFormTests {
  private static let id = ConversationID.generate()
  private static let long = String(repeating: "Bonjour à tous.\n", count: 100)
  private static let call = ToolCall(id: "c", name: "météo", arguments: "{}", signature: "c2ln")
  private static let time = Timestamp(milliseconds: 1_795_390_000_123)
  private static let notice = FallbackNotice(
    from: "gemini-2.5-flash",
    error: ResponderError(code: .overloaded, reason: "busy", httpStatus: 503, retryAt: time))
  private static let question = Message(
    id: .generate(), role: .user, content: long, createdAt: time, metadata: ["source": "web"])
  private static let answer = Message(
    id: .generate(), role: .assistant, content: long, createdAt: time,
    answer: AnswerDetails(state: .partial, usage: TokenUsage(totalTokenCount: 3)),
    toolCalls: [call])
  private static let turn = Turn(
    question: question, rounds: [answer], answer: answer, failure: notice.error)
  private static let removal = Removal(id: id, cause: .evicted)
  private static let storeError = SessionStoreError(code: .unavailable, reason: "no answer")
  private static let summary = ThreadSummary(
    id: id, name: long, createdAt: time, lastActivity: time, messageCount: 3)

  private func check<Value: Codable & Equatable>(
    _ values: Value..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for value in values {
      let back = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
      #expect(back == value, sourceLocation: sourceLocation)
      let text = "\(value)"
      #expect(value is any CustomStringConvertible, sourceLocation: sourceLocation)
      #expect(!text.isEmpty && text.count <= 250, "\(text)", sourceLocation: sourceLocation)
      #expect(text.first(where: { $0.isNewline }) == nil, "\(text)", sourceLocation: sourceLocation)
    }
  }

  @Test("Values are Codable, and print a short line")
  func values() throws {
    try check(Self.question, Self.answer)
    try check(Self.turn)
    try check(Self.summary)
    try check(Page(elements: [Self.summary], next: PageCursor("x")))
    try check(SessionSummary(id: Self.id, messageCount: 2, timeLeft: .seconds(60), isPinned: true))
    try check(ServiceStatistics())
    try check(Self.removal)
    try check(
      TurnReport(
        conversation: Self.id, question: Self.question.id, outcome: .complete,
        duration: .milliseconds(3)))
  }

  @Test("Events are Codable, and print a short line")
  func events() throws {
    let result = ToolResult(call: Self.call, content: Self.long)
    try check(
      TurnEvent.text(Self.long), .toolCall(Self.call), .toolResult(result), .fallback(Self.notice),
      .pagedIn(messageCount: 3), .removed(Self.removal), .sessionStoreFailed(Self.storeError),
      .finished(Self.turn))
    let report = TurnReport(
      conversation: Self.id, question: Self.question.id, outcome: .stopped,
      duration: .milliseconds(3), usage: TokenUsage(totalTokenCount: 3))
    try check(
      SessionEvent.opened(Self.id), .pagedIn(Self.id, messageCount: 2), .removed(Self.removal),
      .fallback(Self.id, Self.notice), .turnFinished(report),
      .modeChanged(ModeChange(tier: .archive, isAvailable: false, reason: "no answer")),
      .modeChanged(ModeChange(tier: .archive, isAvailable: true)),
      .messageJournaled(Self.id, Self.question.id), .journalFlushed(JournalFlush()),
      .journalRepaired(droppedByteCount: 3), .missed(count: 3))
  }

  @Test("Errors are Codable, and print a short line")
  func errors() throws {
    try check(Self.storeError)
    try check(ArchiveError(code: .notFound, reason: "no such thread", mayHaveActed: true))
    try check(JournalError(code: .full, reason: "the journal is full"))
    try check(Self.notice.error)
    try check(EmptyMessage())
    try check(UnknownRole(role: "critic"))
    try check(#require(#expect(throws: InvalidUserID.self) { try UserID("") }))
    try check(#require(#expect(throws: JSONError.self) { try JSONValue(parsing: [1]) }))
  }

  @Test("An error of a code that is not known yet is read")
  func openCodes() throws {
    let json = Data(#"{"code":"brandNew","reason":"?"}"#.utf8)
    #expect(try JSONDecoder().decode(JournalError.self, from: json).code.rawValue == "brandNew")
  }
}
