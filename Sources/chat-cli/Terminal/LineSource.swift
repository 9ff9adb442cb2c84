import SessionCore
import TerminalKit

/// Where the messages of a chat come from: an editor on a terminal, plain lines elsewhere.
final class LineSource: Sendable {
  /// Whether a person types.
  let isInteractive: Bool
  private let console: Console
  private let reader: any LineReader
  private let modes: TerminalModes?

  private static let prompt = "> "

  /// - Parameters:
  ///   - environment: `TERM` and the place of the history are read from it.
  ///   - complete: The words that may stand in place of the last one of a text.
  init(
    _ console: Console, environment: [String: String],
    complete: @escaping @Sendable (String) async -> [String]
  ) throws {
    self.console = console
    isInteractive = LineInput.isTerminal
    guard isInteractive, StandardStreams.isTerminal(.error), environment["TERM"] != "dumb",
      let modes = TerminalModes()
    else {
      modes = nil
      reader = LineInput()
      return
    }
    self.modes = modes
    let path = StateDirectory.path(of: "history", environment: environment)
    reader = try TerminalPrompt(
      console.streams, modes, history: History(path: path), prompt: Self.prompt,
      complete: complete)
  }

  /// The next message; nil at the end of the input.
  func next() async throws -> InputLine? {
    // The editor shows its own.
    if isInteractive, modes == nil { await console.prompt(Self.prompt) }
    return try await reader.next()
  }

  /// Puts a text at the next prompt, where somebody types.
  func giveBack(_ text: String) async { await reader.giveBack(text) }

  /// Leaves the terminal as it was.
  func close() { modes?.restore() }
}
