import SessionCore

/// What is said about records that an import left out or had to guess.
extension Texts {
  /// The most lines about single records.
  private static let lineCountMax = 10

  var nothingTaken: String {
    language(
      "rien n'a pu être repris ; attendu : un export de chat-cli, le conversations.json de ChatGPT "
        + "ou des messages OpenAI, en UTF-8",
      "nothing could be taken in; expected: an export of chat-cli, ChatGPT's conversations.json or "
        + "OpenAI messages, in UTF-8")
  }

  /// Lines about what was not taken in.
  func skipped(_ report: ImportReport) -> [String] {
    lines(report.skipped, of: report.skippedCount)
  }

  /// Lines about what was taken in, but not as it was.
  func repaired(_ report: ImportReport) -> [String] {
    let kinds = ImportOmission.allCases.compactMap { kind in
      report.leftOut[kind].map { omission(kind, count: $0) }
    }
    let leftOut = kinds.joined(separator: ", ")
    return lines(report.repaired, of: report.repairedCount)
      + (kinds.isEmpty ? [] : [language("⚠️ Hors texte : ", "⚠️ Not text: ") + leftOut])
  }

  private func lines(_ remarks: [ImportRemark], of count: Int) -> [String] {
    let shown = remarks.prefix(Self.lineCountMax)
    let lines = shown.map { "⚠️ \(place(of: $0))\(language(" : ", ": "))\(reason(of: $0))" }
    let rest = count - shown.count
    if rest == 0 { return lines }
    return lines + [
      language("⚠️ … et \(rest) de plus (--json les nomme)", "⚠️ … and \(rest) more (see --json)")
    ]
  }

  private func place(of remark: ImportRemark) -> String {
    let place = remark.place
    var text = place.file.map { UsageError.shortened($0) + ", " } ?? ""
    // Many records may stand on one line.
    text +=
      place.number > place.line
      ? language("n° \(place.number)", "record \(place.number)")
      : language("ligne \(place.line)", "line \(place.line)")
    guard let name = remark.title ?? remark.id else { return text }
    let shown = UsageError.shortened(name)
    return text + language(" (« \(shown) »)", " ('\(shown)')")
  }

  /// Why a record was not taken in, or what was guessed of it.
  func reason(of remark: ImportRemark) -> String {
    switch remark.reason {
    case .notJSON: language("ce n'est pas du JSON", "this is not JSON")
    case .cut: language("coupé au milieu", "cut in the middle")
    case .tooLong(let limit):
      language("plus long que \(limit >> 20) Mio", "longer than \(limit >> 20) MiB")
    case .unknownKind:
      language(
        "ce n'est ni une conversation ni un message", "this is neither a conversation nor a message"
      )
    case .empty: language("aucun message", "no messages")
    case .refused(let error): archiveFailure(error)
    case .newestBranch:
      language(
        "la dernière branche affichée est inconnue, la plus récente est prise",
        "which branch was shown last is unknown, the newest is taken")
    case .gap:
      language(
        "des messages manquent entre ceux qui sont là", "messages are missing between those there")
    }
  }

  private func omission(_ kind: ImportOmission, count: Int) -> String {
    switch kind {
    case .images: language.count(count, Phrase("image"), Phrase("images"))
    case .files: language.count(count, Phrase("fichier", "file"), Phrase("fichiers", "files"))
    case .audio:
      language.count(count, Phrase("son", "recording"), Phrase("sons", "recordings"))
    case .video: language.count(count, Phrase("vidéo", "video"), Phrase("vidéos", "videos"))
    case .thoughts:
      language.count(count, Phrase("réflexion", "thought"), Phrase("réflexions", "thoughts"))
    case .customInstructions:
      language.count(
        count, Phrase("instruction personnelle", "custom instruction"),
        Phrase("instructions personnelles", "custom instructions"))
    case .hidden:
      language.count(
        count, Phrase("message caché", "hidden message"),
        Phrase("messages cachés", "hidden messages"))
    case .otherBranches:
      language.count(
        count, Phrase("message d'une autre branche", "message of another branch"),
        Phrase("messages d'autres branches", "messages of other branches"))
    case .unknown:
      language.count(
        count, Phrase("élément inconnu", "unknown item"),
        Phrase("éléments inconnus", "unknown items"))
    }
  }
}
