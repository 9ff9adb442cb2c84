/// What `doctor` says.
struct DoctorTexts: Sendable {
  let language: Language

  var noRedis: String {
    language(
      "Redis : non configuré, les sessions restent en mémoire (REDIS_URL)",
      "Redis: not configured, sessions are in memory (REDIS_URL)")
  }

  func redis(_ version: String, _ time: Duration, keys: Int64, sessions: Int64) -> String {
    let keys = language.count(keys, Phrase("clé", "key"), Phrase("clés", "keys"))
    let sessions = language.count(
      sessions, Phrase("session commune", "shared session"),
      Phrase("sessions communes", "shared sessions"))
    return language("Redis \(version) : ", "Redis \(version): ")
      + "\(Self.text(time)), \(keys), \(sessions)"
  }

  func redisCluster(_ version: String, _ time: Duration) -> String {
    language("Redis \(version), grappe : ", "Redis \(version), cluster: ") + Self.text(time)
  }

  func redisFailed(_ reason: String) -> String {
    language(
      "Redis : injoignable\(language.because(reason))",
      "Redis: unreachable\(language.because(reason))")
  }

  var checkRedis: String {
    language(
      "vérifiez REDIS_URL et que le serveur tourne ; sans lui, les sessions restent en mémoire",
      "check REDIS_URL, and that the server runs; without it, sessions are in memory")
  }

  var noMySQL: String {
    language(
      "Base de données : non configurée, rien n'est archivé (DATABASE_URL)",
      "Database: not configured, nothing is archived (DATABASE_URL)")
  }

  func mysql(_ version: String, _ time: Duration) -> String {
    language("Base de données \(version) : ", "Database \(version): ") + Self.text(time)
  }

  func mysqlFailed(_ reason: String) -> String {
    language(
      "Base de données : injoignable\(language.because(reason))",
      "Database: unreachable\(language.because(reason))")
  }

  var checkMySQL: String {
    language(
      "vérifiez DATABASE_URL, le mot de passe et que le serveur tourne",
      "check DATABASE_URL, the password, and that the server runs")
  }

  func schema(_ number: Int64, threads: Int64) -> String {
    language("Schéma : version \(number), ", "Schema: version \(number), ")
      + language.count(threads, Phrase("discussion", "thread"), Phrase("discussions", "threads"))
  }

  var noSchema: String {
    language(
      "Schéma : aucun, il sera créé au premier message",
      "Schema: none, it is made with the first message")
  }

  var oldSchema: String {
    language(
      "Schéma : celui de l'application d'origine, il sera mis à niveau au premier message",
      "Schema: that of the original application, it is upgraded with the first message")
  }

  var checkSchema: String {
    language("chat-cli schema --check dit tout", "chat-cli schema --check tells all")
  }

  func ownerless(_ count: Int) -> String {
    language(
      "Schéma : \(count) discussions ne sont à personne",
      "Schema: \(count) threads belong to nobody")
  }

  var adopt: String {
    language(
      "chat-cli adopt NOM les donne à un utilisateur", "chat-cli adopt NAME gives them to a user")
  }

  var noKey: String {
    language(
      "Modèle : aucune clé, les réponses sont locales (GEMINI_API_KEY, OPENAI_BASE_URL)",
      "Model: no key, answers are local (GEMINI_API_KEY, OPENAI_BASE_URL)")
  }

  func closed(_ name: String, _ moment: String) -> String {
    language(
      "Modèle \(name) : quota épuisé jusqu'au \(moment)",
      "Model \(name): quota used up until \(moment)")
  }

  var waitOrChange: String {
    language(
      "attendez, ou nommez d'autres modèles avec --model",
      "wait, or name other models with --model")
  }

  func unknownModel(_ name: String) -> String {
    language(
      "Modèle \(name) : le service ne l'offre pas", "Model \(name): the service does not offer it")
  }

  var chooseModel: String {
    language("choisissez-en un autre avec --model", "choose another one with --model")
  }

  var noJournal: String {
    language("Journal : inutile sans base de données", "Journal: of no use without a database")
  }

  func journal(_ count: Int, _ path: String) -> String {
    let messages = language.count(count, Phrase("message"), Phrase("messages"))
    return language(
      "Journal : \(messages) en attente (\(path))", "Journal: \(messages) waiting (\(path))")
  }

  var journalWaits: String {
    language(
      "ils partent avec la prochaine commande qui atteint la base de données",
      "they leave with the next command that reaches the database")
  }

  func rejected(_ count: Int, _ path: String, _ reason: String) -> String {
    let messages = language.count(count, Phrase("message"), Phrase("messages"))
    return language(
      "Journal : \(messages) mis de côté (\(path)) ; le dernier : \(reason)",
      "Journal: \(messages) put aside (\(path)); the last one: \(reason)")
  }

  var checkRejected: String {
    language(
      "lisez ce fichier, chaque ligne dit pourquoi, puis supprimez-le",
      "read that file, each line says why, then delete it")
  }

  func journalFailed(_ reason: String) -> String {
    language(
      "Journal : illisible\(language.because(reason))",
      "Journal: cannot be read\(language.because(reason))")
  }

  var checkJournal: String {
    language(
      "vérifiez les droits du fichier et du dossier", "check the rights of the file and its folder")
  }

  /// Milliseconds with one decimal.
  static func text(_ time: Duration) -> String {
    let tenths = Int(time / .microseconds(100))
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
