public import SessionCore

/// An archive in front of another one: each call can be made to fail, before it does anything or
/// after it has done it.
public struct FaultyArchive: ConversationArchive {
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

  private func portable() throws -> any PortableArchive {
    guard let archive = archive as? any PortableArchive else {
      throw ArchiveError(code: .refused, reason: "the archive behind is not portable")
    }
    return archive
  }
}

extension FaultyArchive: PortableArchive {
  /// As the archive behind, or an injected fault.
  public func export(
    of user: UserID, emit: @Sendable (ArchiveRecord) async throws -> Void
  ) async throws {
    try await call { try await portable().export(of: user, emit: emit) }
  }

  /// As the archive behind, or an injected fault.
  public func restore(_ records: [ArchiveRecord], of user: UserID) async throws -> RestoreOutcome {
    try await call { try await portable().restore(records, of: user) }
  }

  /// As the archive behind, or an injected fault.
  public func forget(_ user: UserID, dryRun: Bool) async throws -> DeletionCounts {
    try await call { try await portable().forget(user, dryRun: dryRun) }
  }

  /// As the archive behind, or an injected fault.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool,
    progress: @Sendable (DeletionCounts) async -> Void
  ) async throws -> DeletionCounts {
    try await call {
      try await portable().prune(untouchedSince: moment, dryRun: dryRun, progress: progress)
    }
  }
}
