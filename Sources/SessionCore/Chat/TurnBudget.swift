/// How long a turn waits for each tier, all its steps together.
///
/// A tier that used its time up, or that failed, is not waited for again in the same turn: the
/// journal takes the messages, or the stand-in for the session store serves. The time of the
/// session store is kept by ``FailoverSessionStore``.
public struct TurnBudget: Sendable, Hashable, Codable {
  /// For the archive; 5 seconds.
  public var archive: Duration
  /// For the session store; 3 seconds.
  public var sessions: Duration

  /// A budget.
  public init(archive: Duration = .seconds(5), sessions: Duration = .seconds(3)) {
    self.archive = archive
    self.sessions = sessions
  }
}

/// What is left of a turn's budget.
///
/// The steps of a turn find it as a task-local value, so that stores in front of other stores need
/// not hand it on.
final class TurnAllowance: Sendable {
  /// The allowance of the turn that runs; nil outside turns, where calls take their own time.
  @TaskLocal static var current: TurnAllowance?

  enum Tier: Hashable {
    case archive
    case sessions
  }

  /// Time is counted in parts. A program whose processors are busy is late in everything: the parts
  /// are late in the same measure as the work, and the tier is not blamed for it.
  private static let part = Duration.milliseconds(250)

  private let left: Locked<[Tier: Duration]>

  init(_ budget: TurnBudget) {
    left = Locked([.archive: budget.archive, .sessions: budget.sessions])
  }

  /// Runs a call of a tier for as long as the turn that runs may still wait for it. Nil: the time
  /// is used up. The call is cancelled then, and nobody waits for its end.
  static func spend<Value: Sendable>(
    _ tier: Tier, _ call: @escaping @Sendable () async throws -> Value
  ) async throws -> Value? {
    guard let current else { return try await call() }
    if current.left(for: tier) <= .zero { return nil }
    return try await unlessOver(waitsWhenCancelled: true, call) {
      while case let left = current.left(for: tier), left > .zero {
        let part = min(left, part)
        try await Task.sleep(for: part)
        current.left.withLock { $0[tier, default: .zero] -= part }
      }
    }
  }

  private func left(for tier: Tier) -> Duration { left.withLock { $0[tier, default: .zero] } }

  /// The turn that runs does not wait for this tier any more.
  static func giveUp(_ tier: Tier) {
    current?.left.withLock { $0[tier] = .zero }
  }

  /// Whether the turn that runs has waited long enough for this tier.
  static func isSpent(_ tier: Tier) -> Bool {
    current.map { $0.left(for: tier) <= .zero } ?? false
  }
}
