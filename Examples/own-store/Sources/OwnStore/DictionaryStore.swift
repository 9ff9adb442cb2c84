import SessionCore

/// A session store on a dictionary. Each call is one step of the actor.
actor DictionaryStore: SessionStore {
  private struct Session {
    var messages: [Message]
    var messageCount: Int
    var deadline: Timestamp
    /// Grows with each use; two uses of one millisecond still have an order.
    var lastUse: Int
    var isPinned = false
  }

  nonisolated let limits: SessionLimits
  private let time: any TimeSource
  private var scopes: [Scope: [ConversationID: Session]] = [:]
  private var useCount = 0

  init(limits: SessionLimits, time: any TimeSource = SystemTimeSource()) {
    self.limits = limits
    self.time = time
  }

  func open(_ id: ConversationID, in scope: Scope) -> StoreReply<WarmSession?> {
    let removals = removeExpired(in: scope)
    guard let session = scopes[scope]?[id] else { return StoreReply(nil, removals: removals) }
    use(session, id, in: scope)
    let warm = WarmSession(messages: session.messages, messageCount: session.messageCount)
    return StoreReply(warm, removals: removals)
  }

  func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) throws -> StoreReply<AppendOutcome> {
    var removals = removeExpired(in: scope)
    var session: Session
    if let held = scopes[scope]?[id] {
      session = held
      let last = session.messages.last?.id
      guard last == message.id || last == tail else {
        return StoreReply(.stale, removals: removals)
      }
      if last != message.id {
        session.messages = newest(session.messages + [message])
        session.messageCount += 1
      }
    } else {
      guard tail == nil else { return StoreReply(.missing, removals: removals) }
      removals += try makeRoom(in: scope)
      session = Session(messages: [message], messageCount: 1, deadline: time.now(), lastUse: 0)
    }
    use(session, id, in: scope)
    let warm = WarmSession(
      messages: returningWindow ? session.messages : [], messageCount: session.messageCount)
    return StoreReply(.appended(warm), removals: removals)
  }

  func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) throws -> StoreReply<Void> {
    var removals = removeExpired(in: scope)
    let held = scopes[scope]?[id]
    if held == nil { removals += try makeRoom(in: scope) }
    let session = Session(
      messages: newest(messages), messageCount: max(messageCount, messages.count),
      deadline: time.now(), lastUse: 0, isPinned: held?.isPinned ?? false)
    use(session, id, in: scope)
    return StoreReply((), removals: removals)
  }

  func list(in scope: Scope) -> StoreReply<[SessionSummary]> {
    let removals = removeExpired(in: scope)
    let sessions = (scopes[scope] ?? [:]).sorted { $0.value.lastUse > $1.value.lastUse }
    let lines = sessions.map { id, session in
      SessionSummary(
        id: id, messageCount: session.messageCount, timeLeft: session.deadline - time.now(),
        isPinned: session.isPinned)
    }
    return StoreReply(lines, removals: removals)
  }

  func close(_ id: ConversationID, in scope: Scope) -> StoreReply<Void> {
    var removals = removeExpired(in: scope)
    if scopes[scope]?.removeValue(forKey: id) != nil {
      removals.append(Removal(id: id, cause: .closed))
    }
    return StoreReply((), removals: removals)
  }

  func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) -> StoreReply<Bool> {
    let removals = removeExpired(in: scope)
    scopes[scope]?[id]?.isPinned = isPinned
    return StoreReply(scopes[scope]?[id] != nil, removals: removals)
  }

  private func removeExpired(in scope: Scope) -> [Removal] {
    let now = time.now()
    let dead = (scopes[scope] ?? [:]).filter { now > $0.value.deadline }
      .sorted { $0.value.lastUse < $1.value.lastUse }.map(\.key)
    for id in dead { scopes[scope]?[id] = nil }
    return dead.map { Removal(id: $0, cause: .expired) }
  }

  /// Evicts the least recently used session of a scope that is full.
  private func makeRoom(in scope: Scope) throws -> [Removal] {
    let sessions = scopes[scope] ?? [:]
    guard sessions.count >= limits.sessionCountMax else { return [] }
    let victim = sessions.filter { !$0.value.isPinned }.min { $0.value.lastUse < $1.value.lastUse }
    guard let id = victim?.key else {
      throw SessionStoreError(code: .scopeFullOfPins, reason: "all sessions are pinned")
    }
    scopes[scope]?[id] = nil
    return [Removal(id: id, cause: .evicted)]
  }

  private func use(_ session: Session, _ id: ConversationID, in scope: Scope) {
    useCount += 1
    var session = session
    session.lastUse = useCount
    session.deadline = time.now() + limits.timeToLive
    scopes[scope, default: [:]][id] = session
  }

  private func newest(_ messages: [Message]) -> [Message] {
    messages.suffix(limits.windowMessageCountMax)
  }
}
