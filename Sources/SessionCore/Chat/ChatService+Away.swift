// Turns while the archive is away (rule T6 of the specification).

extension ChatService {
  /// Writes a question to the journal, and puts together what can be known of its conversation: the
  /// warm copy, with what waits behind it.
  ///
  /// The warm copy is read and not written. It ends, when the archive is back, with an older
  /// message than the archive does, and so is paged in before it is used again.
  func keep(
    _ asked: Message, in place: ConversationMemory.Conversation, because error: ArchiveError,
    events: inout [TurnEvent]
  ) async throws -> Asked {
    guard let journal else { throw error }
    let known = try await knownMessages(of: place, in: journal, because: error, events: &events)
    if let question = known.messages.first(where: { $0.id == asked.id }) {
      let answer = known.messages.first { $0.id == asked.id.answer }
      return Asked(question: question, history: known.messages, storedAnswer: answer)
    }
    _ = try await link.keep(asked, of: place.id, place.user, in: journal)
    owners.claim(place.id, for: place.user, at: time.now())
    return Asked(question: asked, history: known.messages + [asked])
  }

  /// What is known of a conversation without the archive.
  func knownMessages(
    of place: ConversationMemory.Conversation, in journal: MessageJournal,
    because error: ArchiveError, events: inout [TurnEvent]
  ) async throws -> WarmSession {
    let warm = try await warmCopy(of: place, because: error, events: &events)
    let waiting = try await journal.messages(in: place.id, of: place.user)
    let warmIDs = Set((warm?.messages ?? []).map(\.id))
    let behind = waiting.filter { !warmIDs.contains($0.id) }
    return WarmSession(
      messages: (warm?.messages ?? []) + behind,
      messageCount: (warm?.messageCount ?? 0) + behind.count)
  }

  private func warmCopy(
    of place: ConversationMemory.Conversation, because error: ArchiveError,
    events: inout [TurnEvent]
  ) async throws -> WarmSession? {
    let reply: StoreReply<WarmSession?>
    do {
      reply = try await sessions.open(place.id, in: place.scope)
    } catch is SessionStoreError {
      throw Self.bothAway(error)
    }
    memory.note(reply.removals, &events)
    if sessions.isStandIn { throw Self.bothAway(error) }
    let owner = owners.owner(of: place.id, at: time.now())
    if let owner, owner != place.user {
      throw ArchiveError(code: .notFound, reason: "no such conversation")
    }
    guard let warm = reply.value, !warm.messages.isEmpty else { return nil }
    // A scope of the user's own holds nobody else's. In a shared one the archive has to have said
    // whose this is.
    guard owner == place.user || scoping == .perUser else {
      throw ArchiveError(
        code: .unavailable,
        reason: "the archive is away, so it is not known whose this conversation is "
          + "(\(error.reason))")
    }
    let oldest = time.now() + (.zero - sessions.limits.timeToLive)
    if let journal, try await journal.wasDeleted(place.id, after: oldest) {
      memory.note(try await sessions.close(place.id, in: place.scope).removals, &events)
      return nil
    }
    return warm
  }

  private static func bothAway(_ error: ArchiveError) -> ArchiveError {
    ArchiveError(
      code: .unavailable,
      reason: "neither the archive nor the session store can be reached: nothing was stored "
        + "(\(error.reason))")
  }
}
