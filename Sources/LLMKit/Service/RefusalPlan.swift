package import SessionCore

/// Decides what a refusal means for the model that gave it.
package struct RefusalPlan {
  /// What to do about the model.
  package enum Step: Sendable, Hashable {
    /// The key is not accepted: no model will answer to it.
    case giveUpKey
    /// The service does not serve this account, place or address: none of its models will answer.
    case giveUpService
    /// The model is not there, or not for this key: for as long as the process runs.
    case giveUpModel
    /// What the conversation says is refused.
    case giveUpContent
    /// The request is not accepted: asking again is of no use.
    case giveUpRequest
    /// The conversation is above what the plan ever lets through at once.
    case giveUpLength
    /// The conversation is too long for the model.
    case shorten(Overflow)
    /// The calls of tools in the conversation are not in order: it may be taken without them.
    case leaveOutCalls
    /// The request is taken without these fields.
    case leaveOut([String])
    /// The model is not to be asked before then.
    case close(until: Timestamp)
    /// The model will answer after this time.
    case wait(Duration)
    /// The model may answer soon; nobody said when.
    case backOff
  }

  /// A wait above this is no wait, but a closed model.
  static let waitMax = Duration.seconds(300)
  /// For how long a model without capacity is left alone.
  static let capacityPause = Duration.seconds(60)
  /// What a limit per minute means when nobody says how long.
  static let minute = Duration.seconds(60)
  /// For how long a model is left alone whose account has no credit, or whose day is used up at a
  /// service that does not say when its day ends.
  static let longPause = Duration.seconds(3600)
  /// A quota that is not named counts as used up after so many refusals in a row.
  static let unnamedRefusalCountMax = 3

  /// - Parameter unnamedRefusalCount: Refusals in a row, this one included, that named no quota and
  ///   no delay.
  package static func step(
    _ refusal: ServiceRefusal, at now: Timestamp, unnamedRefusalCount: Int = 1
  ) -> Step {
    switch refusal.subject {
    case .key: .giveUpKey
    case .service: .giveUpService
    case .model: .giveUpModel
    case .filter: .giveUpContent
    case .size: .shorten(refusal.overflow ?? Overflow())
    case .sizeOfLimit: .giveUpLength
    case .optionalFields(let names): .leaveOut(names)
    case .request:
      // Gemini's words for calls that are not in order.
      refusal.message.contains(/unction (call|response)/) ? .leaveOutCalls : .giveUpRequest
    case .limit, .trouble: pause(refusal, at: now, unnamedRefusalCount)
    }
  }

  private static func pause(
    _ refusal: ServiceRefusal, at now: Timestamp, _ unnamedRefusalCount: Int
  ) -> Step {
    let isLimit = refusal.subject == .limit || refusal.httpStatus == 503
    // Google's clock, which its delays do not follow.
    let isGoogle = refusal.names.contains("resource_exhausted") || !refusal.quotaIDs.isEmpty
    if isLimit {
      if refusal.isNotOffered { return .giveUpModel }
      if refusal.isDaily, isGoogle {
        return .close(until: PacificTime.nextMidnight(after: now))
      }
      if refusal.lacksCapacity { return .close(until: now + capacityPause) }
      if refusal.hasNoCredit { return .close(until: now + longPause) }
    }
    if let delay = refusal.retryDelay {
      return delay > waitMax ? .close(until: now + delay) : .wait(delay)
    }
    if isLimit, refusal.isDaily { return .close(until: now + longPause) }
    if isLimit, refusal.isPerMinute { return .wait(minute) }
    if refusal.httpStatus == 429, unnamedRefusalCount >= unnamedRefusalCountMax {
      return .close(until: PacificTime.nextMidnight(after: now))
    }
    return .backOff
  }

  /// Whether a refusal counts as one that names neither a quota nor a delay.
  package static func isUnnamed(_ refusal: ServiceRefusal) -> Bool {
    refusal.httpStatus == 429 && refusal.retryDelay == nil && refusal.quotaIDs.isEmpty
      && !refusal.isNotOffered && !refusal.lacksCapacity && !refusal.isDaily
      && !refusal.isPerMinute
  }

  /// The refusal as an error of the turn.
  package static func error(
    _ refusal: ServiceRefusal, _ step: Step, at now: Timestamp, key: Secret?
  ) -> ResponderError {
    let code: ResponderError.Code
    var retryAt: Timestamp?
    let status = refusal.httpStatus
    let retryLater: ResponderError.Code =
      switch status {
      case 402, 429: refusal.lacksCapacity ? .overloaded : .quotaExhausted
      case 408, 504: .timedOut
      default: refusal.subject == .limit && !refusal.lacksCapacity ? .quotaExhausted : .overloaded
      }
    switch step {
    case .giveUpKey: code = .credentials
    case .giveUpService: code = .serviceRefused
    case .giveUpModel: code = .modelUnavailable
    case .giveUpContent: code = .blocked
    case .shorten, .giveUpLength: code = .tooLong
    case .giveUpRequest, .leaveOutCalls, .leaveOut: code = .invalidRequest
    case .backOff: code = retryLater
    case .close(let moment):
      code = retryLater
      retryAt = moment
    case .wait(let delay):
      code = retryLater
      retryAt = now + delay
    }
    return ResponderError(
      code: code, reason: refusal.reason(without: key), httpStatus: status, retryAt: retryAt)
  }
}
