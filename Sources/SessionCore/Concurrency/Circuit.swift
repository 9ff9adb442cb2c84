/// Remembers that something is away, so that it is not waited for again and again: after a failure
/// it is tried again only when a pause is over, by one caller, and each failure doubles the pause.
struct Circuit: Sendable {
  /// How long something that failed is left alone.
  struct Pauses: Sendable {
    /// After the first failure.
    var first: Duration
    /// At most.
    var longest: Duration
  }

  private let pauses: Pauses
  private var pause: Duration
  private var nextTry: Timestamp?

  init(_ pauses: Pauses) {
    self.pauses = pauses
    pause = pauses.first
  }

  /// Whether it failed when it was last tried.
  var isOpen: Bool { nextTry != nil }

  /// Whether the caller may try now. The one that may, while it is away, is the only one until the
  /// next pause, twice as long, is over.
  mutating func allows(at now: Timestamp) -> Bool {
    guard let nextTry else { return true }
    guard now >= nextTry else { return false }
    pause = min(pause * 2, pauses.longest)
    self.nextTry = now + pause
    return true
  }

  /// It answered. True when it had been away.
  mutating func succeeded() -> Bool {
    defer {
      nextTry = nil
      pause = pauses.first
    }
    return isOpen
  }

  /// It failed. True when it had not been away. Many who fail together lengthen no pause.
  mutating func failed(at now: Timestamp) -> Bool {
    defer { nextTry = now + pause }
    return !isOpen
  }
}
