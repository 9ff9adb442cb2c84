/// What is known of a service's key.
enum KeyState: Sendable {
  case accepted
  /// The service answers whoever asks.
  case unchecked
  /// There is none.
  case none
}

/// What `doctor` says of services that are asked over HTTP.
extension DoctorTexts {
  func service(_ address: String, _ time: Duration, _ key: KeyState) -> String {
    let state =
      switch key {
      case .accepted: language("clé acceptée", "key accepted")
      case .unchecked: language("clé non vérifiée", "key not checked")
      case .none: language("sans clé", "without a key")
      }
    return language(
      "Service \(address) : joignable, \(state), ", "Service \(address): reachable, \(state), ")
      + Self.text(time)
  }

  func listRefused(_ address: String, _ reason: String) -> String {
    language(
      "Service \(address) : répond, mais ne donne pas ses modèles\(language.because(reason))",
      "Service \(address): answers, but does not give its models\(language.because(reason))")
  }

  var tryLater: String { language("réessayez plus tard", "try again later") }

  func serviceWithoutList(_ address: String) -> String {
    language(
      "Service \(address) : joignable, ne dit pas quels modèles il offre",
      "Service \(address): reachable, does not say which models it offers")
  }

  func keyRefused(_ service: String, _ reason: String) -> String {
    language(
      "\(service) : clé refusée\(language.because(reason))",
      "\(service): key refused\(language.because(reason))")
  }

  func serviceFailed(_ service: String, _ reason: String) -> String {
    language(
      "\(service) : injoignable\(language.because(reason))",
      "\(service): unreachable\(language.because(reason))")
  }

  func model(_ name: String) -> String {
    language("Modèle \(name) : offert", "Model \(name): offered")
  }

  var checkKey: String { language("vérifiez GEMINI_API_KEY", "check GEMINI_API_KEY") }

  var checkNetwork: String {
    language(
      "vérifiez le réseau et GEMINI_BASE_URL ; en attendant, les réponses sont locales",
      "check the network and GEMINI_BASE_URL; meanwhile answers are local")
  }

  var checkOtherKey: String { language("vérifiez OPENAI_API_KEY", "check OPENAI_API_KEY") }

  var checkOtherNetwork: String {
    language(
      "vérifiez OPENAI_BASE_URL, version comprise (…/v1), et que le serveur tourne",
      "check OPENAI_BASE_URL, version included (…/v1), and that the server runs")
  }

  var noTracing: String {
    language(
      "Traces : aucune (LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY)",
      "Traces: none (LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY)")
  }

  func halfTracing(_ missing: String) -> String {
    language("Traces : aucune, \(missing) manque", "Traces: none, \(missing) is missing")
  }

  var setBothKeys: String {
    language("définissez les deux clés, ou aucune", "set both keys, or none")
  }

  func tracing(_ host: String, _ time: Duration) -> String {
    language(
      "\(host) : joignable, clés acceptées, \(Self.text(time))",
      "\(host): reachable, keys accepted, \(Self.text(time))")
  }

  var checkTracingNetwork: String {
    language(
      "vérifiez le réseau et LANGFUSE_BASE_URL ; les réponses n'en dépendent pas",
      "check the network and LANGFUSE_BASE_URL; answers do not depend on it")
  }

  var checkTracingKeys: String {
    language(
      "vérifiez LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY et LANGFUSE_BASE_URL : des clés ne valent que "
        + "pour leur région",
      "check LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY and LANGFUSE_BASE_URL: keys are of one region "
        + "alone")
  }

  func tracingSuspended(_ host: String, _ reason: String) -> String {
    language(
      "\(host) : suspendu\(language.because(reason))",
      "\(host): suspended\(language.because(reason))")
  }

  var checkTracingPlan: String {
    language(
      "regardez l'abonnement du projet chez Langfuse ; sans lui, rien n'est tracé",
      "look at the project's plan at Langfuse; without it nothing is traced")
  }

  func tracingRefused(_ host: String, _ reason: String) -> String {
    language(
      "\(host) : ne prend pas de traces\(language.because(reason))",
      "\(host): takes no traces\(language.because(reason))")
  }

  var checkTracingHost: String {
    language(
      "vérifiez LANGFUSE_BASE_URL : l'adresse du serveur seule, en version 3.22 au moins",
      "check LANGFUSE_BASE_URL: the address of the server alone, of version 3.22 at least")
  }

  var nothingTraced: String { language("Traces : rien encore", "Traces: nothing yet") }

  func traced(_ counts: TracingTally.Counts, since: String) -> String {
    language(
      "Traces depuis le \(since) : \(counts.sent) envoyées, \(counts.refused) refusées, "
        + "\(counts.dropped) perdues",
      "Traces since \(since): \(counts.sent) sent, \(counts.refused) refused, "
        + "\(counts.dropped) dropped")
  }

  func lastTracingProblem(_ reason: String) -> String {
    language("au dernier envoi : \(reason)", "at the last sending: \(reason)")
  }
}
