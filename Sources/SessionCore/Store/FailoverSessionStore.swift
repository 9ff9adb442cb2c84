/// A session store with one in memory behind it: while the first is away, the second serves, under
/// the same limits.
///
/// A call that finds the first store away is answered from memory at once, and those after it do
/// not wait for it: one of them tries again when a pause is over, and every failure doubles the
/// pause. The memory starts empty at each outage and is dropped at its end. Neither it nor what the
/// first store kept from before can be used when it is out of date: appends carry the message that
/// they follow (rule T4 of the specification), and conversations come back from the archive.
///
/// Pins are not known to the stand-in. What it still holds when the outage ends leaves without
/// being reported.
///
/// A server that answers and will not write (read-only, full, without a permission) is away too.
/// That it can be read proves nothing then: it is back when it has taken a write.
///
/// An error that is not ``SessionStoreError/Code/unavailable`` is the first store's answer, and is
/// thrown as it is.
public final class FailoverSessionStore: SessionStore {
  private struct State {
    var circuit: Circuit
    var standIn: InMemorySessionStore?
    /// Whether only a write shows that the first store is back.
    var needsWrite = false
    /// Whether the first store answered the last try without writing: the page-in that comes of it
    /// is a part of the try.
    var awaitsPageIn = false

    mutating func mayTry(_ use: Use, at now: Timestamp) -> Bool {
      guard circuit.isOpen, needsWrite else { return circuit.allows(at: now) }
      switch use {
      case .look: return false
      case .use: return circuit.allows(at: now)
      case .pageIn:
        if !awaitsPageIn { return circuit.allows(at: now) }
        awaitsPageIn = false
        return true
      }
    }
  }

  /// What a call does with a session.
  private enum Use {
    /// Nothing, or nothing that a server without memory would not do too.
    case look
    case use
    case pageIn
  }

  private let primary: any SessionStore
  private let time: any TimeSource
  private let events: EventHub
  private let state: Locked<State>

  /// Puts a stand-in behind `primary`.
  ///
  /// - Parameters:
  ///   - primary: The store that serves as long as it answers.
  ///   - firstPause: How long it is left alone after a failure; one second by default.
  ///   - longestPause: The pause at most; 30 seconds by default.
  ///   - time: Tells when a pause is over, and goes for the stand-in.
  ///   - events: Told when `primary` goes away, and when it is back.
  public init(
    _ primary: any SessionStore, firstPause: Duration = .seconds(1),
    longestPause: Duration = .seconds(30), time: any TimeSource = SystemTimeSource(),
    events: EventHub = EventHub()
  ) {
    self.primary = primary
    self.time = time
    self.events = events
    let circuit = Circuit(Circuit.Pauses(first: firstPause, longest: longestPause))
    state = Locked(State(circuit: circuit))
  }

  /// The limits of the first store.
  public var limits: SessionLimits { primary.limits }

  /// Whether the memory serves at the moment.
  public var isStandIn: Bool { state.withLock { $0.standIn != nil } }

  /// Closes the first store.
  public func close() async { await primary.close() }

  /// Uses a warm session and returns it.
  public func open(
    _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<WarmSession?> {
    try await call(.use, didWrite: { $0 != nil }, body: { try await $0.open(id, in: scope) })
  }

  /// Adds a message to a warm session, if the session ends where the caller expects.
  public func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) async throws -> StoreReply<AppendOutcome> {
    try await call(
      .use, didWrite: { if case .appended = $0 { true } else { false } },
      body: {
        try await $0.append(
          message, to: id, in: scope, following: tail, returningWindow: returningWindow)
      })
  }

  /// Puts a session in, whole.
  public func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) async throws -> StoreReply<Void> {
    try await call(
      .pageIn, didWrite: { true },
      body: {
        try await $0.pageIn(id, in: scope, messages: messages, messageCount: messageCount)
      })
  }

  /// The warm sessions of a scope.
  public func list(in scope: Scope) async throws -> StoreReply<[SessionSummary]> {
    try await call(.look, didWrite: { _ in false }, body: { try await $0.list(in: scope) })
  }

  /// Removes a session.
  public func close(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<Void> {
    try await call(.look, didWrite: { false }, body: { try await $0.close(id, in: scope) })
  }

  /// Keeps a session from being evicted, or allows it again.
  public func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<Bool> {
    try await call(
      .use, didWrite: { $0 }, body: { try await $0.setPinned(isPinned, id, in: scope) })
  }

  private static let late = SessionStoreError(
    code: .unavailable, reason: "the session store did not answer within what a turn waits for it",
    mayHaveActed: true, cause: .timedOut)

  private func call<Value: Sendable>(
    _ use: Use, didWrite: (Value) -> Bool,
    body: @escaping @Sendable (any SessionStore) async throws -> StoreReply<Value>
  ) async throws -> StoreReply<Value> {
    let now = time.now()
    if state.withLock({ $0.mayTry(use, at: now) }) {
      do {
        let reply = try await TurnAllowance.spend(.sessions) { [primary] in
          try await body(primary)
        }
        guard let reply else { throw Self.late }
        noteAnswer(didWrite: didWrite(reply.value))
        return reply
      } catch let error as SessionStoreError where error.code == .unavailable {
        TurnAllowance.giveUp(.sessions)
        noteFailure(error)
      } catch let error as SessionStoreError {
        noteAnswer(didWrite: false)
        throw error
      }
    }
    guard let standIn = state.withLock({ $0.standIn }) else {
      // It came back between two steps of this call.
      return try await body(primary)
    }
    return try await body(standIn)
  }

  private func noteAnswer(didWrite: Bool) {
    let isBack = state.withLock { state in
      if state.circuit.isOpen, state.needsWrite, !didWrite {
        state.awaitsPageIn = true
        return false
      }
      (state.standIn, state.needsWrite, state.awaitsPageIn) = (nil, false, false)
      return state.circuit.succeeded()
    }
    if isBack { events.tell(.modeChanged(ModeChange(tier: .sessionStore, isAvailable: true))) }
  }

  private func noteFailure(_ error: SessionStoreError) {
    let now = time.now()
    let isNew = state.withLock { state in
      if state.standIn == nil {
        state.standIn = InMemorySessionStore(limits: primary.limits, time: time)
      }
      state.needsWrite = error.cause?.concernsWriting ?? false
      return state.circuit.failed(at: now)
    }
    guard isNew else { return }
    events.tell(
      .modeChanged(
        ModeChange(tier: .sessionStore, isAvailable: false, reason: error.reason)))
  }
}
