/// What a service has counted since it was made.
public struct ServiceStatistics: Sendable, Hashable, Codable {
  /// Turns and openings that found their conversation warm and up to date.
  public internal(set) var hitCount = 0
  /// Turns and openings that did not. The first message of a conversation is neither.
  public internal(set) var missCount = 0
  /// Conversations brought back from the archive. Misses at the same time share one.
  public internal(set) var pageInCount = 0
  /// Sessions seen leaving because their scope was full.
  public internal(set) var evictionCount = 0
  /// Sessions seen leaving because nobody used them.
  public internal(set) var expiryCount = 0
  /// Sessions seen leaving because somebody closed them.
  public internal(set) var closureCount = 0
  /// Messages that wait in the journal, as of the last look at its file.
  public internal(set) var journalDepth = 0

  /// Nothing was counted.
  public init() {}
}

/// Counts what happens in a service, and tells it.
struct ServiceLog: Sendable {
  let events: EventHub
  private let counted = Locked(ServiceStatistics())

  init(events: EventHub) { self.events = events }

  var statistics: ServiceStatistics { counted.withLock { $0 } }

  func noteLookup(isHit: Bool) {
    counted.withLock { if isHit { $0.hitCount += 1 } else { $0.missCount += 1 } }
  }

  func notePageIn(_ conversation: ConversationID, messageCount: Int) {
    counted.withLock { $0.pageInCount += 1 }
    events.tell(.pagedIn(conversation, messageCount: messageCount))
  }

  func note(_ removals: [Removal]) {
    guard !removals.isEmpty else { return }
    counted.withLock { counted in
      for removal in removals {
        switch removal.cause {
        case .evicted: counted.evictionCount += 1
        case .expired: counted.expiryCount += 1
        case .closed: counted.closureCount += 1
        }
      }
    }
    for removal in removals { events.tell(.removed(removal)) }
  }
}
