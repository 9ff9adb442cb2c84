import SessionCore

extension Texts {
  /// A thread that was named, and is not there, or is another user's.
  func unknownThread(_ name: String, of user: UserID) -> UsageError {
    let (name, user) = (UsageError.shortened(name), UsageError.shortened(user.name))
    return UsageError(
      "« \(name) » : « \(user) » n'a pas cette discussion ; attendu : un UUID, son début, ou un "
        + "numéro de la liste (threads, /fils)",
      "'\(name)': '\(user)' has no such thread; expected: a UUID, its beginning, or a number of the "
        + "list (threads, /threads)")
  }

  /// Why an archive did not do what it was asked, for a person.
  func archiveFailure(_ error: ArchiveError) -> String {
    switch error.code {
    case .notFound:
      language(
        "rien n'a été dit dans cette discussion, ou elle n'est pas à vous ; liste : threads, /fils",
        "nothing was said in this thread, or it is not yours; list: threads, /threads")
    case .unavailable:
      language(
        "la base de données est injoignable\(language.because(error.reason)) ; \(seeDoctor)",
        "the database is unreachable\(language.because(error.reason)); \(seeDoctor)")
    case .tooLarge:
      language(
        "texte trop long\(language.because(error.reason))",
        "text too long\(language.because(error.reason))")
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
        "le schéma de la base est inconnu, rien n'a été touché\(language.because(error.reason))",
        "the schema of the database is unknown, nothing was touched\(language.because(error.reason))"
      )
    default:
      language(
        "la base de données refuse\(language.because(error.reason))",
        "the database refuses\(language.because(error.reason))")
    }
  }

  private var seeDoctor: String {
    language("« chat-cli doctor » dit que vérifier", "'chat-cli doctor' says what to check")
  }

  func journalRefuses(_ reason: String) -> String {
    language(
      "le journal ne peut prendre le message\(language.because(reason))",
      "the journal cannot take the message\(language.because(reason))")
  }

  func outputFailure(_ reason: String) -> String {
    language(
      "la sortie ne peut être écrite\(language.because(reason))",
      "the output cannot be written\(language.because(reason))")
  }

  /// Why a session store did not do what it was asked, for a person.
  func storeFailure(_ error: SessionStoreError) -> String {
    switch error.code {
    case .unavailable:
      language(
        "Redis est injoignable\(language.because(error.reason))",
        "Redis is unreachable\(language.because(error.reason))")
    case .scopeFullOfPins:
      language(
        "toutes les sessions sont épinglées : libérez-en une",
        "all sessions are pinned: unpin one")
    default:
      language(
        "Redis refuse\(language.because(error.reason))",
        "Redis refuses\(language.because(error.reason))")
    }
  }

  /// Why a model did not answer, for a person.
  func responderFailure(_ error: ResponderError) -> String {
    var text =
      switch error.code {
      case .credentials: language("clé refusée", "key refused")
      case .quotaExhausted: language("quota épuisé", "quota used up")
      case .serviceRefused: language("refusé par le service", "refused by the service")
      case .tooLong: language("conversation trop longue", "conversation too long")
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
    return text + language.because(error.reason)
  }
}
