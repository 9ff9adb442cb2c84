public import SessionCore

/// The fast tier in Redis, shared by any number of processes: one script call per operation, and
/// the server's clock decides.
///
/// The layout of keys and messages is described in the documentation of this module. On a Redis
/// Cluster the scope of a user lies in one slot, and scripts run there whole; the shared scope
/// needs a key prefix with a hash tag there, see ``check(_:)``.
public struct RedisSessionStore: SessionStore {
  /// The largest message it takes, as JSON, in bytes.
  public static let messageByteCountMax = 16 << 20

  /// The limits this store enforces.
  public let limits: SessionLimits
  let client: RedisClient
  let keyPrefix: String
  private let events: EventHub
  private let clock: (any TimeSource)?

  /// A store on the server of `client`.
  ///
  /// - Parameters:
  ///   - client: Stays its owner's to close.
  ///   - limits: Every process that shares the store must bring the same.
  ///   - keyPrefix: Stands before every key, so that several applications can share a server.
  ///   - events: Told of each session that somebody else has damaged, with
  ///     `SessionEvent.sessionDamaged`.
  public init(
    client: RedisClient, limits: SessionLimits = SessionLimits(), keyPrefix: String = "",
    events: EventHub = EventHub()
  ) {
    self.init(client: client, limits: limits, keyPrefix: keyPrefix, events: events, clock: nil)
  }

  /// For tests: `clock` in place of the server's.
  package init(
    client: RedisClient, limits: SessionLimits, keyPrefix: String,
    events: EventHub = EventHub(), clock: (any TimeSource)?
  ) {
    self.client = client
    self.limits = limits
    self.keyPrefix = keyPrefix
    self.events = events
    self.clock = clock
  }

  /// Asks nobody, and throws for a scope whose keys would not lie together: on a Redis Cluster a
  /// script can reach the keys of one slot only. The scope of a user always lies in one. The
  /// shared scope does when the key prefix holds a hash tag, such as `{chat}:`; without one its
  /// keys are those of the original application, spread over all slots.
  ///
  /// A program calls it when it makes the store; every operation makes sure too.
  ///
  /// - Throws: `SessionStoreError` with code `refused`.
  public func check(_ scope: Scope) throws(SessionStoreError) {
    try check(SessionKeys(scope, prefix: keyPrefix))
  }

  private func check(_ keys: SessionKeys) throws(SessionStoreError) {
    guard case .cluster = client.configuration.topology, !keys.shareSlot else { return }
    throw SessionStoreError(
      code: .refused,
      reason: "on a Redis Cluster the keys of a scope must lie in one slot: use the scope of a "
        + "user, or a key prefix with a hash tag, such as {chat}:")
  }

  /// Uses a warm session and returns it; nil when it is not warm.
  public func open(
    _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<WarmSession?> {
    let reply = try await run(SessionScripts.open, on: id, in: scope)
    switch reply.outcome {
    case "open": return StoreReply(try session(id, reply).session, removals: reply.removals)
    case "missing": return StoreReply(nil, removals: reply.removals)
    default: throw unexpected(reply)
    }
  }

  /// Adds a message to a warm session, if the session ends where the caller expects.
  public func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) async throws -> StoreReply<AppendOutcome> {
    let reply = try await run(
      SessionScripts.append, on: id, in: scope,
      [
        .bytes(try encode(message)), .text(message.id.uuid.text), .text(tail?.uuid.text ?? ""),
        .integer(returningWindow ? 1 : 0),
      ])
    switch reply.outcome {
    case "appended":
      let (session, isWhole) = try session(id, reply)
      // What somebody broke is no history to answer from: it is paged in again.
      return StoreReply(isWhole ? .appended(session) : .stale, removals: reply.removals)
    case "missing": return StoreReply(.missing, removals: reply.removals)
    case "stale": return StoreReply(.stale, removals: reply.removals)
    default: throw unexpected(reply)
    }
  }

