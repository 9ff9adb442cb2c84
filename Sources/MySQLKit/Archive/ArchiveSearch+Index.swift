import SessionCore

/// Searching by the full-text index, for a user with very many messages.
extension ArchiveSearch {
  /// How many of 512 messages hold a word that the index is not asked for.
  private static let commonCountMin = 8

  /// The best places of the threads that the index knows for the words; nil when it knows none of
  /// the words, or takes longer than `limit`.
  func indexedHits(within limit: Duration) throws -> [Found]? {
    guard let expression = try expression() else { return nil }
    do {
      // Both servers read their own half of it.
      let seconds = Double(limit.wholeMilliseconds) / 1000
      try connection.execute(
        """
        SET SESSION /*M! max_statement_time = \(seconds) */ \
        /*!50708 max_execution_time = \(limit.wholeMilliseconds) */
        """)
      defer {
        _ = try? connection.execute(
          """
          SET SESSION /*M! max_statement_time = DEFAULT */ /*!50708 max_execution_time = DEFAULT */
          """)
      }
      return try bestPlaces(expression)
    } catch let error as MySQLError where error.code == .interrupted || error.errno == 188 {
      return nil
    }
  }

  private func bestPlaces(_ expression: String) throws -> [Found] {
    var best: [String: (message: MessageID?, text: String, count: Int)] = [:]
    func add(_ thread: String, _ message: MessageID?, _ text: String) {
      // The index knows words that are none to us, and the other way round.
      guard let count = words.matchCount(in: text), count > best[thread]?.count ?? 0 else {
        return
      }
      best[thread] = (message, excerpt(of: text), count)
    }
    for row in try messages(expression) {
      let message = MessageID(try row.text(1))
      var text = try row.textOrNil(2) ?? ""
      if try row.integer(3) != 0, let message { text = try self.text(of: message) }
      add(try row.text(0), message, text)
    }
    for row in try names(expression) { add(try row.text(0), nil, try row.text(1)) }
    if best.isEmpty { return [] }
    let ids = best.keys.sorted()
    let threads = try connection.query(
      "SELECT \(ThreadRow.columns) FROM Thread t WHERE t.id IN \(list(ids.count))",
      padded(ids.map { .text($0) }))
    return try threads.compactMap { row in
      guard let thread = try ThreadRow.summary(from: row), let place = best[try row.text(0)] else {
        return nil
      }
      return Found(
        thread: thread, message: place.message, text: place.text, count: place.count)
    }
  }

  private func messages(_ expression: String) throws -> MySQLResult {
    try connection.query(
      """
      SELECT s.threadId, s.id, IF(CHAR_LENGTH(s.output) <= \(Self.textCountMax), s.output, NULL),
        CHAR_LENGTH(s.output) > \(Self.textCountMax),
        MATCH(s.output) AGAINST (? IN BOOLEAN MODE)
      FROM Step s JOIN Thread t ON t.id = s.threadId
      WHERE MATCH(s.output) AGAINST (? IN BOOLEAN MODE) AND \(StepType.isLiving)
        AND \(Owner.condition)
      ORDER BY 5 DESC, s.position DESC LIMIT \(Self.candidateCountMax)
      """, [.text(expression), .text(expression)] + Owner.values(user))
  }

  private func names(_ expression: String) throws -> MySQLResult {
    try connection.query(
      """
      SELECT t.id, t.name, MATCH(t.name) AGAINST (? IN BOOLEAN MODE) FROM Thread t
      WHERE MATCH(t.name) AGAINST (? IN BOOLEAN MODE) AND \(Owner.condition)
      ORDER BY 3 DESC, t.lastActivity DESC LIMIT \(Self.candidateCountMax)
      """, [.text(expression), .text(expression)] + Owner.values(user))
  }

  /// What the index is asked for: every rare word that it can know, as the beginning of one. Words
  /// hold
  /// letters, digits and `_` alone, so none can mean anything else to the server. Nil when there is
  /// none.
  private func expression() throws -> String? {
    let sizes = try connection.query(
      "SELECT @@innodb_ft_min_token_size, @@innodb_ft_max_token_size")
    let range = try sizes[0].integer(0)...sizes[0].integer(1)
    let known = words.entries.filter {
      $0.beginsWord && range.contains(Int64($0.text.unicodeScalars.count))
    }
    let parts = try rare(known).map { word in
      let spellings = spellings(of: word.text, word.spelling).map { "\($0)*" }
      return "+(" + spellings.joined(separator: " ") + ")"
    }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// The words that not too many messages of all users hold, by a sample of them.
  ///
  /// The index takes some 10 µs for each message with a word, and notices late that it is to stop.
  private func rare(_ words: [SearchWords.Word]) throws -> [SearchWords.Word] {
    let probeCount = 8
    let lengthMax = 64
    let last = try connection.query("SELECT COALESCE(MAX(position), 0) FROM Step")[0].integer(0)
    if words.isEmpty || last < Int64(probeCount * lengthMax * 40) { return words }
    var counts = Array(repeating: 0, count: words.count)
    let searches = words.map { SearchWords($0) }
    for probe in 0..<probeCount {
      let texts = try connection.query(
        """
        SELECT LEFT(COALESCE(s.output, ''), 2000) FROM Step s WHERE s.position > ?
        ORDER BY s.position LIMIT \(lengthMax)
        """, [.integer(last / Int64(probeCount) * Int64(probe))])
      for text in texts {
        let text = try text.text(0)
        for (index, search) in searches.enumerated() where search.matchCount(in: text) != nil {
          counts[index] += 1
        }
      }
    }
    return zip(words, counts).filter { $0.1 < Self.commonCountMin }.map(\.0)
  }

  /// What the index may know a word by. It takes `é` for `e`, but `œ` not for `oe` nor `ø` for `o`:
  /// the latter is found as it was typed.
  private func spellings(of word: String, _ typed: String) -> [String] {
    var spellings = [word]
    for (pair, letter) in [("oe", "œ"), ("ae", "æ"), ("ss", "ß")] where word.contains(pair) {
      spellings += spellings.map { $0.replacing(pair, with: letter) }
    }
    let isPlain = typed.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_"
    }
    return spellings.contains(typed) || !isPlain ? spellings : spellings + [typed]
  }
}
