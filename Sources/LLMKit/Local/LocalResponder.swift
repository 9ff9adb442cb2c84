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
/// It says plainly that no model wrote it, and gives what earlier conversations say about the
/// question, if it was given something to recall them with. The same prompt, with the same memory,
/// always gets the same answer.
public struct LocalResponder: Responder {
  private let language: AnswerLanguage
  private let recall: (any Recall)?
  package private(set) var recallDeadline: Duration

  /// How long earlier conversations may be looked up, unless something else is said.
  public static let usualRecallDeadline = Duration.milliseconds(500)

  /// A responder that looks up what it can.
  ///
  /// - Parameters:
  ///   - language: What it answers in.
  ///   - recall: Where earlier conversations are looked up.
  ///   - recallDeadline: How long that may take; what it has not found by then is left out.
  public init(
    language: AnswerLanguage, recall: (any Recall)? = nil,
    recallDeadline: Duration = usualRecallDeadline
  ) {
    self.language = language
    self.recall = recall
    self.recallDeadline = recallDeadline
  }

  /// Answers in one piece, with `AnswerState.fallback`.
  ///
  /// - Throws: What the writer throws, and nothing else.
  public func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    try await answer.write(text(answering: prompt, recalling: await passages(for: prompt)))
    return ResponseSummary(state: .fallback)
  }

  /// The same one for a user who has waited already, and is to wait no longer than `budget`: it
  /// looks up for so long at most, if that is more than the usual deadline.
  package func recalling(within budget: Duration) -> LocalResponder {
    var copy = self
    copy.recallDeadline = min(recallDeadline, max(budget, Self.usualRecallDeadline))
    return copy
  }

  private func passages(for prompt: Prompt) async -> [RecalledPassage] {
    guard let recall else { return [] }
    return (try? await withinDeadline(recallDeadline) { await recall.passages(for: prompt) }) ?? []
  }

  private func text(
    answering prompt: Prompt, recalling passages: [RecalledPassage]
  ) -> String {
    let questions = prompt.messages.filter { $0.role == .user }.map { Self.brief($0.content) }
    let question = questions.last ?? ""
    let earlier = questions.dropLast().last
    switch language {
    case .french:
      let before = earlier.map { " Juste avant, vous disiez : « \($0) »." } ?? ""
      let found = Self.list(passages, under: "Ce que vos échanges précédents en disent :") {
        "« \($0) » : "
      }
      return """
        Aucun modèle n'a pu répondre ; ceci est une réponse locale, écrite sans intelligence \
        artificielle.
        Votre question était : « \(question) ».\(before)\(found)
        Posez-la de nouveau plus tard : la conversation reprendra où elle en était.
        """
    case .english:
      let before = earlier.map { " Just before, you said: “\($0)”." } ?? ""
      let found = Self.list(passages, under: "What your earlier conversations say about it:") {
        "“\($0)”: "
      }
      return """
        No model could answer; this is a local reply, written without any artificial \
        intelligence.
        Your question was: “\(question)”.\(before)\(found)
        Ask it again later: the conversation will go on where it was.
        """
    }
  }

  private static func list(
    _ passages: [RecalledPassage], under title: String, source: (String) -> String
  ) -> String {
    if passages.isEmpty { return "" }
    let lines = passages.map { "\n- " + ($0.source.map(source) ?? "") + $0.text }
    return "\n\(title)" + lines.joined()
  }

  /// The beginning of a text, in one line.
  static func brief(_ text: String, characterCountMax: Int = 160) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > characterCountMax ? line.prefix(characterCountMax) + "…" : line
  }
}
