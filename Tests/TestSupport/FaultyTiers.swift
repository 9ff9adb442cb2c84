public import SessionCore

/// Decides, call by call, which one fails.
public final class FaultPlan: Sendable {
  private struct State {
    var calls: [String] = []
    var failing: Set<Int>
    var isDown = false
    var gates: [String: Gate] = [:]
    var numberedGates: [Int: Gate] = [:]
  }

  private let state: Locked<State>

  /// Lets the calls numbered in `failing` fail; the first call is 1.
  public init(failing: Set<Int> = []) { state = Locked(State(failing: failing)) }

  /// The names of the calls made so far.
  public var calls: [String] { state.withLock { $0.calls } }

  /// Makes the calls of this name wait at `gate` before they do anything.
  public func hold(_ name: String, at gate: Gate) { state.withLock { $0.gates[name] = gate } }

  /// Makes the call of this number wait at `gate` before it does anything; the first call is 1.
  public func hold(_ number: Int, at gate: Gate) {
    state.withLock { $0.numberedGates[number] = gate }
  }

  /// Lets the calls of these numbers fail, and no others; the first call is 1.
  public func fail(_ numbers: Set<Int>) { state.withLock { $0.failing = numbers } }

  /// Lets every call succeed from now on.
  public func heal() {
    state.withLock { state in
      state.failing = []
      state.isDown = false
    }
  }

  /// Makes every call fail from now on, or none but the numbered ones.
  public func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

  /// Counts a call, and says whether it fails.
  func fails(_ name: String) async throws -> Bool {
    let (number, gates) = state.withLock { state in
      state.calls.append(name)
      let number = state.calls.count
      return (number, [state.gates[name], state.numberedGates[number]].compactMap { $0 })
    }
    for gate in gates { try await gate.pass() }
    return state.withLock { $0.isDown || $0.failing.contains(number) }
  }
}

/// A session store in front of another one: each call can be made to fail, before it does anything
/// or after it has done it.
public struct FaultySessionStore: SessionStore {
  private let store: any SessionStore
  /// Which calls fail.
  public let plan: FaultPlan
  /// Whether a failing call has done its work before it fails.
  public let actsBeforeFailing: Bool

  /// Puts `plan` in front of `store`.
  public init(_ store: any SessionStore, plan: FaultPlan, actsBeforeFailing: Bool = false) {
    self.store = store
    self.plan = plan
    self.actsBeforeFailing = actsBeforeFailing
  }

  /// The limits of the store behind.
  public var limits: SessionLimits { store.limits }

  private func call<Value>(
    _ name: String = #function, _ body: () async throws -> Value
  ) async throws -> Value {
    guard try await plan.fails(String(name.prefix { $0 != "(" })) else { return try await body() }
    if actsBeforeFailing { _ = try await body() }
    throw SessionStoreError(
      code: .unavailable, reason: "injected fault", mayHaveActed: actsBeforeFailing)
  }

  /// As the store behind, or an injected fault.
  public func open(
    _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<WarmSession?> {
    try await call { try await store.open(id, in: scope) }
  }

  /// As the store behind, or an injected fault.
  public func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) async throws -> StoreReply<AppendOutcome> {
    try await call {
      try await store.append(
        message, to: id, in: scope, following: tail, returningWindow: returningWindow)
    }
  }

  /// As the store behind, or an injected fault.
  public func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) async throws -> StoreReply<Void> {
    try await call {
      try await store.pageIn(id, in: scope, messages: messages, messageCount: messageCount)
    }
  }

  /// As the store behind, or an injected fault.
  public func list(in scope: Scope) async throws -> StoreReply<[SessionSummary]> {
    try await call { try await store.list(in: scope) }
  }

  /// As the store behind, or an injected fault.
  public func close(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<Void> {
    try await call { try await store.close(id, in: scope) }
  }

  /// As the store behind, or an injected fault.
  public func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<Bool> {
    try await call { try await store.setPinned(isPinned, id, in: scope) }
  }
}

/// An archive in front of another one: each call can be made to fail, before it does anything or
/// after it has done it.
public struct FaultyArchive: CompleteArchive {
  private let archive: any CompleteArchive
  /// Which calls fail.
  public let plan: FaultPlan
  /// Whether a failing call has done its work before it fails.
  public let actsBeforeFailing: Bool

  /// Puts `plan` in front of `archive`.
  public init(
    _ archive: any CompleteArchive, plan: FaultPlan, actsBeforeFailing: Bool = false
  ) {
    self.archive = archive
    self.plan = plan
    self.actsBeforeFailing = actsBeforeFailing
  }

