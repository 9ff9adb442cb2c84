import SessionCore

/// What is said when a tier goes away or comes back.
extension Texts {
  var nothingIsKept: String {
    language(
      "⚠️ Ni Redis ni base de données : tout reste en mémoire, rien ne sera conservé.",
      "⚠️ Neither Redis nor a database: all is in memory, nothing will be kept.")
  }

  func redisIsAway(_ reason: String) -> String {
    language(
      "⚠️ Redis est injoignable : les sessions restent en mémoire\(language.because(reason)).",
      "⚠️ Redis is unreachable: the sessions are in memory\(language.because(reason)).")
  }

  func redisFailed(_ error: SessionStoreError) -> String {
    let reason = storeFailure(error)
    return language(
      "⚠️ \(reason) ; la discussion continue avec l'archive.",
      "⚠️ \(reason); the chat goes on with the archive.")
  }

  var redisIsBack: String {
    language("✅ Redis est de retour.", "✅ Redis is back.")
  }

  func archiveIsAway(_ reason: String) -> String {
    language(
      "⚠️ La base de données est injoignable : les messages attendent dans le journal\(language.because(reason)).",
      "⚠️ The database is unreachable: messages wait in the journal\(language.because(reason)).")
  }

  var archiveIsBack: String {
    language("✅ La base de données est de retour.", "✅ The database is back.")
  }

  func journalFlushed(_ count: Int) -> String {
    language(
      "✅ \(messages(count)) du journal dans l'archive.",
      "✅ \(messages(count)) of the journal in the archive.")
  }

  func journalRejected(_ reason: String) -> String {
    language(
      "⚠️ Un message du journal a été mis de côté, l'archive le refuse\(language.because(reason)).",
      "⚠️ A message of the journal was put aside, the archive refuses it\(language.because(reason))."
    )
  }

  var journalRepaired: String {
    language(
      "⚠️ La dernière ligne du journal était inachevée, elle est mise de côté.",
      "⚠️ The last line of the journal was not finished, and is put aside.")
  }

  func journalFailed(_ reason: String) -> String {
    language(
      "⚠️ Pas de journal : sans la base de données, rien ne pourra être dit\(language.because(reason)).",
      "⚠️ No journal: without the database, nothing can be said\(language.because(reason)).")
  }
}
