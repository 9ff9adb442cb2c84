/// Remembers which models are not to be asked, and until when: a quota that is used up for the day
/// stays so for every process.
///
/// It is advice. A failure to read it means that every model may be asked, and a failure to write
/// it that another process finds out for itself; neither is an error of the turn.
public protocol ModelAvailability: Sendable {
  /// The ones of `models` that must not be asked now, with the moment from which they may be.
  func closedModels(among models: [String]) async -> [String: Timestamp]

  /// Closes `model` until `moment`. A later moment that is already recorded stays.
  func close(_ model: String, until moment: Timestamp) async
}

/// Remembers within one process.
public final class InMemoryModelAvailability: ModelAvailability {
  private let closed = Locked<[String: Timestamp]>([:])
  private let time: any TimeSource

  /// Nothing is closed.
  public init(time: any TimeSource = SystemTimeSource()) { self.time = time }

  /// The ones of `models` that are closed now.
  public func closedModels(among models: [String]) async -> [String: Timestamp] {
    let now = time.now()
    return closed.withLock { closed in
      closed = closed.filter { $0.value > now }
      return closed.filter { models.contains($0.key) }
    }
  }

  /// Closes `model` until `moment`.
  public func close(_ model: String, until moment: Timestamp) async {
    closed.withLock { closed in
      closed[model] = max(moment, closed[model] ?? moment)
    }
  }
}
