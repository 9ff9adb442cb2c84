/// Keeps the two tiers together: what is warm comes from the session store, what is not comes back
/// from the archive, and the archive is right whenever they differ.
///
/// Sendable without isolation: it holds no state but the page-ins under way.
struct ConversationMemory: Sendable {
  let sessions: any SessionStore
  let link: ArchiveLink
  let log: ServiceLog
  let pageIns = SingleFlight<ConversationID, PagedIn>()

  /// A conversation as somebody sees it.
  struct Conversation: Sendable {
    let id: ConversationID
    let user: UserID
    let scope: Scope
  }

  /// What came of making a message warm.
  struct Warmed: Sendable {
    /// The conversation up to the message at least; empty when nobody wanted it.
    let history: [Message]
    /// Whether the session store took the message. If not, it is not worth trying again soon.
    let isWarm: Bool
  }

  struct PagedIn: Sendable {
    let session: WarmSession
    let removals: [Removal]
    let storeError: SessionStoreError?
  }

  // How often an append that keeps meeting other writers tries the session store again before it
  // takes its history from the archive alone.
  private static let attemptCountMax = 3

  init(sessions: any SessionStore, link: ArchiveLink, log: ServiceLog) {
    self.sessions = sessions
    self.link = link
    self.log = log
  }

  /// Makes warm a message that the archive has just stored behind `previous`, and returns the
  /// conversation up to it at least.
  ///
  /// The session store is never waited for in vain twice: once it failed, the archive serves alone.
  ///
  /// - Parameters:
  ///   - isNew: Whether the archive had not held the message before.
  ///   - events: Gets what happens, also when this throws.
  func warm(
    _ message: Message, following previous: MessageID?, isNew: Bool,
    in conversation: Conversation, wantsHistory: Bool, events: inout [TurnEvent]
  ) async throws -> Warmed {
    do {
      for attempt in 0..<Self.attemptCountMax {
        let reply = try await sessions.append(
          message, to: conversation.id, in: conversation.scope, following: previous,
          returningWindow: wantsHistory)
        note(reply.removals, &events)
        if attempt == 0, wantsHistory {
          noteLookup(reply.value, of: conversation, isFirst: previous == nil, isNew: isNew)
        }
        if case .appended(let session) = reply.value {
          return Warmed(history: session.messages, isWarm: true)
        }
        let paged = try await pageIn(conversation, events: &events)
        if paged.session.messages.contains(where: { $0.id == message.id }) {
          return Warmed(history: paged.session.messages, isWarm: paged.storeError == nil)
        }
      }
    } catch let error as SessionStoreError {
      events.append(.sessionStoreFailed(error))
    }
    guard wantsHistory else { return Warmed(history: [], isWarm: false) }
    let history = try await link.watched {
      try await link.archive.newestMessages(
        in: conversation.id, of: conversation.user, limit: sessions.limits.windowMessageCountMax)
    }
    return Warmed(history: history, isWarm: false)
  }

  private func noteLookup(
    _ outcome: AppendOutcome, of conversation: Conversation, isFirst: Bool, isNew: Bool
  ) {
    switch outcome {
    case .appended where isFirst: if isNew { log.events.tell(.opened(conversation.id)) }
    case .appended: log.noteLookup(isHit: true)
    case .missing, .stale: log.noteLookup(isHit: false)
    }
  }

  /// Brings a conversation back from the archive. All who ask at the same time share one page-in.
  @discardableResult
  func pageIn(
    _ conversation: Conversation, events: inout [TurnEvent]
  ) async throws -> PagedIn {
    let isFirst = Locked(false)
    let paged = try await pageIns.run(conversation.id) {
      isFirst.withLock { $0 = true }
      return try await readAndStore(conversation)
    }
    // What happened is told once, to the caller whose work it was.
    if isFirst.withLock({ $0 }) {
      if let error = paged.storeError {
        events.append(.sessionStoreFailed(error))
      } else {
        events.append(.pagedIn(messageCount: paged.session.messageCount))
      }
      events += paged.removals.map { .removed($0) }
    }
    return paged
  }

  private func readAndStore(_ conversation: Conversation) async throws -> PagedIn {
    let limit = sessions.limits.windowMessageCountMax
    let archive = link.archive
    let messages = try await link.watched {
      try await archive.newestMessages(
        in: conversation.id, of: conversation.user, limit: limit)
    }
    var count = messages.count
    if count == limit, let last = messages.last?.id {
      count = try await link.watched {
        try await archive.messageCount(
          in: conversation.id, of: conversation.user, through: last)
      }
    }
    let session = WarmSession(messages: messages, messageCount: count)
    do {
      let reply = try await sessions.pageIn(
        conversation.id, in: conversation.scope, messages: messages, messageCount: count)
      log.notePageIn(conversation.id, messageCount: count)
      log.note(reply.removals)
      return PagedIn(session: session, removals: reply.removals, storeError: nil)
    } catch let error as SessionStoreError {
      return PagedIn(session: session, removals: [], storeError: error)
    }
  }

  /// Counts removals, and adds them to what has happened.
  func note(_ removals: [Removal], _ events: inout [TurnEvent]) {
    log.note(removals)
    events += removals.map { .removed($0) }
  }
}
