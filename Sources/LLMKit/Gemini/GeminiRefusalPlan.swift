package import SessionCore

/// Decides what a refusal means for the model that gave it. The first rule that fits counts.
package struct GeminiRefusalPlan {
  /// What to do about the model.
  package enum Step: Sendable, Hashable {
    /// The key is not accepted: no model will answer to it.
    case giveUpKey
    /// The model is not there, or not for this key: for as long as the process runs.
    case giveUpModel
    /// The request is not accepted: asking again is of no use.
    case giveUpRequest
    /// The conversation is too long for the model, which takes this many tokens, if it said.
    case shorten(tokenCountMax: Int?)
    /// The calls of tools in the conversation are not in order: it may be taken without them.
    case leaveOutCalls
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
  /// A quota that is not named counts as used up after so many refusals in a row.
  static let unnamedRefusalCountMax = 3

  /// - Parameter unnamedRefusalCount: Refusals in a row, this one included, that named no quota and
  ///   no delay.
  package static func step(
    _ refusal: GeminiRefusal, at now: Timestamp, unnamedRefusalCount: Int
  ) -> Step {
    let status = refusal.httpStatus
    if status == 404 { return .giveUpModel }
    if status == 401 || status == 403 || (status == 400 && namesBadKey(refusal)) {
      return .giveUpKey
    }
    if status == 429 || status == 503 {
      if refusal.isNotOffered { return .giveUpModel }
      if refusal.quotaIDs.contains(where: GeminiRefusal.isDaily) {
        return .close(until: PacificTime.nextMidnight(after: now))
      }
      if refusal.reasons.contains("MODEL_CAPACITY_EXHAUSTED") {
        return .close(until: now + capacityPause)
      }
    }
    if status == 408 || status == 429 || status == 499 || (500...599).contains(status) {
      if let delay = refusal.retryDelay {
        return delay > waitMax ? .close(until: now + delay) : .wait(delay)
      }
      if refusal.quotaIDs.contains(where: { $0.contains("PerMinute") }) { return .wait(minute) }
      if status == 429, unnamedRefusalCount >= unnamedRefusalCountMax {
        return .close(until: PacificTime.nextMidnight(after: now))
      }
      return .backOff
    }
    if status == 400,
      let match = refusal.message.firstMatch(of: /exceeds the maximum number of tokens/)
    {
      let rest = refusal.message[match.range.upperBound...]
      return .shorten(tokenCountMax: rest.firstMatch(of: /\(([0-9]+)\)/).flatMap { Int($0.1) })
    }
    if status == 400, refusal.message.contains(/unction (call|response)/) { return .leaveOutCalls }
    return .giveUpRequest
  }

  /// Whether a refusal counts as one that names neither a quota nor a delay.
  package static func isUnnamed(_ refusal: GeminiRefusal) -> Bool {
    refusal.httpStatus == 429 && refusal.retryDelay == nil && refusal.quotaIDs.isEmpty
      && !refusal.isNotOffered && !refusal.reasons.contains("MODEL_CAPACITY_EXHAUSTED")
  }

  private static func namesBadKey(_ refusal: GeminiRefusal) -> Bool {
    refusal.reasons.contains("API_KEY_INVALID") || refusal.message.hasPrefix("API key ")
  }

  /// The refusal as an error of the turn.
  package static func error(
    _ refusal: GeminiRefusal, _ step: Step, at now: Timestamp, key: Secret
  ) -> ResponderError {
    let code: ResponderError.Code
    var retryAt: Timestamp?
    let status = refusal.httpStatus
    let retryLater: ResponderError.Code =
      switch status {
      case 429: refusal.reasons.contains("MODEL_CAPACITY_EXHAUSTED") ? .overloaded : .quotaExhausted
      case 408, 504: .timedOut
      default: .overloaded
      }
    switch step {
    case .giveUpKey: code = .credentials
    case .giveUpModel: code = .modelUnavailable
    case .giveUpRequest, .shorten, .leaveOutCalls: code = .invalidRequest
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