  /// Puts a session in, whole, in place of whatever the store has under its name.
  public func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) async throws -> StoreReply<Void> {
    let kept = messages.suffix(limits.windowMessageCountMax)
    let reply = try await run(
      SessionScripts.pageIn, on: id, in: scope,
      [
        .integer(Int64(max(messageCount, messages.count))),
        .text(messages.last?.id.uuid.text ?? ""),
      ] + kept.map { .bytes(try encode($0)) })
    guard reply.outcome == "done" else { throw unexpected(reply) }
    return StoreReply((), removals: reply.removals)
  }

  /// The warm sessions of a scope, most recently used first.
  public func list(in scope: Scope) async throws -> StoreReply<[SessionSummary]> {
    let reply = try await run(SessionScripts.list, on: nil, in: scope)
    guard reply.outcome == "list" else { throw unexpected(reply) }
    return StoreReply(try reply.summaries(), removals: reply.removals)
  }

  /// Closes the client.
  public func close() async { await client.close() }

  /// Removes a session.
  public func close(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<Void> {
    let reply = try await run(SessionScripts.close, on: id, in: scope)
    guard reply.outcome == "done" else { throw unexpected(reply) }
    return StoreReply((), removals: reply.removals)
  }

  /// Keeps a session from being evicted, or allows it again.
  public func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<Bool> {
    let reply = try await run(
      SessionScripts.pin, on: id, in: scope, [.integer(isPinned ? 1 : 0)])
    switch reply.outcome {
    case "done": return StoreReply(true, removals: reply.removals)
    case "missing": return StoreReply(false, removals: reply.removals)
    default: throw unexpected(reply)
    }
  }

  private func run(
    _ script: RedisScript, on id: ConversationID?, in scope: Scope,
    _ arguments: [RedisArgument] = []
  ) async throws -> ScriptReply {
    let keys = SessionKeys(scope, prefix: keyPrefix)
    try check(keys)
    let name = id?.uuid.text ?? ""
    var names: [RedisArgument] = [.text(keys.index)]
    if id != nil { names += [.text(keys.historyPrefix + name), .text(keys.metaPrefix + name)] }
    let common: [RedisArgument] = [
      .text(keys.historyPrefix), .text(keys.metaPrefix),
      .integer(limits.timeToLive.wholeMilliseconds), .integer(Int64(limits.sessionCountMax)),
      .integer(Int64(limits.windowMessageCountMax)),
      clock.map { .integer($0.now().milliseconds) } ?? "", .text(name),
    ]
    do {
      let reply = try ScriptReply(
        try await script.run(on: client, names, common + arguments), of: scope)
      for damage in reply.damage { events.tell(.sessionDamaged(damage)) }
      return reply
    } catch let error as RedisError { throw SessionStoreError(error) }
  }

  private func encode(_ message: Message) throws -> [UInt8] {
    let json = MessageJSON.encode(message)
    if json.count <= Self.messageByteCountMax { return json }
    throw SessionStoreError(
      code: .tooLarge,
      reason: "the message has \(json.count) bytes; the session store takes at most "
        + "\(Self.messageByteCountMax)")
  }

  private func session(
    _ id: ConversationID, _ reply: ScriptReply
  ) throws -> (session: WarmSession, isWhole: Bool) {
    let read = try reply.session(of: id)
    if read.unreadableCount > 0 {
      events.tell(.sessionDamaged(.unreadableMessages(id, count: read.unreadableCount)))
    }
    return (read.session, read.unreadableCount == 0)
  }

  private func unexpected(_ reply: ScriptReply) -> SessionStoreError {
    guard reply.outcome == "full" else { return ScriptReply.unreadable }
    return SessionStoreError(
      code: .scopeFullOfPins,
      reason: "all \(limits.sessionCountMax) sessions are pinned: unpin or close one")
  }
}
