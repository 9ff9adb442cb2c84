public import SessionCore

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
