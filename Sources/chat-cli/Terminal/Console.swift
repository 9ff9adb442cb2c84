import SessionCore
import TerminalKit

/// Where the program speaks: answers on the output, everything else on the error stream.
struct Console: Sendable {
  let streams: StandardStreams
  let texts: Texts
  /// Leaves out what is neither an answer nor an error.
  let isQuiet: Bool

  /// Whether the output may hold escape codes.
  let showsStyles: Bool
  /// Whether something may move on the error stream.
  let showsSpinner: Bool

  /// - Parameters:
  ///   - isQuiet: Leaves out what is neither an answer nor an error.
  ///   - isColorful: Whether styles are wanted where a terminal shows them.
  init(streams: StandardStreams, texts: Texts, isQuiet: Bool, isColorful: Bool = false) {
    self.streams = streams
    self.texts = texts
    self.isQuiet = isQuiet
    showsStyles = isColorful && StandardStreams.isTerminal(.output)
    showsSpinner = isColorful && !isQuiet && StandardStreams.isTerminal(.error)
  }

  /// A piece of an answer, or of what was asked for.
  func answer(_ text: String) async throws(OutputError) {
    try await streams.write(text, to: .output)
  }

  /// Whole lines of what was asked for.
  func answerLine(_ text: String) async throws(OutputError) {
    try await answer(text + "\n")
  }

  /// Whole lines with escape codes, whose texts are harmless.
  func styledLine(_ text: String) async throws(OutputError) {
    try await streams.control(text + "\n", to: .output)
  }

  /// A message that was said before, with its heading.
  func message(_ message: Message) async throws(OutputError) {
    try await answerLine(texts.heading(message))
    for call in message.toolCalls { try await answerLine(texts.toolCall(call)) }
    if message.content.isEmpty { return }
    guard showsStyles else { return try await answerLine(message.content) }
    var markdown = MarkdownStream(width: ScreenSize.of(.output).columns)
    let text = markdown.feed(StandardStreams.harmless(message.content)) + markdown.finish()
    try await styledLine(text)
  }

  /// Makes a word stand out, where styles are shown.
  func mark(_ word: String) -> String {
    showsStyles ? MarkdownStyle.bold + word + MarkdownStyle.notBold : word
  }

  /// Tells what happens; left out when quiet.
  func note(_ line: String) async {
    guard !isQuiet else { return }
    await complain(line)
  }

  /// Asks for a line.
  func prompt(_ text: String) async { try? await streams.write(text, to: .error) }

  /// Tells what went wrong with an answer, also when quiet.
  func warn(_ line: String) async { await complain(line) }

  /// An error of the program.
  func fail(_ text: String) async { await complain(texts.failure(text)) }

  private func complain(_ line: String) async {
    // An error stream that nobody reads leaves nobody to tell.
    try? await streams.write(Self.broken(line) + "\n", to: .error)
  }

  /// The lines of a text broken at words, where a terminal shows them.
  private static func broken(_ text: String) -> String {
    guard StandardStreams.isTerminal(.error) else { return text }
    let width = ScreenSize.of(.error).columns
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      DisplayWidth.of(line) <= width
        ? String(line) : Wrap.lines(String(line), width: width).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
