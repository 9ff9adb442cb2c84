// What values print: one line, with nothing in it that a log should not hold beside short pieces of
// what was said.

extension ThreadSummary: CustomStringConvertible {
  /// The name, or the id, and the number of messages.
  public var description: String {
    "\(name.map(ShortLine.of) ?? id.description) (\(messageCount) messages)"
  }
}

extension Page: CustomStringConvertible {
  /// The number of entries, and whether there are more.
  public var description: String {
    "\(elements.count) entries\(next == nil ? "" : ", more follow")"
  }
}

extension SessionSummary: CustomStringConvertible {
  /// The conversation, the number of messages and the time left.
  public var description: String {
    "\(id) (\(messageCount) messages, \(timeLeft.components.seconds) s left"
      + "\(isPinned ? ", pinned" : ""))"
  }
}

extension ServiceStatistics: CustomStringConvertible {
  /// The counts.
  public var description: String {
    """
    \(hitCount) hits, \(missCount) misses, \(pageInCount) paged in, \(evictionCount) evicted, \
    \(expiryCount) expired, \(closureCount) closed, \(journalDepth) in the journal
    """
  }
}

extension Removal: CustomStringConvertible {
  /// The conversation and the cause.
  public var description: String { "\(id) \(cause.rawValue)" }
}

extension ModeChange: CustomStringConvertible {
  /// The tier, and whether it answers.
  public var description: String {
    isAvailable
      ? "\(tier.rawValue) is back" : "\(tier.rawValue) is away\(reason.map { ": \($0)" } ?? "")"
  }
}

extension JournalFlush: CustomStringConvertible {
  /// How many messages were sent, and how many lines were put aside.
  public var description: String { "\(sentCount) sent, \(rejections.count) put aside" }
}

extension TurnEvent: CustomStringConvertible {
  /// What happened.
  public var description: String {
    switch self {
    case .text(let piece): "text: \(ShortLine.of(piece))"
    case .toolCall(let call): "tool call: \(call.name)"
    case .toolResult(let result): "tool result: \(ShortLine.of(result.description))"
    case .fallback(let notice): "fallback: \(notice)"
    case .pagedIn(let count): "paged in: \(count) messages"
    case .removed(let removal): "removed: \(removal)"
    case .sessionStoreFailed(let error): "session store failed: \(error)"
    case .finished(let turn): "finished: \(turn.answer)"
    }
  }
}

extension SessionEvent: CustomStringConvertible {
  /// What happened.
  public var description: String {
    switch self {
    case .opened(let id): "\(id) opened"
    case .pagedIn(let id, let count): "\(id) paged in: \(count) messages"
    case .removed(let removal): "removed: \(removal)"
    case .fallback(let id, let notice): "\(id) fallback: \(notice)"
    case .turnFinished(let report): "\(report.conversation) turn: \(report)"
    case .modeChanged(let change): "\(change)"
    case .messageJournaled(let id, let message): "\(id) journaled: \(message)"
    case .journalFlushed(let flush): "journal flushed: \(flush)"
    case .journalRepaired(let count): "journal repaired: \(count) bytes dropped"
    case .sessionDamaged(let damage): "damaged in the session store: \(damage)"
    case .missed(let count): "\(count) events missed"
    }
  }
}

extension SessionDamage: CustomStringConvertible {
  /// What could not be read and was removed.
  public var description: String {
    switch self {
    case .sessionRemoved(let id): "the session \(id)"
    case .unreadableMessages(let id, let count): "\(count) messages of \(id)"
    case .listRemoved(let user): "the list of sessions of \(user.map(\.description) ?? "all users")"
    }
  }
}
