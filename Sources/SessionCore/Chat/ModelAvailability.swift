/// Remembers which models are not to be asked, and until when: a quota that is used up for the day
/// stays so for every process.
///
/// When the closing of a model ends, nobody knows yet whether it answers again. One question finds
/// out: the first who looks may ask, and for all others the model stays closed until it has
/// answered (``reopen(_:)``), was closed anew, or a short while has passed.
///
/// It is advice. A failure to read it means that every model may be asked, and a failure to write
/// it that another process finds out for itself; neither is an error of the turn.
public protocol ModelAvailability: Sendable {
  /// Whether it waits for nothing, so that its callers need no deadline. False unless a record says
  /// otherwise.
  var answersAtOnce: Bool { get }

  /// The ones of `models` that must not be asked now, with the moment from which they may be. A
  /// model that is not among them is about to be asked by the caller.
  func closedModels(among models: [String]) async -> [String: Timestamp]

  /// Closes `model` until `moment`. A later moment that is already recorded stays.
  func close(_ model: String, until moment: Timestamp) async

  /// `model` has answered after its closing had ended: everybody may ask it. Costs nothing unless
  /// the caller was the one to find out.
  func reopen(_ model: String) async
}

extension ModelAvailability {
  /// False.
  public var answersAtOnce: Bool { false }

  /// Does nothing: right for a record that lets everybody ask when a closing ends.
  public func reopen(_ model: String) async {}
}

/// How the end of a closing is passed.
public enum ModelRecovery {
  /// How long the one who finds out has for it, before another one may: 10 s.
  public static let probeDuration = Duration.seconds(10)
  /// How long after its closing a model that nobody asked counts as open again: 10 min.
  public static let duration = Duration.seconds(600)
}

/// Remembers within one process.
public final class InMemoryModelAvailability: ModelAvailability {
  private struct Closing {
    var end: Timestamp
    /// Until when the others wait for the one who finds out.
    var probeEnd: Timestamp?
  }

  private let closings = Locked<[String: Closing]>([:])
  private let time: any TimeSource

  /// True: it is memory of this process.
  public var answersAtOnce: Bool { true }

  /// Nothing is closed.
  public init(time: any TimeSource = SystemTimeSource()) { self.time = time }

  /// The ones of `models` that are closed now.
  public func closedModels(among models: [String]) async -> [String: Timestamp] {
    let now = time.now()
    return closings.withLock { closings in
      closings = closings.filter { $0.value.end + ModelRecovery.duration > now }
      var closed: [String: Timestamp] = [:]
      for model in models {
        guard let closing = closings[model] else { continue }
        let end = max(closing.end, closing.probeEnd ?? closing.end)
        if end > now {
          closed[model] = end
        } else {
          closings[model]?.probeEnd = now + ModelRecovery.probeDuration
        }
      }
      return closed
    }
  }

  /// Closes `model` until `moment`.
  public func close(_ model: String, until moment: Timestamp) async {
    closings.withLock { closings in
      closings[model] = Closing(end: max(moment, closings[model]?.end ?? moment))
    }
  }

  /// Opens `model`, if its closing has ended.
  public func reopen(_ model: String) async {
    let now = time.now()
    closings.withLock { closings in
      if let closing = closings[model], closing.end <= now { closings[model] = nil }
    }
  }
}
