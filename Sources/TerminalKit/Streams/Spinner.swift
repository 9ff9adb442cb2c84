/// Moves on the error stream of a terminal while somebody waits, and leaves no trace.
package actor Spinner {
  private static let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
  /// An answer that comes at once needs none.
  private static let delay = Duration.milliseconds(200)
  private static let frameTime = Duration.milliseconds(100)

  private let streams: StandardStreams
  private var task: Task<Void, Never>?

  package init(_ streams: StandardStreams) { self.streams = streams }

  package func start() {
    guard task == nil else { return }
    let streams = streams
    task = Task {
      do {
        try await Task.sleep(for: Self.delay)
        for index in 0... {
          let frame = Self.frames[index % Self.frames.count]
          try await streams.control("\r\(frame)\r", to: .error)
          try await Task.sleep(for: Self.frameTime)
        }
      } catch {}
    }
  }

  /// Returns once nothing of it is to be seen.
  package func stop() async {
    guard let task else { return }
    self.task = nil
    task.cancel()
    await task.value
    try? await streams.control("\r\u{1B}[K", to: .error)
  }
}
