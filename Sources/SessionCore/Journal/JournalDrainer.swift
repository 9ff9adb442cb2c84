/// Sends what waits in a journal to the archive in the background, until nothing waits: it tries at
/// once, and after a failure again with growing, spread pauses of at most 1.5 s.
///
/// Its task runs only while something waits. It ends when the drainer is freed.
final class JournalDrainer: Sendable {
  private struct State {
    var task: Task<Void, Never>?
    var isStopped = false
  }

  private let state = Locked(State())
  private let journal: MessageJournal
  private let flush: @Sendable () async throws -> Void

  private static let firstPause = Duration.milliseconds(200)
  // With the spread, an archive that is back is noticed within 2 s.
  private static let longestPause = Duration.milliseconds(1500)

  /// - Parameter flush: Sends what waits; throws when something still does.
  init(_ journal: MessageJournal, flush: @escaping @Sendable () async throws -> Void) {
    self.journal = journal
    self.flush = flush
  }

  deinit { state.withLock { $0.task }?.cancel() }

  /// Makes sure that somebody is at it, if anything waits.
  func wake() {
    guard !journal.isEmpty else { return }
    state.withLock { state in
      guard state.task == nil, !state.isStopped else { return }
      // Detached: it has nothing of the turn that wakes it, its budget least of all, and turns
      // go first.
      state.task = Task.detached(priority: .utility) { [weak self, journal, flush] in
        await Self.drain(journal, flush)
        self?.ended()
      }
    }
  }

  /// Ends the background work, and waits for its end.
  func stop() async {
    let task = state.withLock { state in
      state.isStopped = true
      return state.task
    }
    task?.cancel()
    await task?.value
  }

  private static func drain(
    _ journal: MessageJournal, _ flush: @Sendable () async throws -> Void
  ) async {
    var pause = firstPause
    while !Task.isCancelled, !journal.isEmpty {
      let depth = journal.depth
      // What it says was told by the events of the archive and of the journal.
      try? await flush()
      if journal.isEmpty { return }
      if journal.depth < depth { pause = firstPause }
      let spread = Double.random(in: 0.75...1)
      try? await Task.sleep(for: .milliseconds(Int64(Double(pause.wholeMilliseconds) * spread)))
      pause = min(pause * 2, longestPause)
    }
  }

  private func ended() {
    state.withLock { $0.task = nil }
    // A message may have come between the last look and now.
    wake()
  }
}
