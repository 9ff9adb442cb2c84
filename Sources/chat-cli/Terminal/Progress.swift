/// Says how far long work has come: amount, rate and time left, on one line of a terminal that
/// moves and leaves no trace. In a pipe it says nothing.
actor Progress {
  private let console: Console
  private let byteCount: Int?
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var shownAt: ContinuousClock.Instant?

  private static let pause = Duration.milliseconds(200)

  /// - Parameter byteCount: Bytes of the whole; nil when nobody knows.
  init(_ console: Console, byteCount: Int? = nil) {
    self.console = console
    self.byteCount = byteCount
    start = clock.now
  }

  /// - Parameters:
  ///   - count: Records so far.
  ///   - bytes: Bytes so far.
  func update(count: Int, bytes: Int = 0) async {
    guard console.showsSpinner else { return }
    let now = clock.now
    if let shownAt, now - shownAt < Self.pause { return }
    shownAt = now
    let line = console.texts.progress(
      count: count, bytes: bytes, of: byteCount, after: now - start)
    try? await console.streams.control("\r\(line)\u{1B}[K", to: .error)
  }

  func end() async {
    guard shownAt != nil else { return }
    try? await console.streams.control("\r\u{1B}[K", to: .error)
  }
}
