import SessionCore

/// What the demonstration says.
struct DemoTexts: Sendable {
  let language: Language

  func start(user: String) -> String {
    language(
      """
      🎓 Deux mémoires : Redis garde les discussions du moment, MySQL les garde toutes.
      Tout se passe chez l'utilisateur « \(user) » : vos discussions ne sont pas touchées.
      """,
      """
      🎓 Two memories: Redis keeps the chats of the moment, MySQL keeps them all.
      All happens in the name of '\(user)': your chats are not touched.
      """)
  }

  func limit(_ limit: Int) -> String {
    language(
      "Étape 1 : la limite de Redis. \(limit + 1) discussions, pour \(limit) places.",
      "Step 1: the limit of Redis. \(limit + 1) chats, for \(limit) places.")
  }

  func question(_ number: Int, _ id: ConversationID) -> String {
    language(
      "Discussion \(number), \(id) : « \(subject(number)) »",
      "Chat \(number), \(id): \"\(subject(number))\"")
  }

  func subject(_ number: Int) -> String {
    let subjects = [
      Phrase("Qui était Ada Lovelace ?", "Who was Ada Lovelace?"),
      Phrase("Qu'est-ce qu'un cache ?", "What is a cache?"),
      Phrase("À quoi sert un index ?", "What is an index for?"),
      Phrase("Que veut dire LRU ?", "What does LRU mean?"),
    ]
    return subjects[(number - 1) % subjects.count](language)
  }

  var inRedis: String { language("Dans Redis :", "In Redis:") }

  /// A key of Redis, as it is.
  func key(_ key: String, _ list: (count: Int64, seconds: Int64)?) -> String {
    guard let list else { return language("  \(key) : plus là", "  \(key): gone") }
    return language(
      "  \(key) : \(list.count) messages, expire dans \(list.seconds) s",
      "  \(key): \(list.count) messages, expires in \(list.seconds) s")
  }

  func inMySQL(threads: Int64, steps: Int64) -> String {
    language(
      "Dans MySQL : \(threads) lignes de Thread, \(steps) lignes de Step.",
      "In MySQL: \(threads) rows of Thread, \(steps) rows of Step.")
  }

  var list: String {
    language("Étape 2 : la commande « historique ».", "Step 2: the command 'historique'.")
  }

  var restart: String {
    language(
      """
      Étape 3 : la persistance dans MySQL. Redis perd les sessions de la démonstration, le programme
      se reconnecte, comme après un redémarrage.
      """,
      """
      Step 3: MySQL persists. Redis loses the sessions of the demonstration, the program connects
      anew, as after a restart.
      """)
  }

  var archive: String {
    language("\nMySQL a tout gardé :\n", "\nMySQL has kept everything:\n")
  }

  func resume(_ id: ConversationID) -> String {
    language(
      "\nLa première discussion, \(id), reprend où elle en était :\n",
      "\nThe first chat, \(id), goes on where it was:\n")
  }

  var followUp: String { language("Et ensuite ?", "And then?") }

  var conclusion: String {
    language(
      "\nRedis est la mémoire vive, rapide et limitée ; MySQL est le disque, qui n'oublie rien.",
      "\nRedis is the memory, fast and small; MySQL is the disk, which forgets nothing.")
  }

  func cleanedUp(_ threads: Int, _ messages: String) -> String {
    language(
      "🧹 La démonstration a effacé ce qu'elle a créé : \(threads) discussions, \(messages).",
      "🧹 The demonstration removed what it made: \(threads) threads, \(messages).")
  }
}
