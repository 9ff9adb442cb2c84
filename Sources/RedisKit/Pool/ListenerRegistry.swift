import SessionCore

/// The subscriptions of a client, so that they end with it.
final class ListenerRegistry: Sendable {
  private struct Entry: Sendable {
    weak let listener: SubscriptionListener?
  }

  private let state = Locked((entries: [Entry](), isClosed: false))

  /// - Throws: ``RedisError`` when the client was closed.
  func add(_ listener: SubscriptionListener) throws(RedisError) {
    let isClosed = state.withLock { state in
      state.entries.removeAll { $0.listener == nil }
      if !state.isClosed { state.entries.append(Entry(listener: listener)) }
      return state.isClosed
    }
    if isClosed { throw RedisError(code: .closed, reason: "the client was closed") }
  }

  /// Ends them all, and lets no more begin.
  func close() {
    let entries = state.withLock { state in
      state.isClosed = true
      defer { state.entries = [] }
      return state.entries
    }
    for entry in entries { entry.listener?.close() }
  }
}
