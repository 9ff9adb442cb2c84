import SessionCore

/// Words as the server's full-text index takes them.
struct IndexedWords {
  /// The words that are looked for in the index, each with the spellings that it may have there.
  let indexed: [[String]]
  /// The words that are too short or too long for it: they are looked for in the texts.
  let others: [String]

  init(_ words: SearchWords, on connection: MySQLConnection) throws {
    let sizes = try connection.query(
      "SELECT @@innodb_ft_min_token_size, @@innodb_ft_max_token_size")
    let range = Int(try sizes[0].integer(0))...Int(try sizes[0].integer(1))
    var (indexed, others): ([[String]], [String]) = ([], [])
    for (word, typed) in zip(words.words, words.spellings) {
      if range.contains(word.unicodeScalars.count) {
        indexed.append(Self.spellings(of: word, typed))
      } else {
        others.append(word)
      }
    }
    (self.indexed, self.others) = (indexed, others)
  }

  /// What the index may know a word by. It takes `é` for `e`, but `œ` not for `oe` nor `ø` for `o`:
  /// the latter is found as it was typed.
  private static func spellings(of word: String, _ typed: String) -> [String] {
    var spellings = [word]
    for (pair, letter) in [("oe", "œ"), ("ae", "æ"), ("ss", "ß")] where word.contains(pair) {
      spellings += spellings.map { $0.replacing(pair, with: letter) }
    }
    return spellings.contains(typed) ? spellings : spellings + [typed]
  }

  func rank(_ column: String) -> String {
    indexed.isEmpty ? "0e0" : "MATCH(\(column)) AGAINST (? IN BOOLEAN MODE)"
  }

  var rankValues: [MySQLValue] { indexed.isEmpty ? [] : [.text(expression)] }

  func condition(_ column: String) -> String {
    let parts =
      (indexed.isEmpty ? [] : [rank(column)])
      + others.map { _ in "\(column) LIKE ?" }
    return parts.joined(separator: " AND ")
  }

  var conditionValues: [MySQLValue] {
    // `_` would stand for any character.
    rankValues + others.map { .text("%\($0.replacing("_", with: "\\_"))%") }
  }

  /// Every word, as the beginning of one. Words hold letters, digits and `_` alone, so none can
  /// mean anything else to the server.
  private var expression: String {
    indexed.map { spellings in
      "+(" + spellings.map { "\($0)*" }.joined(separator: " ") + ")"
    }.joined(separator: " ")
  }
}

/// Searching by the full-text index, for a user with very many messages.
extension ArchiveSearch {
  func indexedMessages(_ indexed: IndexedWords) throws -> [Place] {
    let text = """
      IF(CHAR_LENGTH(s.output) <= \(Self.textCountMax), s.output, SUBSTRING(s.output, \
      GREATEST(1, LOCATE(?, s.output) - 500), \(Self.textCountMax)))
      """
    let rows = try connection.query(
      """
      SELECT s.threadId, s.id, \(text), \(indexed.rank("s.output")),
        CHAR_LENGTH(s.output) > \(Self.textCountMax)
      FROM Step s JOIN Thread t ON t.id = s.threadId
      WHERE \(indexed.condition("s.output")) AND \(StepType.isLiving) AND \(Owner.condition)
      ORDER BY 4 DESC, s.position DESC LIMIT \(Self.candidateCountMax)
      """,
      [.text(words.words.first ?? "")] + indexed.rankValues + indexed.conditionValues
        + Owner.values(user))
    return try places(rows, indexed)
  }

  func indexedNames(_ indexed: IndexedWords) throws -> [Place] {
    let rows = try connection.query(
      """
      SELECT t.id, NULL, t.name, \(indexed.rank("t.name")), 0 FROM Thread t
      WHERE \(indexed.condition("t.name")) AND \(Owner.condition)
      ORDER BY 4 DESC, t.lastActivity DESC LIMIT \(Self.candidateCountMax)
      """, indexed.rankValues + indexed.conditionValues + Owner.values(user))
    return try places(rows, indexed)
  }

  /// The rows that really hold the words. Those of the index do; a short word may have been found
  /// in the middle of another one.
  private func places(_ rows: MySQLResult, _ indexed: IndexedWords) throws -> [Place] {
    try rows.compactMap { row in
      let message = MessageID(try row.textOrNil(1) ?? "")
      var text = try row.textOrNil(2) ?? ""
      var rank = 0.0
      if case .double(let number) = try row.value(3) { rank = number }
      if !indexed.others.isEmpty {
        if try row.integer(4) != 0, let message { text = try self.text(of: message) }
        guard let count = words.matchCount(in: text) else { return nil }
        if indexed.indexed.isEmpty { rank = Double(count) }
        if text.utf8.count > Self.textCountMax { text = excerpt(of: text) }
      }
      return Place(thread: try row.text(0), message: message, text: text, rank: rank)
    }
  }
}
