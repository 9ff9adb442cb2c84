public import SessionCore

extension RedisSessionStore {
  /// Reports sessions that expire while nobody uses their scope, until the task is cancelled.
  ///
  /// A session's end is otherwise found by the next call on its scope. However many processes watch
  /// or call, each end is reported to one of them, once; it may be found, and reported, by a call
  /// of another process first.
  ///
  /// The scopes that are named are looked at when their next session is due, and every `interval`.
  /// Where the server publishes the expiry of keys (`notify-keyspace-events` with `E` and `x`),
  /// every other scope of the store is looked at too, about a second after a session in it has
  /// expired. While the server is away nothing is reported, and nothing is lost for a day.
  ///
  /// On a cluster the expiries of every primary are listened to, and behind sentinels those of the
  /// one primary; a server that becomes a primary is found at the next look. The shared scope,
  /// which is the default, is refused on a cluster: see ``check(_:)``.
  ///
  /// - Parameters:
  ///   - scopes: The scopes to look at even if the server publishes nothing.
  ///   - interval: The longest time between two looks, and so the longest delay of a report; at
  ///     least 10 ms.
  ///   - report: Called with each session that expired, one at a time.
  /// - Throws: `CancellationError`; `SessionStoreError` when the server refuses to list a scope;
  ///   ``RedisError`` when the process has no thread or descriptor left for the connection that
  ///   listens.
  public func watchExpirations(
    in scopes: [Scope] = [.shared], checkingEvery interval: Duration = .seconds(10),
    report: (Removal, Scope) async -> Void
  ) async throws {
    let bell = Bell()
    let channel = "__keyevent@\(client.configuration.database)__:expired"
    let prefix = keyPrefix
    var subscriptions: [RedisConfiguration: Subscription] = [:]
    defer { for subscription in subscriptions.values { subscription.close() } }
    for scope in scopes { try check(scope) }
    var due = Set(scopes)
    let longest = max(interval, .milliseconds(10))
    var nextSearch = ContinuousClock.now
    while true {
      // A session that is due, or a message, is no reason to ask again who the servers are.
      if ContinuousClock.now >= nextSearch {
        let servers = try await client.publishers()
        nextSearch = .now + longest
        for (server, subscription) in subscriptions where !servers.contains(server) {
          subscription.close()
          subscriptions[server] = nil
        }
        for server in servers where subscriptions[server] == nil {
          let topics = Subscription.Topics(channels: [.text(channel)])
          let ring: @Sendable (Subscription.Event) -> Bool = { event in
            guard case .message(let message) = event,
              let scope = SessionKeys.scope(ofMetaKey: message.payload, prefix: prefix),
              (try? check(scope)) != nil
            else { return true }
            bell.ring(scope)
            return true
          }
          subscriptions[server] = try Subscription(topics, at: { server }, onEvent: ring)
        }
      }
      var pause = longest
      for scope in due {
        do {
          let reply = try await list(in: scope)
          for removal in reply.removals { await report(removal, scope) }
          // Alive at its deadline, gone a millisecond later.
          let next = reply.value.map(\.timeLeft).min().map { $0 + .milliseconds(1) }
          if scopes.contains(scope) { pause = min(pause, next ?? pause) }
        } catch let error as SessionStoreError where error.code == .unavailable {
          // Tried again at the next look.
        }
      }
      due = try await bell.wait(pause).union(scopes)
    }
  }
}

/// Scopes that are to be looked at, and a wait for the first of them.
private final class Bell: Sendable {
  private struct State {
    var rung: Set<Scope> = []
    var waiting: UnsafeContinuation<Void, Never>?
  }

  private let state = Locked(State())

  func ring(_ scope: Scope) {
    let waiting = state.withLock { state in
      state.rung.insert(scope)
      return state.waiting.take()
    }
    waiting?.resume()
  }

  /// The scopes that were rung for, once there are some or the time is over.
  func wait(_ duration: Duration) async throws -> Set<Scope> {
    try await withThrowingTaskGroup { group in
      group.addTask { try await Task.sleep(for: duration) }
      group.addTask { await self.waitForRing() }
      defer { group.cancelAll() }
      _ = try await group.next()
    }
    return state.withLock { state in
      defer { state.rung = [] }
      return state.rung
    }
  }

  private func waitForRing() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { state in
          if !state.rung.isEmpty || Task.isCancelled { return true }
          state.waiting = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.take() }?.resume()
    }
  }
}
