import SessionCore

/// The plainest thing that keeps the session policy: a list of sessions, searched from end to end.
///
/// It is the other side of the model test, so it shares no code and no idea with the real stores.
struct SessionStoreModel {
  struct Session {
    let id: ConversationID
    var messages: [Message]
    var messageCount: Int
    var lastUse: Timestamp
    var isPinned = false
  }

  let limits: SessionLimits
  /// Least recently used first.
  var sessions: [Session] = []

  /// What one operation shows to its caller.
  enum Answer: Equatable {
    case session(WarmSession?)
    case appended(AppendOutcome)
    case done
    case list([SessionSummary])
    case wasWarm(Bool)
    case fullOfPins
  }

  mutating func apply(
    _ operation: SessionStoreOperation, at now: Timestamp
  ) -> (answer: Answer, removals: [Removal]) {
    if case .advance = operation { return (.done, []) }
    let dead = sessions.filter { now > $0.lastUse + limits.timeToLive }.map(\.id)
    var removals = dead.map { Removal(id: $0, cause: .expired) }
    sessions.removeAll { dead.contains($0.id) }
    switch operation {
    case .advance: return (.done, removals)
    case .open(let id):
      guard let session = use(id, at: now) else { return (.session(nil), removals) }
      return (.session(warm(session)), removals)
    case .append(let message, let id, let following):
      guard var session = sessions.first(where: { $0.id == id }) else {
        if following != nil { return (.appended(.missing), removals) }
        let session = Session(id: id, messages: [message], messageCount: 1, lastUse: now)
        guard put(session, &removals) else { return (.fullOfPins, removals) }
        return (.appended(.appended(warm(session))), removals)
      }
      let last = session.messages.last?.id
      guard last == message.id || last == following else { return (.appended(.stale), removals) }
      if last != message.id {
        session.messages = (session.messages + [message]).suffix(limits.windowMessageCountMax)
        session.messageCount += 1
      }
      session.lastUse = now
      _ = put(session, &removals)
      return (.appended(.appended(warm(session))), removals)
    case .pageIn(let id, let messages, let count):
      let session = Session(
        id: id, messages: messages.suffix(limits.windowMessageCountMax), messageCount: count,
        lastUse: now, isPinned: sessions.first { $0.id == id }?.isPinned ?? false)
      return put(session, &removals) ? (.done, removals) : (.fullOfPins, removals)
    case .list:
      let lines = sessions.reversed().map { session in
        SessionSummary(
          id: session.id, messageCount: session.messageCount,
          timeLeft: session.lastUse + limits.timeToLive - now, isPinned: session.isPinned)
      }
      return (.list(Array(lines)), removals)
    case .close(let id):
      if sessions.contains(where: { $0.id == id }) {
        sessions.removeAll { $0.id == id }
        removals.append(Removal(id: id, cause: .closed))
      }
      return (.done, removals)
    case .pin(let id, let isPinned):
      guard let index = sessions.firstIndex(where: { $0.id == id }) else {
        return (.wasWarm(false), removals)
      }
      sessions[index].isPinned = isPinned
      return (.wasWarm(true), removals)
    }
  }

  private func warm(_ session: Session) -> WarmSession {
    WarmSession(messages: session.messages, messageCount: session.messageCount)
  }

  private mutating func use(_ id: ConversationID, at now: Timestamp) -> Session? {
    guard let index = sessions.firstIndex(where: { $0.id == id }) else { return nil }
    var session = sessions.remove(at: index)
    session.lastUse = now
    sessions.append(session)
    return session
  }

  private mutating func put(_ session: Session, _ removals: inout [Removal]) -> Bool {
    if !sessions.contains(where: { $0.id == session.id }),
      sessions.count == limits.sessionCountMax
    {
      guard let victim = sessions.firstIndex(where: { !$0.isPinned }) else { return false }
      removals.append(Removal(id: sessions.remove(at: victim).id, cause: .evicted))
    }
    sessions.removeAll { $0.id == session.id }
    sessions.append(session)
    return true
  }
}
