import SessionCore
import TerminalKit

/// What `ask` asks: what was typed, and what was piped.
struct Question: Sendable, Hashable {
  let text: String
  /// Whether the standard input is read to its end, whatever it is.
  let waitsForInput: Bool

  private static let patience = Duration.seconds(1)

  /// The whole question.
  ///
  /// - Throws: ``UsageError`` when what was piped is no text, or there is nothing to ask.
  func whole(_ console: Console) async throws -> String {
    let outcome =
      waitsForInput
      ? try await PipedInput.readAll() : try await PipedInput.read(silentFor: Self.patience)
    switch outcome {
    case .silent:
      await console.warn(console.texts.silentPipe)
      return text
    case .text(let piped) where piped.allSatisfy(\.isWhitespace):
      guard !text.isEmpty else { throw EmptyMessage() }
      return text
    case .text(let piped): return text.isEmpty ? piped : "\(text)\n\n\(piped)"
    case .notUTF8:
      throw UsageError(
        "l'entrée standard n'est pas du texte en UTF-8", "the standard input is no text in UTF-8")
    case .tooLong:
      throw UsageError(
        "l'entrée standard dépasse 16 Mio", "the standard input is longer than 16 MiB")
    }
  }
}
