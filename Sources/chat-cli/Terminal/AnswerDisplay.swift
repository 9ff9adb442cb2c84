import TerminalKit

/// Shows answers as they come: readable Markdown on a terminal that shows styles, the text itself
/// elsewhere. A spinner moves until the first of it is there.
actor AnswerDisplay {
  private let console: Console
  private let spinner: Spinner?
  private var markdown: MarkdownStream?
  private var isAtLineStart = true

  init(_ console: Console) {
    self.console = console
    spinner = console.showsSpinner ? Spinner(console.streams) : nil
  }

  /// Called before each answer.
  func begin() async {
    isAtLineStart = true
    markdown = console.showsStyles ? MarkdownStream(width: 0) : nil
    await spinner?.start()
  }

  func write(_ text: String) async throws(OutputError) {
    guard let last = text.last else { return }
    await spinner?.stop()
    isAtLineStart = last.isNewline
    guard var stream = markdown else {
      try await console.answer(text)
      return
    }
    // Asked each time: the window may have changed.
    stream.width = ScreenSize.of(.output).columns
    let shown = stream.feed(StandardStreams.harmless(text))
    markdown = stream
    try await console.streams.control(shown, to: .output)
  }

  /// Shows what is left of the answer, and ends its line.
  func end() async throws(OutputError) {
    await spinner?.stop()
    var rest = markdown?.finish() ?? ""
    if !isAtLineStart { rest += "\n" }
    isAtLineStart = true
    if !rest.isEmpty { try await console.streams.control(rest, to: .output) }
  }
}
