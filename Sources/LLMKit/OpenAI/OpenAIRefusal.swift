package import SessionCore

package typealias OpenAIRefusal = ServiceRefusal

extension ServiceRefusal {
  /// Reads the response to a request that was not answered. The headers tell the delay more
  /// precisely than the message does.
  init(_ response: HTTPHead, body: [UInt8], now: Timestamp) {
    self.init(
      status: response.status, body: body, retryAfter: Self.delay(response, now),
      prefersHeader: true, location: response["location"])
  }

  private static func delay(_ head: HTTPHead, _ now: Timestamp) -> Duration? {
    if let milliseconds = head["retry-after-ms"].flatMap({ RetryDelay($0 + "ms") }) {
      return milliseconds.duration
    }
    if let delay = head.retryAfter(now: now) { return delay }
    // The limit that is used up says when it is filled again.
    for limit in ["requests", "tokens"] where head["x-ratelimit-remaining-\(limit)"] == "0" {
      if let delay = head["x-ratelimit-reset-\(limit)"].flatMap({ RetryDelay($0) }) {
        return delay.duration
      }
    }
    return nil
  }

  /// Whether the conversation is longer than the model takes.
  package var isTooLong: Bool { subject == .size }

  /// The tokens that a conversation which is too long may have, if the service said.
  package var tokenCountMax: Int? { overflow?.tokenCountMax }

  /// The refusal as an error of the turn.
  package func error(at now: Timestamp, key: Secret?) -> ResponderError {
    RefusalPlan.error(self, RefusalPlan.step(self, at: now), at: now, key: key)
  }
}
