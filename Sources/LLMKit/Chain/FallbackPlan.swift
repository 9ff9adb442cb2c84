package import SessionCore

/// Decides what a chain does after one of its links failed, before any text was shown.
///
/// Nobody waits while somebody else can be asked. When nobody else can, a model that will answer
/// soon is waited for, within a budget.
package struct FallbackPlan {
  /// What there is to know.
  package struct Facts: Sendable, Hashable {
    package var now: Timestamp
    /// Failures of this link in this turn, this one included.
    package var failureCount: Int
    /// Those of them that had the same status as this one.
    package var sameStatusCount: Int
    /// How long the user may still be kept waiting.
    package var budgetLeft: Duration
    /// Whether a model further down the chain can be asked.
    package var isAnotherModelOpen: Bool
    /// From 0 to 1: spreads the waits of many clients.
    package var randomness: Double

    package init(
      now: Timestamp, failureCount: Int = 1, sameStatusCount: Int = 1,
      budgetLeft: Duration = .seconds(2), isAnotherModelOpen: Bool = false, randomness: Double = 0.5
    ) {
      self.now = now
      self.failureCount = failureCount
      self.sameStatusCount = sameStatusCount
      self.budgetLeft = budgetLeft
      self.isAnotherModelOpen = isAnotherModelOpen
      self.randomness = randomness
    }
  }

  /// What to do.
  package enum Step: Sendable, Hashable {
    /// Ask the same link again.
    case retry(after: Duration)
    /// Ask the same link again at once, with less of the conversation.
    case shorten
    /// Ask the next link.
    case next
    /// Ask the next link that is not a model of the same service.
    case nextService
  }

  static let attemptCountMax = 4
  static let backoffMax = Duration.seconds(30)

  /// The next step after `error`.
  package static func step(after error: ResponderError, _ facts: Facts) -> Step {
    switch error.code {
    // About the key or the service, and so about all of its models.
    case .credentials, .serviceRefused, .unreachable: return .nextService
    // Another model may take the whole of it.
    case .tooLong where !facts.isAnotherModelOpen && facts.failureCount == 1: return .shorten
    case .quotaExhausted, .overloaded, .cut: return wait(for: error, facts)
    // The service's own deadline; ours, which has no status, has been waited for already.
    case .timedOut where error.httpStatus != nil && facts.sameStatusCount == 1:
      return wait(for: error, facts)
    case .timedOut where error.httpStatus == 504 && facts.sameStatusCount == 2:
      return facts.failureCount < attemptCountMax ? .shorten : .next
    case .malformedResponse where facts.failureCount == 1: return .retry(after: .zero)
    default: return .next
    }
  }

  private static func wait(for error: ResponderError, _ facts: Facts) -> Step {
    guard facts.failureCount < attemptCountMax else { return .next }
    let delay: Duration
    if let retryAt = error.retryAt {
      let least = max(.zero, retryAt - facts.now)
      delay = least + min(least * (0.1 * facts.randomness), max(.zero, facts.budgetLeft - least))
    } else {
      let backoff = min(Duration.seconds(1 << (facts.failureCount - 1)), backoffMax)
      let spread = 0.7 + 0.6 * facts.randomness
      delay = .milliseconds(Int64((Double(backoff.wholeMilliseconds) * spread).rounded()))
    }
    if facts.isAnotherModelOpen, delay > .zero { return .next }
    return delay <= facts.budgetLeft ? .retry(after: delay) : .next
  }
}
