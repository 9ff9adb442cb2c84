import SessionCore
import TestSupport

/// A chat service in memory, with everything around it within reach of a test.
struct ChatBench {
  let time: ManualTime
  let storePlan: FaultPlan
  let archivePlan: FaultPlan
  let store: FaultySessionStore
  let archive: FaultyArchive
  let responder: ScriptedResponder
  let service: ChatService
  let user: UserID
  let conversation = ConversationID.generate()
  let hub = EventHub()
  let scoping: ChatService.Scoping
  private let directory: TemporaryDirectory?

  /// For tests on a busy machine: what runs in memory cannot hang.
  static let patient = TurnBudget(archive: .seconds(3600), sessions: .seconds(3600))

  init(
    _ responder: ScriptedResponder = ScriptedResponder(saying: "Bon", "jour"),
    limits: SessionLimits = SessionLimits(), storePlan: FaultPlan = FaultPlan(),
    archivePlan: FaultPlan = FaultPlan(), actsBeforeFailing: Bool = false,
    scoping: ChatService.Scoping = .shared, time: ManualTime = ManualTime(),
    journaling: Bool = false, budget: TurnBudget = Self.patient
  ) throws {
    self.time = time
    self.storePlan = storePlan
    self.archivePlan = archivePlan
    self.responder = responder
    user = try UserID("Awa")
    store = FaultySessionStore(
      InMemorySessionStore(limits: limits, time: time), plan: storePlan,
      actsBeforeFailing: actsBeforeFailing)
    archive = FaultyArchive(
      InMemoryArchive(), plan: archivePlan, actsBeforeFailing: actsBeforeFailing)
    self.scoping = scoping
    directory = journaling ? try TemporaryDirectory() : nil
    service = ChatService(
      sessions: store, archive: archive, responder: responder, scoping: scoping,
      journal: try Self.journal(in: directory, hub), budget: budget, events: hub, time: time,
      drainsByItself: false)
  }

  private static func journal(
    in directory: TemporaryDirectory?, _ hub: EventHub
  ) throws -> MessageJournal? {
    try directory.map { try MessageJournal(path: $0.file("journal"), events: hub) }
  }

  /// A second service on the same tiers and the same journal, as another process would be.
  func another(
    _ responder: ScriptedResponder? = nil, sessions: (any SessionStore)? = nil,
    archive: (any CompleteArchive)? = nil
  ) throws -> ChatService {
    ChatService(
      sessions: sessions ?? store, archive: archive ?? self.archive,
      responder: responder ?? self.responder, scoping: scoping,
      journal: try Self.journal(in: directory, hub), budget: Self.patient, events: hub, time: time,
      drainsByItself: false)
  }

  /// Waits until a turn has ended that began after `events` listened.
  func turnFinished(_ events: SessionEvents) async -> TurnReport? {
    for await event in events { if case .turnFinished(let report) = event { return report } }
    return nil
  }

  /// Collects what the hub tells while `body` runs, the ends of turns left out.
  func told(_ body: () async throws -> Void) async throws -> [SessionEvent] {
    var iterator = hub.events(bufferCountMax: 1000).makeAsyncIterator()
    let end = SessionEvent.opened(.generate())
    try await body()
    hub.tell(end)
    var events: [SessionEvent] = []
    while let event = await iterator.next(), event != end {
      if case .turnFinished = event { continue }
      events.append(event)
    }
    return events
  }

  @discardableResult
  func ask(_ text: String, id: MessageID? = nil) async throws -> Turn {
    try await service.ask(text, in: conversation, as: user, options: TurnOptions(questionID: id))
  }

  /// Runs a turn and returns what it reported.
  func events(_ text: String, in conversation: ConversationID? = nil) async throws -> [TurnEvent] {
    let events = Locked<[TurnEvent]>([])
    _ = try await service.ask(text, in: conversation ?? self.conversation, as: user) { event in
      events.withLock { $0.append(event) }
    }
    return events.withLock { $0 }
  }

  /// What the archive holds, as `role: text`.
  func archived() async throws -> [String] {
    try await archive.newestMessages(in: conversation, of: user, limit: 1000).map(line)
  }

  /// What is warm, as `role: text`.
  func warm() async throws -> [String]? {
    try await store.open(conversation, in: .shared).value?.messages.map(line)
  }

  /// What the responder was sent for prompt number `index`.
  func prompt(_ index: Int) -> [String] { responder.prompts[index].messages.map(line) }

  private func line(_ message: Message) -> String { "\(message.role): \(message.content)" }
}