  private func call<Value>(
    _ name: String = #function, _ body: () async throws -> Value
  ) async throws -> Value {
    guard try await plan.fails(String(name.prefix { $0 != "(" })) else { return try await body() }
    if actsBeforeFailing { _ = try await body() }
    throw ArchiveError(
      code: .unavailable, reason: "injected fault", mayHaveActed: actsBeforeFailing)
  }

  /// As the archive behind, or an injected fault.
  public func append(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) async throws -> AppendReceipt {
    try await call { try await archive.append(message, to: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func newestMessages(
    in thread: ConversationID, of user: UserID, limit: Int
  ) async throws -> [Message] {
    try await call { try await archive.newestMessages(in: thread, of: user, limit: limit) }
  }

  /// As the archive behind, or an injected fault.
  public func messageCount(
    in thread: ConversationID, of user: UserID, through last: MessageID
  ) async throws -> Int {
    try await call { try await archive.messageCount(in: thread, of: user, through: last) }
  }

  /// As the archive behind, or an injected fault.
  public func message(
    _ id: MessageID, in thread: ConversationID, of user: UserID
  ) async throws -> Message? {
    try await call { try await archive.message(id, in: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func threads(of user: UserID, page: PageRequest) async throws -> Page<ThreadSummary> {
    try await call { try await archive.threads(of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func thread(_ id: ConversationID, of user: UserID) async throws -> ThreadSummary {
    try await call { try await archive.thread(id, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func messages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    try await call { try await archive.messages(in: thread, of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func rename(_ thread: ConversationID, of user: UserID, to name: String) async throws {
    try await call { try await archive.rename(thread, of: user, to: name) }
  }

  /// As the archive behind, or an injected fault.
  public func fork(
    _ origin: ConversationID, of user: UserID, through last: MessageID, into copy: ConversationID
  ) async throws -> ThreadSummary {
    try await call { try await archive.fork(origin, of: user, through: last, into: copy) }
  }

  /// As the archive behind, or an injected fault.
  public func rewind(
    _ thread: ConversationID, of user: UserID, to last: MessageID
  ) async throws -> Int {
    try await call { try await archive.rewind(thread, of: user, to: last) }
  }

  /// As the archive behind, or an injected fault.
  public func rewoundMessages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    try await call { try await archive.rewoundMessages(in: thread, of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func delete(
    _ thread: ConversationID, of user: UserID
  ) async throws -> DeletionCounts {
    try await call { try await archive.delete(thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func export(
    of user: UserID, emit: @Sendable (ArchiveRecord) async throws -> Void
  ) async throws {
    try await call { try await archive.export(of: user, emit: emit) }
  }

  /// As the archive behind, or an injected fault.
  public func restore(_ records: [ArchiveRecord], of user: UserID) async throws -> RestoreOutcome {
    try await call { try await archive.restore(records, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func forget(_ user: UserID, dryRun: Bool) async throws -> DeletionCounts {
    try await call { try await archive.forget(user, dryRun: dryRun) }
  }

  /// As the archive behind, or an injected fault.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool,
    progress: @Sendable (DeletionCounts) async -> Void
  ) async throws -> DeletionCounts {
    try await call {
      try await archive.prune(untouchedSince: moment, dryRun: dryRun, progress: progress)
    }
  }

  /// As the archive behind, or an injected fault.
  public func search(
    _ text: String, of user: UserID, page: PageRequest
  ) async throws -> Page<SearchHit> {
    try await call { try await archive.search(text, of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func setFeedback(
    _ feedback: Feedback?, on message: MessageID, in thread: ConversationID, of user: UserID
  ) async throws {
    try await call {
      try await archive.setFeedback(feedback, on: message, in: thread, of: user)
    }
  }

  /// As the archive behind, or an injected fault.
  public func feedback(
    in thread: ConversationID, of user: UserID
  ) async throws -> [MessageID: Feedback] {
    try await call { try await archive.feedback(in: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func threads(
    of user: UserID, matching filter: ThreadFilter, page: PageRequest
  ) async throws -> Page<ThreadSummary> {
    try await call { try await archive.threads(of: user, matching: filter, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func notes(on thread: ConversationID, of user: UserID) async throws -> ThreadNotes {
    try await call { try await archive.notes(on: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func setNotes(
    _ notes: ThreadNotes, on thread: ConversationID, of user: UserID
  ) async throws {
    try await call { try await archive.setNotes(notes, on: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func attach(
    _ element: ArchiveElement, to thread: ConversationID, of user: UserID
  ) async throws {
    try await call { try await archive.attach(element, to: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func elements(
    in thread: ConversationID, of user: UserID
  ) async throws -> [ArchiveElement] {
    try await call { try await archive.elements(in: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func element(
    _ id: ElementID, in thread: ConversationID, of user: UserID
  ) async throws -> ArchiveElement? {
    try await call { try await archive.element(id, in: thread, of: user) }
  }
}
