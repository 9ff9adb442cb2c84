import MySQLKit
import SessionCore

/// What is said about exports, imports and files.
extension Texts {
  func hereIsFile(_ name: String) -> String {
    language("Voici le fichier \(name) :", "Here is the file \(name):")
  }

  func exported(_ counts: RestoreCounts, to path: String?) -> String {
    let what = threadsAndMessages(counts.threads, counts.steps)
    guard let path else { return language("✅ \(what) exportés.", "✅ \(what) exported.") }
    return language("✅ \(what) exportés dans \(path).", "✅ \(what) exported to \(path).")
  }

  func imported(_ counts: RestoreCounts) -> String {
    let what = threadsAndMessages(counts.threads, counts.steps)
    return language(
      "✅ \(what) repris, \(counts.known) éléments étaient déjà là.",
      "✅ \(what) taken in, \(counts.known) items were there already.")
  }

  func forgot(_ user: UserID, _ counts: DeletionCounts, isDryRun: Bool) -> String {
    let what = threadsAndMessages(counts.threads, counts.steps)
    return isDryRun
      ? language(
        "\(what) de « \(user) » seraient effacés.", "\(what) of '\(user)' would be removed.")
      : language("🗑️ \(what) de « \(user) » effacés.", "🗑️ \(what) of '\(user)' removed.")
  }

  func pruned(_ counts: DeletionCounts, days: Int, isDryRun: Bool) -> String {
    let what = threadsAndMessages(counts.threads, counts.steps)
    let time =
      language("depuis ", "for ")
      + language.count(days, Phrase("jour", "day"), Phrase("jours", "days"))
    return isDryRun
      ? language(
        "\(what) sans activité \(time) seraient effacés.",
        "\(what), untouched \(time), would be removed.")
      : language(
        "🗑️ \(what) sans activité \(time) effacés.", "🗑️ \(what), untouched \(time), removed.")
  }

  /// What is counted in exports and imports.
  var linesUnit: String { language("lignes", "lines") }

  var messagesUnit: String { language("messages", "messages") }

  var threadsUnit: String { language("discussions", "threads") }

  /// One line about a change of the schema, which tells no time left: a statement says nothing
  /// until it has ended.
  func schemaProgress(_ progress: SchemaProgress, after time: Duration) -> String {
    let (number, last) = (progress.migration, progress.lastMigration)
    return language(
      "mise à jour du schéma \(number)/\(last), instruction \(progress.statementCount), "
        + "\(time.components.seconds) s",
      "upgrading the schema \(number)/\(last), statement \(progress.statementCount), "
        + "\(time.components.seconds) s")
  }

  private func threadsAndMessages(_ threads: Int, _ count: Int) -> String {
    let what = language.count(
      threads, Phrase("discussion", "thread"), Phrase("discussions", "threads"))
    return language("\(what) et \(messages(count))", "\(what) and \(messages(count))")
  }

  func fileFailure(_ error: FileError) -> String {
    let path = UsageError.shortened(error.path)
    return language("\(path) : ", "\(path): ") + error.reason(language)
  }

  /// One line about long work: amount, rate, and what is left as far as the whole is known.
  func progress(
    count: Int, _ unit: String, part: Int, of whole: Int?, after time: Duration
  ) -> String {
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    let rate = seconds > 0 ? Int(Double(count) / seconds) : 0
    var line = "\(count) \(unit), \(rate)/s"
    if let whole, whole > 0, part > 0 {
      let part = min(1, Double(part) / Double(whole))
      let left = Int((seconds / part - seconds).rounded(.up))
      line += language(
        ", \(Int(part * 100)) %, reste \(left) s", ", \(Int(part * 100))%, \(left) s left")
    }
    return line
  }
}
