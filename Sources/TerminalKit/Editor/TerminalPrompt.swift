import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Lets somebody type messages at a terminal, with editing, history and completion.
package actor TerminalPrompt: LineReader {
  private let streams: StandardStreams
  private let modes: TerminalModes
  private let input: TerminalInput
  private let history: History
  private let complete: @Sendable (String) async -> [String]
  private let prompt: String

  private var decoder = KeyDecoder()
  private var draft = ""
  private var waitingKeys: [Key] = []
  private var cursorRow = 0
  private var shown: LineLayout?

  /// - Parameter complete: The words that may stand in place of the last one of a text.
  package init(
    _ streams: StandardStreams, _ modes: TerminalModes, history: History, prompt: String,
    complete: @escaping @Sendable (String) async -> [String]
  ) throws {
    self.streams = streams
    self.modes = modes
    self.history = history
    self.prompt = prompt
    self.complete = complete
    input = try TerminalInput()
  }

  /// The next message. Ctrl-C with nothing typed throws `CancellationError`.
  package func next() async throws -> InputLine? {
    modes.edit()
    defer { modes.wait() }
    var editor = LineEditor(history: history.entries, text: draft)
    draft = ""
    cursorRow = 0
    await show("\u{1B}[?2004h")
    await redraw(editor)
    do {
      let line = try await edit(&editor)
      await show("\u{1B}[?2004l")
      return line
    } catch {
      await show("\u{1B}[?2004l\n")
      throw error
    }
  }

  /// Puts a text at the next prompt, to be sent again or changed.
  package func giveBack(_ text: String) { draft = text }

  private func edit(_ editor: inout LineEditor) async throws -> InputLine? {
    while true {
      while !waitingKeys.isEmpty {
        let key = waitingKeys.removeFirst()
        // What is dropped stays to be seen above.
        if key == .interrupt { await showWhole(editor) }
        guard let action = editor.take(key) else { continue }
        switch action {
        case .redraw: if waitingKeys.isEmpty { await redraw(editor) }
        case .submit(let text):
          await leaveLine(editor)
          history.add(text)
          return .text(text)
        case .complete(let text): await complete(text, &editor)
        case .clearScreen:
          cursorRow = 0
          await show("\u{1B}[H\u{1B}[2J")
          await redraw(editor)
        case .suspend: await suspend(editor)
        case .dropped:
          cursorRow = 0
          await show("^C\n")
          await redraw(editor)
        case .leave: throw CancellationError()
        case .endOfInput:
          await show("\n")
          return nil
        }
      }
      switch try await input.next() {
      case .bytes(let bytes): waitingKeys += decoder.feed(bytes)
      case .resized:
        // The terminal broke the rows anew before it told.
        cursorRow = shown?.cursorRow(atWidth: ScreenSize.of(.error).columns) ?? 0
        await redraw(editor)
      case .end: return nil
      }
    }
  }

  /// Shows the text whole and goes below it.
  private func leaveLine(_ editor: LineEditor) async {
    await showWhole(editor)
    await show("\n")
  }

  /// Shows the text with the cursor behind it.
  private func showWhole(_ editor: LineEditor) async {
    var ended = editor
    while !ended.buffer.after.isEmpty { _ = ended.take(.right) }
    await redraw(ended)
  }

  private func complete(_ text: String, _ editor: inout LineEditor) async {
    let choices = editor.complete(with: await complete(text))
    if !choices.isEmpty {
      await leaveLine(editor)
      cursorRow = 0
      await show(choices.map(StandardStreams.harmless).joined(separator: "  ") + "\n")
    }
    await redraw(editor)
  }

  /// Stops the process as Ctrl-Z does elsewhere, and goes on when it is continued.
  private func suspend(_ editor: LineEditor) async {
    await show("\u{1B}[?2004l\n")
    modes.restore()
    kill(0, SIGTSTP)
    modes.edit()
    cursorRow = 0
    await show("\u{1B}[?2004h")
    await redraw(editor)
  }

  private func redraw(_ editor: LineEditor) async {
    let layout = layout(editor)
    let up = cursorRow > 0 ? "\u{1B}[\(cursorRow)A" : ""
    await show(up + layout.drawing, layout)
  }

  private func show(_ drawing: String, _ layout: LineLayout) async {
    await show(drawing)
    cursorRow = layout.cursorRow
    shown = layout
  }

  private func show(_ text: String) async {
    // A terminal that cannot be written to shows up as the end of the input.
    try? await streams.control(text, to: .error)
  }

  private func layout(_ editor: LineEditor) -> LineLayout {
    let size = ScreenSize.of(.error)
    return LineLayout(
      prompt: prompt, editor.buffer, width: size.columns, height: size.rows)
  }
}

/// Gives the messages of a chat, one after another.
package protocol LineReader: Sendable {
  /// The next message; nil at the end of the input.
  func next() async throws -> InputLine?
  /// Puts a text at the next prompt, if there is one to see.
  func giveBack(_ text: String) async
}

extension LineInput: LineReader {
  package func giveBack(_ text: String) async {}
}
