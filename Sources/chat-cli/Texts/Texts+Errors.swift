import SessionCore

extension Texts {
  /// Why an archive did not do what it was asked, for a person.
  func archiveFailure(_ error: ArchiveError) -> String {
    switch error.code {
    case .notFound: language("discussion inconnue", "no such thread")
    case .unavailable:
      language(
        "la base de données est injoignable (\(error.reason))",
        "the database is unreachable (\(error.reason))")
    case .tooLarge: language("texte trop long (\(error.reason))", "text too long (\(error.reason))")
    case .idTaken:
      language(
        "l'identifiant du message est déjà pris dans une autre discussion",
        "the id of the message is taken in another thread")
    case .invalidCursor:
      language(
        "--before : curseur inconnu ; attendu : celui que « threads » a donné",
        "--before: unknown cursor; expected: the one that 'threads' gave")
    case .foreignDatabase:
      language(
        "la base est à un autre programme, rien n'a été touché (\(error.reason))",
        "the database is another program's, nothing was touched (\(error.reason))")
    case .schemaPending:
      language(
        "le schéma n'est pas à jour : chat-cli schema --check (\(error.reason))",
        "the schema is not up to date: chat-cli schema --check (\(error.reason))")
    case .unknownSchema:
      language(
        "le schéma de la base est inconnu, rien n'a été touché (\(error.reason))",
        "the schema of the database is unknown, nothing was touched (\(error.reason))")
    default:
      language(
        "la base de données refuse (\(error.reason))", "the database refuses (\(error.reason))")
    }
  }

  func journalRefuses(_ reason: String) -> String {
    language(
      "le journal ne peut prendre le message (\(reason))",
      "the journal cannot take the message (\(reason))")
  }

  func outputFailure(_ reason: String) -> String {
    language(
      "la sortie ne peut être écrite (\(reason))", "the output cannot be written (\(reason))")
  }

  /// Why a session store did not do what it was asked, for a person.
  func storeFailure(_ error: SessionStoreError) -> String {
    switch error.code {
    case .unavailable:
      language("Redis est injoignable (\(error.reason))", "Redis is unreachable (\(error.reason))")
    case .scopeFullOfPins:
      language(
        "toutes les sessions sont épinglées : libérez-en une",
        "all sessions are pinned: unpin one")
    default: language("Redis refuse (\(error.reason))", "Redis refuses (\(error.reason))")
    }
  }

  /// Why a model did not answer, for a person.
  func responderFailure(_ error: ResponderError) -> String {
    var text =
      switch error.code {
      case .credentials: language("clé refusée", "key refused")
      case .quotaExhausted: language("quota épuisé", "quota used up")
      case .modelUnavailable: language("modèle indisponible", "model not available")
      case .overloaded: language("service surchargé", "service overloaded")
      case .blocked: language("refusé pour son contenu", "refused for what it says")
      case .invalidRequest: language("demande refusée", "request refused")
      case .outOfTokens:
        language("réflexion trop longue, aucun texte", "too much thinking, no text")
      case .cut: language("réponse coupée", "answer cut")
      case .unreachable: language("service injoignable", "service unreachable")
      case .timedOut: language("pas de réponse à temps", "no answer in time")
      case .malformedResponse: language("réponse illisible", "answer unreadable")
      default: language("échec", "failure")
      }
    if let moment = error.retryAt {
      let time = LocalTime(moment).dayAndTime
      text += language(" jusqu'au \(time)", " until \(time)")
      // It was not asked: there is nothing more that anybody said.
      if error.httpStatus == nil { return text }
    }
    return "\(text) (\(UsageError.shortened(error.reason)))"
  }
}
