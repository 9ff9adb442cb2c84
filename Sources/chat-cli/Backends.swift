import SessionCore

/// Both tiers, joined, as one run of the program uses them.
struct Backends: Sendable {
  let service: ChatService
  let archive: any CompleteArchive
  /// Whether a Redis is configured.
  let hasRedis: Bool
  /// Whether the archive outlives the process.
  let hasDatabase: Bool
  let scope: Scope
  let user: UserID

  /// Where the warm sessions are at the moment.
  var sessionTier: SessionTier { hasRedis && !service.sessions.isStandIn ? .redis : .memory }

  /// Without a database, what Redis still holds of a conversation is all there is of it: it becomes
  /// the archive of this run, so that the conversation goes on.
  func adopt(_ conversation: ConversationID, report: (TurnEvent) -> Void) async throws {
    guard !hasDatabase, sessionTier == .redis else { return }
    let reply = try await service.sessions.open(conversation, in: scope)
    for removal in reply.removals { report(.removed(removal)) }
    for message in reply.value?.messages ?? [] {
      _ = try await archive.append(message, to: conversation, of: user)
    }
  }

  /// The conversation that somebody means.
  ///
  /// A number counts in the list of threads, last activity first. The beginning of an id must be
  /// that of one thread alone.
  func resolve(_ reference: ThreadReference) async throws -> ConversationID {
    switch reference {
    case .id(let id): return id
    case .number(let number):
      let page = try await archive.threads(of: user, page: PageRequest(limit: number))
      guard page.elements.count == number, let last = page.elements.last else {
        throw UsageError(
          "il n'y a pas de discussion \(number) ; liste : threads, /fils",
          "there is no thread \(number); list: threads, /threads")
      }
      return last.id
    case .prefix(let prefix):
      return try await resolve(prefix)
    }
  }

  private func resolve(_ prefix: String) async throws -> ConversationID {
    var found: Set<ConversationID> = []
    var cursor: PageCursor?
    repeat {
      let page = try await archive.threads(
        of: user, page: PageRequest(after: cursor, limit: PageRequest.limitMax))
      for thread in page.elements where thread.id.description.hasPrefix(prefix) {
        found.insert(thread.id)
      }
      cursor = page.next
    } while cursor != nil && found.count < 2
    if !hasDatabase, sessionTier == .redis {
      for session in try await service.warmSessions(as: user).value
      where session.id.description.hasPrefix(prefix) {
        found.insert(session.id)
      }
    }
    guard let id = found.first else {
      throw UsageError(
        "aucune discussion ne commence par « \(prefix) » ; liste : threads, /fils",
        "no thread begins with '\(prefix)'; list: threads, /threads")
    }
    guard found.count == 1 else {
      throw UsageError(
        "plusieurs discussions commencent par « \(prefix) » ; donnez-en davantage",
        "several threads begin with '\(prefix)'; give more of it")
    }
    return id
  }
}
