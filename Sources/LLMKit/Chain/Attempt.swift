import SessionCore

/// What the reader of one attempt has seen.
final class Attempt: Sendable {
  private let state = Locked((hasShownText: false, hasReaderFailed: false))

  var hasShownText: Bool { state.withLock(\.hasShownText) }
  var hasReaderFailed: Bool { state.withLock(\.hasReaderFailed) }

  /// What an event is to the attempt.
  enum Weight {
    case firstText
    case other
  }

  func note(_ event: ResponseEvent) -> Weight {
    guard case .text(let text) = event, !text.isEmpty else { return .other }
    return state.withLock { state in
      defer { state.hasShownText = true }
      return state.hasShownText ? .other : .firstText
    }
  }

  func noteReaderFailure() {
    state.withLock { $0.hasReaderFailed = true }
  }
}
