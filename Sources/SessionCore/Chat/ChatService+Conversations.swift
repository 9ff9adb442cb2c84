// What can be done with a conversation beside speaking in it.

extension ChatService {
  /// Makes a conversation warm, from the archive if need be. One that is new becomes an empty
  /// session.
  ///
  /// While the archive is away, what is known of the conversation is returned, and nothing is
  /// written.
  ///
  /// - Throws: ``ArchiveError`` with ``ArchiveError/Code/notFound`` when the session store holds
  ///   messages of a conversation that is not the user's; ``SessionStoreError`` when the session
  ///   store fails.
  @discardableResult
  public func open(
    _ conversation: ConversationID, as user: UserID,
    report: (TurnEvent) -> Void = { _ in }
  ) async throws -> WarmSession {
    var events: [TurnEvent] = []
    defer { events.forEach(report) }
    let place = self.place(conversation, user)
    let newest: Message?
    do {
      try await link.flush()
      newest = try await link.watched { [archive] in
        try await archive.newestMessages(in: conversation, of: user, limit: 1).last
      }
    } catch let error as ArchiveError where error.code == .unavailable {
      guard let journal else { throw error }
      return try await knownMessages(of: place, in: journal, because: error, events: &events)
    }
    if newest != nil { owners.learn(conversation, is: user, at: time.now()) }
    let reply = try await sessions.open(conversation, in: place.scope)
    memory.note(reply.removals, &events)
    let isRight = reply.value.map { $0.messages.last?.id == newest?.id } ?? false
    if newest != nil { log.noteLookup(isHit: isRight) }
    if isRight, let session = reply.value { return session }
    if newest == nil, reply.value != nil { throw Self.notFound }
    return try await memory.pageIn(place, events: &events).session
  }

  /// The warm sessions that share a limit with `user`'s, most recently used first. Uses none.
  ///
  /// - Throws: ``SessionStoreError``.
  public func warmSessions(as user: UserID) async throws -> StoreReply<[SessionSummary]> {
    let reply = try await sessions.list(in: scope(of: user))
    log.note(reply.removals)
    return reply
  }

  /// Sends what waits in the journal to the archive, in order. Turns do so by themselves; this is
  /// for the start and the end of a program, and before its lists are read.
  ///
  /// - Throws: ``ArchiveError`` when the archive is still away, ``JournalError``. What was not sent
  ///   waits.
  @discardableResult
  public func flushJournal() async throws -> JournalFlush { try await link.flush() }

  /// Removes a conversation from both tiers, for good.
  ///
  /// The archive comes first: a warm copy that could not be removed after it is never used again,
  /// for it no longer agrees with the archive, and expires. While the archive is away, the journal
  /// remembers that it is not to be used.
  ///
  /// - Throws: ``ArchiveError``, with ``ArchiveError/Code/notFound`` for another user's.
  ///   ``JournalError`` when the conversation is gone from the archive, and the journal could not
  ///   take note of its warm copy.
  public func delete(
    _ conversation: ConversationID, as user: UserID,
    report: (TurnEvent) -> Void = { _ in }
  ) async throws -> DeletionCounts {
    var events: [TurnEvent] = []
    defer { events.forEach(report) }
    try await link.flush()
    let counts = try await complete {
      try await $0.delete(conversation, of: user)
    }
    let now = time.now()
    owners.forget(conversation, at: now)
    var isClosed = false
    do {
      let reply = try await sessions.close(conversation, in: scope(of: user))
      memory.note(reply.removals, &events)
      isClosed = !sessions.isStandIn
    } catch let error as SessionStoreError {
      events.append(.sessionStoreFailed(error))
    }
    if !isClosed {
      try await journal?.noteDeletion(
        of: conversation, at: now, forgettingBefore: now + (.zero - sessions.limits.timeToLive))
    }
    return counts
  }

