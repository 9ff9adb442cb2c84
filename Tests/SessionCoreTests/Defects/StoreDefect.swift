import SessionCore
import Testing

/// A mistake that a session store can have.
enum StoreDefect: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case evictsTheMostRecent = "evicts the most recently used"
  case openRenewsNothing = "opening does not restart the time to live"
  case timeCountsFromCreation = "the time to live counts from the creation"
  case diesAtTheDeadline = "a session is gone at its deadline"
  case expiresNothing = "what has expired stays and counts"
  case removalCauseIsWrong = "what expired is reported as evicted"
  case removalsAreNotReported = "nothing that leaves is reported"
  case listingUses = "listing uses the sessions"
  case pinsAreIgnored = "a pinned session is evicted"
  case scopesAreShared = "all users have one scope"
  case limitIsOneMore = "a scope holds one session too many"
  case repeatedMessageIsStoredTwice = "a repeated append stores the message twice"
  case tailIsIgnored = "an append follows whatever is there"
  case windowLosesTheNewest = "a full window keeps the oldest messages"
  case countIsTheWindow = "the count is of the warm messages"
  case metadataIsForgotten = "metadata and calls of tools are forgotten"

  var testDescription: String { rawValue }
}

/// The plainest store that keeps the contract, but for one mistake.
actor DefectiveStore: SessionStore {
  private struct Session {
    var messages: [Message]
    var messageCount: Int
    var deadline: Timestamp
    var isPinned = false
  }

  nonisolated let limits: SessionLimits
  private let time: any TimeSource
  private let defect: StoreDefect?
  /// Least recently used first.
  private var scopes: [Scope: [(id: ConversationID, session: Session)]] = [:]

  init(limits: SessionLimits, time: any TimeSource, defect: StoreDefect?) {
    self.limits = limits
    self.time = time
    self.defect = defect
  }

  func open(_ id: ConversationID, in scope: Scope) -> StoreReply<WarmSession?> {
    var removals = expire(in: scope)
    guard var session = session(id, in: scope) else { return reply(nil, removals) }
    if defect != .openRenewsNothing { renew(&session) }
    try? put(session, id, in: scope, &removals)
    return reply(warm(session, isWhole: true), removals)
  }

  func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) throws -> StoreReply<AppendOutcome> {
    var removals = expire(in: scope)
    guard var session = session(id, in: scope) else {
      guard tail == nil else { return reply(.missing, removals) }
      let session = Session(
        messages: [kept(message)], messageCount: 1, deadline: time.now() + limits.timeToLive)
      try put(session, id, in: scope, &removals)
      return reply(.appended(warm(session, isWhole: returningWindow)), removals)
    }
    let last = session.messages.last?.id
    guard last == message.id || last == tail || defect == .tailIsIgnored else {
      return reply(.stale, removals)
    }
    if last != message.id || defect == .repeatedMessageIsStoredTwice {
      session.messages = trimmed(session.messages + [kept(message)])
      session.messageCount += 1
    }
    renew(&session)
    try put(session, id, in: scope, &removals)
    return reply(.appended(warm(session, isWhole: returningWindow)), removals)
  }

  func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) throws -> StoreReply<Void> {
    var removals = expire(in: scope)
    let session = Session(
      messages: trimmed(messages.map(kept)), messageCount: max(messageCount, messages.count),
      deadline: time.now() + limits.timeToLive,
      isPinned: session(id, in: scope)?.isPinned ?? false)
    try put(session, id, in: scope, &removals)
    return reply((), removals)
  }

  func list(in scope: Scope) -> StoreReply<[SessionSummary]> {
    let removals = expire(in: scope)
    let held = scopes[named(scope)] ?? []
    if defect == .listingUses {
      scopes[named(scope)] = held.map { id, session in
        var session = session
        renew(&session)
        return (id, session)
      }
    }
    let lines = held.reversed().map { id, session in
      SessionSummary(
        id: id, messageCount: warm(session, isWhole: false).messageCount,
        timeLeft: session.deadline - time.now(), isPinned: session.isPinned)
    }
    return reply(Array(lines), removals)
  }

  func close(_ id: ConversationID, in scope: Scope) -> StoreReply<Void> {
    var removals = expire(in: scope)
    if session(id, in: scope) != nil { removals.append(Removal(id: id, cause: .closed)) }
    scopes[named(scope)]?.removeAll { $0.id == id }
    return reply((), removals)
  }

  func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) -> StoreReply<Bool> {
    let removals = expire(in: scope)
    guard let index = scopes[named(scope)]?.firstIndex(where: { $0.id == id }) else {
      return reply(false, removals)
    }
    scopes[named(scope)]?[index].session.isPinned = isPinned
    return reply(true, removals)
  }

  private func named(_ scope: Scope) -> Scope { defect == .scopesAreShared ? .shared : scope }

  private func session(_ id: ConversationID, in scope: Scope) -> Session? {
    scopes[named(scope)]?.first { $0.id == id }?.session
  }

  private func expire(in scope: Scope) -> [Removal] {
    guard defect != .expiresNothing else { return [] }
    let now = time.now()
    let dead = (scopes[named(scope)] ?? []).map { ($0.id, $0.session.deadline) }
      .filter { now > $0.1 || (defect == .diesAtTheDeadline && now == $0.1) }.map(\.0)
    scopes[named(scope)]?.removeAll { dead.contains($0.id) }
    return dead.map { Removal(id: $0, cause: defect == .removalCauseIsWrong ? .evicted : .expired) }
  }

  private func renew(_ session: inout Session) {
    if defect != .timeCountsFromCreation { session.deadline = time.now() + limits.timeToLive }
  }

  private func put(
    _ session: Session, _ id: ConversationID, in scope: Scope, _ removals: inout [Removal]
  ) throws {
    var held = scopes[named(scope)] ?? []
    let limit = limits.sessionCountMax + (defect == .limitIsOneMore ? 1 : 0)
    if !held.contains(where: { $0.id == id }), held.count >= limit {
      let candidates = held.indices.filter {
        !held[$0].session.isPinned || defect == .pinsAreIgnored
      }
      let victim = defect == .evictsTheMostRecent ? candidates.last : candidates.first
      guard let victim else {
        throw SessionStoreError(code: .scopeFullOfPins, reason: "all sessions are pinned")
      }
      removals.append(Removal(id: held.remove(at: victim).id, cause: .evicted))
    }
    held.removeAll { $0.id == id }
    scopes[named(scope)] = held + [(id, session)]
  }

  private func trimmed(_ messages: [Message]) -> [Message] {
    let count = limits.windowMessageCountMax
    return Array(
      defect == .windowLosesTheNewest ? messages.prefix(count) : messages.suffix(count))
  }

  private func kept(_ message: Message) -> Message {
    var message = message
    if defect == .metadataIsForgotten { (message.metadata, message.toolCalls) = ([:], []) }
    return message
  }

  private func warm(_ session: Session, isWhole: Bool) -> WarmSession {
    WarmSession(
      messages: isWhole ? session.messages : [],
      messageCount: defect == .countIsTheWindow ? session.messages.count : session.messageCount)
  }

  private func reply<Value>(_ value: Value, _ removals: [Removal]) -> StoreReply<Value> {
    StoreReply(value, removals: defect == .removalsAreNotReported ? [] : removals)
  }
}
