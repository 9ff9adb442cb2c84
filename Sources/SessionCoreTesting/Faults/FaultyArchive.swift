public import SessionCore

/// An archive in front of another one: each call can be made to fail, before it does anything or
/// after it has done it. What the one behind cannot do is refused.
public struct FaultyArchive: CompleteArchive {
  private let archive: any ConversationArchive
  /// Which calls fail.
  public let plan: FaultPlan
  /// Whether a failing call has done its work before it fails.
  public let actsBeforeFailing: Bool

  /// Puts `plan` in front of `archive`.
  public init(
    _ archive: any ConversationArchive, plan: FaultPlan, actsBeforeFailing: Bool = false
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

  private func complete() throws(ArchiveError) -> any CompleteArchive {
    guard let archive = archive as? any CompleteArchive else {
      throw ArchiveError(code: .refused, reason: "the archive behind carries turns only")
    }
    return archive
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
    try await call { try await complete().threads(of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func thread(_ id: ConversationID, of user: UserID) async throws -> ThreadSummary {
    try await call { try await complete().thread(id, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func messages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    try await call { try await complete().messages(in: thread, of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func rename(_ thread: ConversationID, of user: UserID, to name: String) async throws {
    try await call { try await complete().rename(thread, of: user, to: name) }
  }

  /// As the archive behind, or an injected fault.
  public func fork(
    _ origin: ConversationID, of user: UserID, through last: MessageID, into copy: ConversationID
  ) async throws -> ThreadSummary {
    try await call { try await complete().fork(origin, of: user, through: last, into: copy) }
  }

  /// As the archive behind, or an injected fault.
  public func rewind(
    _ thread: ConversationID, of user: UserID, to last: MessageID
  ) async throws -> Int {
    try await call { try await complete().rewind(thread, of: user, to: last) }
  }

  /// As the archive behind, or an injected fault.
  public func rewoundMessages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    try await call { try await complete().rewoundMessages(in: thread, of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func delete(
    _ thread: ConversationID, of user: UserID
  ) async throws -> DeletionCounts {
    try await call { try await complete().delete(thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func export(
    of user: UserID, emit: @Sendable (ArchiveRecord) async throws -> Void
  ) async throws {
    try await call { try await complete().export(of: user, emit: emit) }
  }

  /// As the archive behind, or an injected fault.
  public func restore(_ records: [ArchiveRecord], of user: UserID) async throws -> RestoreOutcome {
    try await call { try await complete().restore(records, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func forget(_ user: UserID, dryRun: Bool) async throws -> DeletionCounts {
    try await call { try await complete().forget(user, dryRun: dryRun) }
  }

  /// As the archive behind, or an injected fault.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool,
    progress: @Sendable (DeletionCounts) async -> Void
  ) async throws -> DeletionCounts {
    try await call {
      try await complete().prune(untouchedSince: moment, dryRun: dryRun, progress: progress)
    }
  }

  /// As the archive behind, or an injected fault.
  public func search(
    _ text: String, of user: UserID, page: PageRequest
  ) async throws -> Page<SearchHit> {
    try await call { try await complete().search(text, of: user, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func setFeedback(
    _ feedback: Feedback?, on message: MessageID, in thread: ConversationID, of user: UserID
  ) async throws {
    try await call {
      try await complete().setFeedback(feedback, on: message, in: thread, of: user)
    }
  }

  /// As the archive behind, or an injected fault.
  public func feedback(
    in thread: ConversationID, of user: UserID
  ) async throws -> [MessageID: Feedback] {
    try await call { try await complete().feedback(in: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func threads(
    of user: UserID, matching filter: ThreadFilter, page: PageRequest
  ) async throws -> Page<ThreadSummary> {
    try await call { try await complete().threads(of: user, matching: filter, page: page) }
  }

  /// As the archive behind, or an injected fault.
  public func notes(on thread: ConversationID, of user: UserID) async throws -> ThreadNotes {
    try await call { try await complete().notes(on: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func setNotes(
    _ notes: ThreadNotes, on thread: ConversationID, of user: UserID
  ) async throws {
    try await call { try await complete().setNotes(notes, on: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func attach(
    _ element: ArchiveElement, to thread: ConversationID, of user: UserID
  ) async throws {
    try await call { try await complete().attach(element, to: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func elements(
    in thread: ConversationID, of user: UserID
  ) async throws -> [ArchiveElement] {
    try await call { try await complete().elements(in: thread, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func element(
    _ id: ElementID, in thread: ConversationID, of user: UserID
  ) async throws -> ArchiveElement? {
    try await call { try await complete().element(id, in: thread, of: user) }
  }
}
