import SessionCore
import Synchronization

/// What the connections of one client did: counted for ``RedisStatistics``, and told to whoever
/// keeps a log.
final class ClientActivity: Sendable {
  /// What a connection's thread did in one round.
  struct Counts {
    var answeredCount = 0
    var sentByteCount = 0
    var receivedByteCount = 0
  }

  private let answeredCount = Atomic(0)
  private let sentByteCount = Atomic(0)
  private let receivedByteCount = Atomic(0)
  private let connectedCount = Atomic(0)
  private let failedCount = Atomic(0)
  private let lostCount = Atomic(0)
  private let listener: (@Sendable (RedisConnectionEvent) -> Void)?

  init(_ listener: (@Sendable (RedisConnectionEvent) -> Void)?) { self.listener = listener }

  /// Adds what was done, and begins to count anew.
  func add(_ counts: inout Counts) {
    if counts.sentByteCount == 0, counts.receivedByteCount == 0 { return }
    answeredCount.add(counts.answeredCount, ordering: .relaxed)
    sentByteCount.add(counts.sentByteCount, ordering: .relaxed)
    receivedByteCount.add(counts.receivedByteCount, ordering: .relaxed)
    counts = Counts()
  }

  /// Counts what became of a connection, and tells it.
  func report(_ change: RedisConnectionEvent.Change, _ configuration: RedisConfiguration) {
    switch change {
    case .connected: connectedCount.add(1, ordering: .relaxed)
    case .failed: failedCount.add(1, ordering: .relaxed)
    case .lost: lostCount.add(1, ordering: .relaxed)
    case .closed: break
    }
    listener?(RedisConnectionEvent(address: configuration.address, change: change))
  }

  func statistics(waiting: Int, lent: Int) -> RedisStatistics {
    RedisStatistics(
      answeredCommandCount: answeredCount.load(ordering: .relaxed), waitingCommandCount: waiting,
      sentByteCount: sentByteCount.load(ordering: .relaxed),
      receivedByteCount: receivedByteCount.load(ordering: .relaxed),
      connectionCount: connectedCount.load(ordering: .relaxed),
      failedConnectionCount: failedCount.load(ordering: .relaxed),
      lostConnectionCount: lostCount.load(ordering: .relaxed), lentConnectionCount: lent)
  }
}