  /// Keeps a conversation from being evicted, or allows it again. One that is not warm becomes warm
  /// to be pinned.
  ///
  /// - Throws: ``ArchiveError`` with ``ArchiveError/Code/notFound`` when nothing was said in it, or
  ///   it is another user's; ``SessionStoreError``, with ``SessionStoreError/Code/scopeFullOfPins``
  ///   when there is no room for it.
  public func setPinned(
    _ isPinned: Bool, _ conversation: ConversationID, as user: UserID,
    report: (TurnEvent) -> Void = { _ in }
  ) async throws {
    var events: [TurnEvent] = []
    defer { events.forEach(report) }
    _ = try await complete { try await $0.thread(conversation, of: user) }
    let place = self.place(conversation, user)
    if try await pin(isPinned, place, events: &events) || !isPinned { return }
    let paged = try await memory.pageIn(place, events: &events)
    if let error = paged.storeError { throw error }
    _ = try await pin(isPinned, place, events: &events)
  }

  private func pin(
    _ isPinned: Bool, _ place: ConversationMemory.Conversation,
    events: inout [TurnEvent]
  ) async throws -> Bool {
    let reply = try await sessions.setPinned(isPinned, place.id, in: place.scope)
    memory.note(reply.removals, &events)
    return reply.value
  }

  /// Names a conversation.
  ///
  /// - Throws: ``ArchiveError``, with ``ArchiveError/Code/notFound`` for another user's.
  public func rename(
    _ conversation: ConversationID, as user: UserID, to name: String
  ) async throws {
    try await link.flush()
    try await complete {
      try await $0.rename(conversation, of: user, to: name)
    }
  }

  /// Begins a new conversation with copies of the messages of `origin` up to and including `last`.
  /// The two share nothing from then on. It becomes warm when it is first used.
  ///
  /// - Parameters:
  ///   - origin: The conversation that is copied.
  ///   - user: Whose it is.
  ///   - last: The last message that is copied.
  ///   - copy: The name of the new conversation. The same call under the same name makes it
  ///     once.
  /// - Throws: ``ArchiveError``: see
  ///   ``CompleteArchive/fork(_:of:through:into:)``.
  public func fork(
    _ origin: ConversationID, as user: UserID, through last: MessageID,
    into copy: ConversationID = .generate()
  ) async throws -> ThreadSummary {
    try await link.flush()
    let summary = try await complete {
      try await $0.fork(origin, of: user, through: last, into: copy)
    }
    owners.learn(copy, is: user, at: time.now())
    return summary
  }

  /// Takes back what was said after `last`. Nothing is erased: the archive marks it, and neither
  /// the responder nor any list of messages sees it again.
  ///
  /// The archive comes first: a warm copy that could not be renewed after it is never used again,
  /// for it ends with another message than the archive.
  ///
  /// - Returns: How many messages were taken back.
  /// - Throws: ``ArchiveError``: see ``CompleteArchive/rewind(_:of:to:)``.
  public func rewind(
    _ conversation: ConversationID, as user: UserID, to last: MessageID,
    report: (TurnEvent) -> Void = { _ in }
  ) async throws -> Int {
    try await link.flush()
    let count = try await complete {
      try await $0.rewind(conversation, of: user, to: last)
    }
    do {
      try await open(conversation, as: user, report: report)
    } catch let error as SessionStoreError {
      report(.sessionStoreFailed(error))
    }
    return count
  }

  /// Removes a user from every place that the service knows: the archive, the warm sessions of both
  /// kinds of scope, the journal with what was put aside, and the traces that wait to be sent.
  ///
  /// Each place is safe to repeat: when this throws, run it again.
  ///
  /// - Parameters:
  ///   - user: Whose everything is removed.
  ///   - dryRun: Only counts.
  /// - Returns: What was removed from each place.
  /// - Throws: ``ArchiveError``, with ``ArchiveError/Code/refused`` when the archive is no
  ///   ``CompleteArchive``; ``SessionStoreError``; ``JournalError``.
  public func forget(_ user: UserID, dryRun: Bool = false) async throws -> ForgetReceipt {
    // Found before the archive forgets whose they are.
    let warm = try await warmConversations(of: user)
    let waiting = journal?.depth ?? 0
    // What waits would come back behind the removal.
    let journaled = dryRun || waiting == 0 ? 0 : try await journal?.forget(user) ?? 0
    let counts = try await complete { try await $0.forget(user, dryRun: dryRun) }
    if !dryRun {
      for (id, scope) in warm {
        log.note(try await sessions.close(id, in: scope).removals)
        owners.forget(id, at: time.now())
      }
      _ = try await journal?.forget(user)
    }
    let traces = dryRun ? 0 : observer?.forget(user) ?? 0
    return ForgetReceipt(
      archive: counts, sessions: warm.count, journaled: journaled, traces: traces)
  }

