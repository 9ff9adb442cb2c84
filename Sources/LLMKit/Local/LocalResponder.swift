public import SessionCore

/// The languages that the local answer is written in.
public enum AnswerLanguage: String, Sendable, Hashable, CaseIterable {
  /// French.
  case french = "fr"
  /// English.
  case english = "en"
}

/// Answers when no model can: needs no network and no key, and never fails.
///
/// The same prompt always gets the same answer. It says plainly that no model wrote it.
public struct LocalResponder: Responder {
  private let language: AnswerLanguage

  /// A responder that answers in `language`.
  public init(language: AnswerLanguage) { self.language = language }

  /// Answers in one piece, with ``AnswerState/fallback``.
  ///
  /// - Throws: What `emit` throws, and nothing else.
  public func respond(
    to prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    try await emit(.text(answer(to: prompt)))
    return ResponseSummary(state: .fallback)
  }

  private func answer(to prompt: Prompt) -> String {
    let question = Self.brief(prompt.messages.last { $0.role == .user }?.content ?? "")
    let earlier = prompt.messages.dropLast().last { $0.role == .user }.map {
      Self.brief($0.content)
    }
    switch language {
    case .french:
      let before = earlier.map { " Juste avant, vous disiez : « \($0) »." } ?? ""
      return """
        Aucun modèle n'a pu répondre ; ceci est une réponse locale, écrite sans intelligence \
        artificielle.
        Votre question était : « \(question) ».\(before)
        Posez-la de nouveau dans quelques minutes : la conversation reprendra où elle en était.
        """
    case .english:
      let before = earlier.map { " Just before, you said: “\($0)”." } ?? ""
      return """
        No model could answer; this is a local reply, written without any artificial \
        intelligence.
        Your question was: “\(question)”.\(before)
        Ask it again in a few minutes: the conversation will go on where it was.
        """
    }
  }

  /// The beginning of a text, in one line.
  private static func brief(_ text: String) -> String {
    let characterCountMax = 160
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > characterCountMax ? line.prefix(characterCountMax) + "…" : line
  }
}
