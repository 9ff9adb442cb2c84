/// A clock for waits, which no change of the wall clock moves; its moments are times since it was
/// made.
struct MonotonicTime: Sendable {
  private let elapsed: @Sendable () -> Duration
  private let sleep: @Sendable (Duration) async throws -> Void

  init<Source: Clock>(_ clock: Source) where Source.Duration == Duration {
    let start = clock.now
    elapsed = { start.duration(to: clock.now) }
    sleep = { try await clock.sleep(until: start.advanced(by: $0), tolerance: nil) }
  }

  func now() -> Duration { elapsed() }

  /// Waits for `moment`, or until the task is cancelled.
  func wait(until moment: Duration) async { try? await sleep(moment) }
}
