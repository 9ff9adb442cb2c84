import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a script of the session store answered, taken apart.
struct ScriptReply {
  let outcome: String
  let removals: [Removal]
  /// What made no sense and was removed.
  let damage: [SessionDamage]
  private let rest: ArraySlice<RedisValue>

  /// Something answered that is not our script.
  static let unreadable = SessionStoreError(
    code: .unavailable, reason: "Redis's answer is not one of the session scripts'",
    mayHaveActed: true, cause: .nonsense)

  init(_ value: RedisValue, of scope: Scope) throws(SessionStoreError) {
    guard let parts = value.array, parts.count >= 2, let outcome = parts[0].string,
      let removed = parts[1].array
    else { throw Self.unreadable }
    self.outcome = outcome
    rest = parts.dropFirst(2)
    let user: UserID? = if case .user(let user) = scope { user } else { nil }
    var removals: [Removal] = []
    var damage: [SessionDamage] = []
    for position in stride(from: 0, to: removed.count - 1, by: 2) {
      guard let text = removed[position + 1].string else { throw Self.unreadable }
      if text == "damaged" {
        if let id = Self.conversation(removed[position]) {
          damage.append(.sessionRemoved(id))
        } else if removed[position].string?.isEmpty == true {
          damage.append(.listRemoved(user))
        }
        continue
      }
      guard let cause = RemovalCause(rawValue: text) else { throw Self.unreadable }
      // A name that is no UUID is not ours to report: somebody else wrote into the index.
      guard let id = Self.conversation(removed[position]) else { continue }
      removals.append(Removal(id: id, cause: cause))
    }
    self.removals = removals
    self.damage = damage
  }

  /// The session of `open` and `append`, and how many elements of it are no messages.
  func session(
    of id: ConversationID
  ) throws(SessionStoreError) -> (session: WarmSession, unreadableCount: Int) {
    guard rest.count == 2, let count = rest.first?.integer, count >= 0,
      let elements = rest.last?.array
    else {
      throw Self.unreadable
    }
    var messages: [Message] = []
    messages.reserveCapacity(elements.count)
    let first = Int(count) - elements.count
    for (position, element) in elements.enumerated() {
      guard case .bytes(let bytes) = element else { continue }
      if let message = MessageJSON.decode(bytes)
        ?? MessageJSON.decodeLegacy(bytes, in: id, position: first + position)
      {
        messages.append(message)
      }
    }
    return (
      WarmSession(messages: messages, messageCount: Int(count)), elements.count - messages.count
    )
  }

  /// The lines of `list`.
  func summaries() throws(SessionStoreError) -> [SessionSummary] {
    guard let fields = rest.first?.array, fields.count % 4 == 0 else { throw Self.unreadable }
    var summaries: [SessionSummary] = []
    for position in stride(from: 0, to: fields.count, by: 4) {
      guard let count = fields[position + 1].integer, let left = fields[position + 2].integer,
        let pinned = fields[position + 3].integer
      else { throw Self.unreadable }
      guard let id = Self.conversation(fields[position]) else { continue }
      summaries.append(
        SessionSummary(
          id: id, messageCount: Int(count), timeLeft: .milliseconds(left),
          isPinned: pinned == 1))
    }
    return summaries
  }

  private static func conversation(_ value: RedisValue) -> ConversationID? {
    value.string.flatMap(UUID.init(text:)).map(ConversationID.init)
  }
}
