import SessionCore

/// Connections that are lent to one user at a time: opened when they are needed, kept for the next
/// user, never more than the limit.
final class ConnectionPool: Sendable {
  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var idle: [Connection] = []
    var lentCount = 0
    var waiters: [Waiter] = []
    var lastID: UInt64 = 0
    var isClosed = false
    /// Those that are lent, so that closing the client can end them.
    var lent: [ObjectIdentifier: Connection] = [:]
  }

  private let countMax: Int
  private let activity: ClientActivity
  private let state = Locked(State())

  init(countMax: Int, _ activity: ClientActivity) {
    self.countMax = max(1, countMax)
    self.activity = activity
  }

  /// Connections that are lent now.
  var lentCount: Int { state.withLock { $0.lentCount } }

  /// Lends a connection to the server of `configuration`, after waiting for one if all are lent.
  ///
  /// - Throws: ``RedisError`` when none came back in time, or the client was closed;
  ///   `CancellationError`.
  func take(_ configuration: RedisConfiguration) async throws -> Connection {
    try await takePlace(within: configuration.commandTimeout)
    let (found, rest) = state.withLock { state in
      let ended = state.idle.filter(\.hasEndedForGood)
      state.idle.removeAll(where: \.hasEndedForGood)
      var rest = ended
      // The one that came back last: its server is the least likely to have closed it.
      let place = state.idle.lastIndex { $0.configuration == configuration }
      let found = place.map { state.idle.remove(at: $0) }
      // One to another server makes room.
      if found == nil, state.idle.count + state.lentCount > countMax, !state.idle.isEmpty {
        rest.append(state.idle.removeFirst())
      }
      let connection = found ?? Connection(configuration, activity)
      state.lent[ObjectIdentifier(connection)] = connection
      return (connection, rest)
    }
    for connection in rest { await connection.close() }
    return found
  }

  /// Takes a connection back; one that is not clean is closed.
  func putBack(_ connection: Connection, isClean: Bool) async {
    let isKept = state.withLock { state in
      state.lent[ObjectIdentifier(connection)] = nil
      if state.isClosed || !isClean || connection.hasEndedForGood { return false }
      state.idle.append(connection)
      return true
    }
    if !isKept { await connection.close() }
    let waiter = state.withLock { state -> Waiter? in
      if !state.waiters.isEmpty { return state.waiters.removeFirst() }
      state.lentCount -= 1
      return nil
    }
    waiter?.continuation.resume()
  }

  /// Ends all connections, those that are lent too.
  func close() async {
    let (connections, waiters) = state.withLock { state in
      state.isClosed = true
      defer { (state.idle, state.waiters) = ([], []) }
      return (state.idle + state.lent.values, state.waiters)
    }
    for waiter in waiters { waiter.continuation.resume(throwing: Self.closed) }
    for connection in connections { await connection.close() }
  }

  private static let closed = RedisError(code: .closed, reason: "the client was closed")

  /// Waits until one connection less than the limit is lent, and counts the caller's.
  private func takePlace(within limit: Duration) async throws {
    try Task.checkCancellation()
    let id = try state.withLock { state -> UInt64? in
      if state.isClosed { throw Self.closed }
      if state.lentCount < countMax {
        state.lentCount += 1
        return nil
      }
      state.lastID += 1
      return state.lastID
    }
    guard let id else { return }
    let end = ContinuousClock.now + limit
    let late = RedisError(
      code: .timedOut,
      reason: "all \(countMax) connections of one's own are lent, and none came back in time")
    let timer = Task {
      try await Task.sleep(for: limit)
      self.giveUp(id, late)
    }
    defer { timer.cancel() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<Void, any Error>? in
          if state.isClosed { return .failure(Self.closed) }
          if ContinuousClock.now >= end { return .failure(late) }
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.lentCount < countMax {
            state.lentCount += 1
            return .success(())
          }
          state.waiters.append(Waiter(id: id, continuation: continuation))
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      giveUp(id, CancellationError())
    }
  }

  private func giveUp(_ id: UInt64, _ error: any Error) {
    let waiter = state.withLock { state in
      state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
    }
    waiter?.continuation.resume(throwing: error)
  }
}
