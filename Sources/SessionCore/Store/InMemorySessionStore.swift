/// The fast tier inside one process: nothing to install, nothing kept when the process ends.
///
/// The sessions of a scope are one ``LRUCache``. The scopes are in another one, so that calls to
/// some free those which nobody uses any more. Every operation is one step of the actor, and O(1)
/// beside the messages that it copies; listing is O(sessions of the scope).
public actor InMemorySessionStore: SessionStore {
  private struct Session {
    var messages: [Message]
    var messageCount: Int

    func warm(withMessages: Bool = true) -> WarmSession {
      WarmSession(messages: withMessages ? messages : [], messageCount: messageCount)
    }
  }

  private typealias Sessions = LRUCache<ConversationID, Session>

  /// How long what expired in an idle scope waits to be reported to the scope's next caller. Then
  /// the scope is freed.
  private static let reportingTime = Duration.seconds(24 * 3600)

  /// The limits this store enforces.
  public nonisolated let limits: SessionLimits
  private let time: any TimeSource
  private var scopes: LRUCache<Scope, Sessions>

  /// An empty store.
  public init(limits: SessionLimits = SessionLimits(), time: any TimeSource = SystemTimeSource()) {
    self.limits = limits
    self.time = time
    scopes = LRUCache(
      capacity: Int(Int32.max), timeToLive: limits.timeToLive + Self.reportingTime)
  }

  /// Uses a warm session and returns it; nil when it is not warm.
  public func open(
    _ id: ConversationID, in scope: Scope
  ) throws -> StoreReply<WarmSession?> {
    try withSessions(of: scope) { sessions, now, _ in
      sessions.withValue(for: id, at: now) { $0.warm() }
    }
  }

  /// Adds a message to a warm session, if the session ends where the caller expects.
  public func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) throws -> StoreReply<AppendOutcome> {
    try withSessions(of: scope) { sessions, now, removals in
      // Only the id of the last message is taken out: a copy of the session that is still alive
      // would make the append below copy its messages.
      guard let last = sessions.peek(id, at: now).map({ $0.messages.last?.id }) else {
        guard tail == nil else { return .missing }
        let session = Session(messages: [message], messageCount: 1)
        removals += try sessions.insert(session, for: id, at: now).map(\.session)
        return .appended(session.warm(withMessages: returningWindow))
      }
      guard last == message.id || last == tail else { return .stale }
      let session = sessions.withValue(for: id, at: now) { session in
        if last != message.id {
          session.messages.append(message)
          session.messageCount += 1
          trim(&session.messages)
        }
        return session.warm(withMessages: returningWindow)
      }
      return session.map(AppendOutcome.appended) ?? .missing
    }
  }

  /// Puts a session in, whole, in place of whatever the store has under its name.
  public func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) throws -> StoreReply<Void> {
    try withSessions(of: scope) { sessions, now, removals in
      var session = Session(
        messages: messages, messageCount: max(messageCount, messages.count))
      trim(&session.messages)
      removals += try sessions.insert(session, for: id, at: now).map(\.session)
    }
  }

  /// The warm sessions of a scope, most recently used first.
  public func list(in scope: Scope) throws -> StoreReply<[SessionSummary]> {
    try withSessions(of: scope) { sessions, now, _ in
      sessions.entries(at: now).map { entry in
        SessionSummary(
          id: entry.key, messageCount: entry.value.messageCount, timeLeft: entry.timeLeft,
          isPinned: entry.isPinned)
      }
    }
  }

  /// Removes a session.
  public func close(_ id: ConversationID, in scope: Scope) throws -> StoreReply<Void> {
    try withSessions(of: scope) { sessions, now, removals in
      if sessions.remove(id, at: now) != nil { removals.append(Removal(id: id, cause: .closed)) }
    }
  }

  /// Keeps a session from being evicted, or allows it again.
  public func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) throws -> StoreReply<Bool> {
    try withSessions(of: scope) { sessions, now, _ in
      sessions.setPinned(isPinned, id, at: now)
    }
  }

  private func trim(_ messages: inout [Message]) {
    messages.removeFirst(max(0, messages.count - limits.windowMessageCountMax))
  }

  /// Runs one operation on the sessions of `scope`, after what has expired left them.
  private func withSessions<Value>(
    of scope: Scope,
    _ operation: (inout Sessions, Timestamp, inout [Removal]) throws -> Value
  ) throws -> StoreReply<Value> {
    let now = time.now()
    scopes.removeExpired(at: now)
    var fresh = Sessions(capacity: limits.sessionCountMax, timeToLive: limits.timeToLive)
    var removals: [Removal] = []
    var isEmpty = true
    func run(_ sessions: inout Sessions) throws -> Value {
      removals = sessions.removeExpired(at: now).map(\.session)
      defer { isEmpty = sessions.isEmpty }
      return try operation(&sessions, now, &removals)
    }
    let value: Value
    do {
      if let result = try scopes.withValue(for: scope, at: now, run) {
        value = result
        if isEmpty { scopes.remove(scope, at: now) }
      } else {
        value = try run(&fresh)
        if !isEmpty { try scopes.insert(fresh, for: scope, at: now) }
      }
    } catch LRUCacheError.allPinned {
      throw SessionStoreError(
        code: .scopeFullOfPins,
        reason: "all \(limits.sessionCountMax) sessions are pinned: unpin or close one")
    }
    return StoreReply(value, removals: removals)
  }
}

extension LRUCache.Removal where Key == ConversationID {
  /// What is told of a session that left.
  fileprivate var session: Removal { Removal(id: key, cause: cause) }
}
