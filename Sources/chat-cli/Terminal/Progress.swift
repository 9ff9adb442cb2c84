import TerminalKit

/// Says how far long work has come: amount, rate and time left, on one line of a terminal that
/// moves and leaves no trace. In a pipe it says nothing.
actor Progress {
  private let console: Console
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var shownAt: ContinuousClock.Instant?

  private static let pause = Duration.milliseconds(200)

  private init(_ console: Console) {
    self.console = console
    start = clock.now
  }

  /// - Parameters:
  ///   - count: Units so far.
  ///   - unit: What is counted.
  ///   - part: How much is done of `whole`; the two are bytes, or units.
  ///   - whole: Nil when nobody knows.
  func update(count: Int, _ unit: String, part: Int = 0, of whole: Int? = nil) async {
    await show { texts, time in
      texts.progress(count: count, unit, part: part, of: whole, after: time)
    }
  }

  /// Shows a line of another kind, which is given the time since the start.
  func show(_ line: (Texts, Duration) -> String) async {
    guard console.showsSpinner else { return }
    let now = clock.now
    if let shownAt, now - shownAt < Self.pause { return }
    shownAt = now
    let line = line(console.texts, now - start)
    try? await console.streams.control("\r\(line)\u{1B}[K", to: .error)
  }

  /// Runs `work`, and leaves no trace of what it showed, however it ends.
  nonisolated static func shown<Result>(
    on console: Console, _ work: (Progress) async throws -> Result
  ) async throws -> Result {
    let progress = Progress(console)
    do {
      let result = try await work(progress)
      await progress.end()
      return result
    } catch {
      await progress.end()
      throw error
    }
  }

  private func end() async {
    guard shownAt != nil else { return }
    try? await console.streams.control("\r\u{1B}[K", to: .error)
  }
}
