import SessionCore

/// What the program says, in one language. Tests compare these texts to the letter.
struct Texts: Sendable {
  let language: Language

  /// Before every error and warning of the program itself.
  func failure(_ text: String) -> String { language("chat-cli : \(text)", "chat-cli: \(text)") }

  func removal(_ removal: Removal, limit: Int) -> String {
    switch removal.cause {
    case .evicted:
      language(
        "⚠️ Session \(removal.id) supprimée (limite de \(limit) atteinte)",
        "⚠️ Session \(removal.id) removed (limit of \(limit) reached)")
    case .expired:
      language("⌛ Session \(removal.id) expirée", "⌛ Session \(removal.id) expired")
    case .closed:
      language("Session \(removal.id) fermée", "Session \(removal.id) closed")
    }
  }

  func pagedIn(_ id: ConversationID, _ messageCount: Int) -> String {
    language(
      "↩️ Session \(id) rechargée depuis l'archive (\(messages(messageCount)))",
      "↩️ Session \(id) reloaded from the archive (\(messages(messageCount)))")
  }

  func messages(_ count: Int) -> String {
    language.count(count, Phrase("message"), Phrase("messages"))
  }

  var answerStopped: String { language("⏹️ Réponse arrêtée.", "⏹️ Answer stopped.") }

  var localAnswer: String {
    language("⚠️ Réponse locale, sans modèle.", "⚠️ Local answer, without a model.")
  }

  var localAnswerWithoutKey: String {
    language(
      "⚠️ Réponse locale, sans modèle (GEMINI_API_KEY n'est pas définie).",
      "⚠️ Local answer, without a model (GEMINI_API_KEY is not set).")
  }

  func fallback(_ notice: FallbackNotice) -> String {
    language("⚠️ \(notice.from) : ", "⚠️ \(notice.from): ") + responderFailure(notice.error)
  }

  func answerFailed(_ error: ResponderError, isPartial: Bool) -> String {
    let reason = responderFailure(error)
    return isPartial
      ? language("⚠️ Réponse incomplète : \(reason)", "⚠️ Incomplete answer: \(reason)")
      : language("⚠️ Pas de réponse : \(reason)", "⚠️ No answer: \(reason)")
  }

  func renamed(_ id: ConversationID, _ name: String) -> String {
    language("Discussion \(id) renommée : \(name)", "Thread \(id) renamed: \(name)")
  }

  func deleted(_ id: ConversationID, _ counts: DeletionCounts) -> String {
    language(
      "Discussion \(id) supprimée : \(messages(counts.steps))",
      "Thread \(id) deleted: \(messages(counts.steps))")
  }

  var noThreads: String { language("Aucune discussion.", "No threads.") }

  func nextPage(_ cursor: PageCursor, _ settings: Settings) -> String {
    var command = "chat-cli threads"
    if let text = settings.search { command += " --search '\(text.replacing("'", with: "'\\''"))'" }
    if let value = settings.filter.feedback { command += " --feedback \(value.rawValue)" }
    return language("Suite : ", "More: ") + "\(command) --before \(cursor)"
  }

  var nothingFound: String { language("Rien trouvé.", "Nothing found.") }

  func forked(_ origin: ConversationID, _ copy: ThreadSummary) -> String {
    language(
      "Discussion \(origin) copiée : \(copy.id) (\(messages(copy.messageCount)))",
      "Thread \(origin) copied: \(copy.id) (\(messages(copy.messageCount)))")
  }

  func pinned(_ id: ConversationID, _ isPinned: Bool) -> String {
    isPinned
      ? language("📌 Session \(id) épinglée", "📌 Session \(id) pinned")
      : language("Session \(id) libérée", "Session \(id) unpinned")
  }

  func judged(_ value: Feedback.Value?) -> String {
    switch value {
    case .up: language("👍 Réponse jugée bonne", "👍 Answer judged good")
    case .down: language("👎 Réponse jugée mauvaise", "👎 Answer judged bad")
    case nil: language("Jugement retiré", "Judgement taken back")
    }
  }

  var unnamed: String { language("(sans titre)", "(untitled)") }

  func speaker(_ role: Role) -> String {
    switch role {
    case .user: language("Vous", "You")
    case .assistant: language("Assistant", "Assistant")
    case .system: language("Système", "System")
    case .tool: language("Outil", "Tool")
    }
  }

  /// A mark behind an answer that is not whole.
  func state(_ state: AnswerState) -> String? {
    switch state {
    case .complete: nil
    case .partial: language("incomplète", "incomplete")
    case .fallback: language("réponse locale", "local answer")
    case .error: language("erreur", "error")
    }
  }
}