  /// Judges a message; nil takes the judgement back. See
  /// ``CompleteArchive/setFeedback(_:on:in:of:)``.
  ///
  /// - Throws: ``ArchiveError``, with ``ArchiveError/Code/notFound`` when the user's conversation
  ///   does not hold the message.
  public func judge(
    _ message: MessageID, in conversation: ConversationID, as user: UserID, _ feedback: Feedback?
  ) async throws {
    try await link.flush()
    try await complete {
      try await $0.setFeedback(feedback, on: message, in: conversation, of: user)
    }
  }

  /// Gives the conversations that no user owns to `user`: a program without a login leaves such.
  /// Doing it again gives what has come since.
  ///
  /// - Parameters:
  ///   - user: Who owns them from now on.
  ///   - name: Only those whose questions all bear this name; nil for all.
  ///   - dryRun: Only counts.
  /// - Throws: ``ArchiveError``.
  public func adopt(
    by user: UserID, named name: String? = nil, dryRun: Bool = false
  ) async throws -> AdoptionCounts {
    try await complete {
      dryRun
        ? try await $0.ownerlessThreads(named: name) : try await $0.adopt(by: user, named: name)
    }
  }

  /// Removes the conversations of all users in which nothing was said for long. Favourites stay,
  /// and so does what waits in the journal. A warm copy of one that was removed is never used
  /// again, and expires. See ``CompleteArchive/prune(untouchedSince:dryRun:progress:)``.
  ///
  /// - Parameters:
  ///   - moment: What was said since then keeps its conversation.
  ///   - dryRun: Only counts.
  ///   - progress: Told of the counts so far, after each part.
  /// - Throws: ``ArchiveError``, ``JournalError``.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool = false,
    progress: @escaping @Sendable (DeletionCounts) async -> Void = { _ in }
  ) async throws -> DeletionCounts {
    try await link.flush()
    return try await complete {
      try await $0.prune(untouchedSince: moment, dryRun: dryRun, progress: progress)
    }
  }

  /// Runs a call of the archive that turns do not need.
  private func complete<Value: Sendable>(
    _ call: @escaping @Sendable (any CompleteArchive) async throws -> Value
  ) async throws -> Value {
    guard let archive = archive as? any CompleteArchive else {
      throw ArchiveError(
        code: .refused, reason: "this archive carries turns only; see CompleteArchive")
    }
    return try await link.watched { try await call(archive) }
  }

  /// The sessions of a user, wherever they are warm: in a scope of the user's own, and among those
  /// of all users, where the archive says whose they are.
  private func warmConversations(of user: UserID) async throws -> [(ConversationID, Scope)] {
    var found = try await sessions.list(in: .user(user)).value.map { ($0.id, Scope.user(user)) }
    for session in try await sessions.list(in: .shared).value {
      let messages = try await link.watched { [archive] in
        try await archive.newestMessages(in: session.id, of: user, limit: 1)
      }
      if !messages.isEmpty { found.append((session.id, .shared)) }
    }
    return found
  }

  private static var notFound: ArchiveError {
    ArchiveError(code: .notFound, reason: "no such conversation")
  }
}

/// What was removed of a user.
public struct ForgetReceipt: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Rows of the archive.
  public let archive: DeletionCounts
  /// Warm sessions.
  public let sessions: Int
  /// Messages that waited in the journal, or had been put aside.
  public let journaled: Int
  /// Traces that waited to be sent.
  public let traces: Int

  /// Creates a receipt.
  public init(archive: DeletionCounts, sessions: Int, journaled: Int, traces: Int = 0) {
    self.archive = archive
    self.sessions = sessions
    self.journaled = journaled
    self.traces = traces
  }

  /// The counts, on one line.
  public var description: String {
    "\(archive.threads) threads, \(archive.steps) messages, \(sessions) warm sessions, "
      + "\(journaled) journaled messages, \(traces) traces"
  }
}
