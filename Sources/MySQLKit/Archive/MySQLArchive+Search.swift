public import SessionCore

extension MySQLArchive: SearchableArchive {
  /// The user's threads that hold all the words of `text`, best first.
  ///
  /// The texts of a user with 20,000 messages or fewer are read: what that costs depends on this
  /// user alone. For others words come from a full-text index, which holds the words of all users;
  /// words shorter than the server indexes (`innodb_ft_min_token_size`, 3 by default) are looked
  /// for in the texts that the other words leave over. The 500 best messages and names are looked
  /// at; where texts are read, the 500 newest that hold the words.
  public func search(
    _ text: String, of user: UserID, page: PageRequest
  ) async throws -> Page<SearchHit> {
    let words = try SearchWords(checking: text)
    let start = try page.cursor.map { cursor in
      guard let start = Int(cursor.description), start > 0 else {
        throw ArchiveError(
          code: .invalidCursor, reason: "not a cursor of this list: \(cursor)")
      }
      return start
    }
    return try await run { [searchReadCountMax] connection in
      let search = try ArchiveSearch(
        words, of: user, readCountMax: searchReadCountMax, on: connection)
      let found = try search.places()
      let shown = found.dropFirst(start ?? 0).prefix(page.limit)
      let end = (start ?? 0) + shown.count
      return Page(
        elements: try search.hits(at: Array(shown)),
        next: end < found.count ? PageCursor("\(end)") : nil)
    }
  }
}

/// A search on its way.
struct ArchiveSearch {
  /// The messages that one search looks at: the best by the server's rank.
  static let candidateCountMax = 500
  /// A text that is longer is looked at around the first place of a word only.
  private static let textCountMax = 20_000

  /// A place that holds the words.
  struct Place {
    let thread: String
    let message: MessageID?
    let text: String
    let rank: Double
  }

  private let words: SearchWords
  private let user: UserID
  private let connection: MySQLConnection
  /// The words that are looked for in the server's index.
  private let indexed: [String]
  /// The words that are looked for in the texts.
  private let others: [String]

  init(
    _ words: SearchWords, of user: UserID, readCountMax: Int, on connection: MySQLConnection
  ) throws {
    self.words = words
    self.user = user
    self.connection = connection
    let indexedSizes = try Self.indexedSizes(for: user, readCountMax, connection)
    indexed = words.words.filter { indexedSizes.contains($0.unicodeScalars.count) }
    others = words.words.filter { !indexedSizes.contains($0.unicodeScalars.count) }
  }

  /// The lengths of the words that are to be found in the index: none when the user's texts are few
  /// enough to be read.
  private static func indexedSizes(
    for user: UserID, _ readCountMax: Int, _ connection: MySQLConnection
  ) throws -> Range<Int> {
    let count = try connection.query(
      """
      SELECT COUNT(*) FROM (SELECT 1 FROM Thread t JOIN Step s ON s.threadId = t.id
      WHERE \(Owner.condition) LIMIT ?) x
      """, Owner.values(user) + [.integer(Int64(readCountMax) + 1)])
    if try count[0].integer(0) <= readCountMax { return 0..<0 }
    let sizes = try connection.query(
      "SELECT @@innodb_ft_min_token_size, @@innodb_ft_max_token_size")
    return Int(try sizes[0].integer(0))..<Int(try sizes[0].integer(1)) + 1
  }

  /// The best place of each thread, best first.
  func places() throws -> [Place] {
    let all = try messagePlaces() + namePlaces()
    var seen: Set<String> = []
    // The sort is stable: what ranks equal stays in the order of the server, newest first.
    return all.sorted { $0.rank > $1.rank }.filter { seen.insert($0.thread).inserted }
  }

  /// The lines of the list for these places, those whose thread is gone meanwhile left out.
  func hits(at places: [Place]) throws -> [SearchHit] {
    if places.isEmpty { return [] }
    let marks = Array(repeating: "?", count: places.count).joined(separator: ",")
    let rows = try connection.query(
      "SELECT \(ThreadRow.columns) FROM Thread t WHERE t.id IN (\(marks))",
      places.map { .text($0.thread) })
    var summaries: [String: ThreadSummary] = [:]
    for row in rows { summaries[try row.text(0)] = try ThreadRow.summary(from: row) }
    return places.compactMap { place in
      summaries[place.thread].map { summary in
        SearchHit(
          thread: summary, message: place.message,
          snippet: SearchSnippet(of: place.text, matching: words))
      }
    }
  }

  private func messagePlaces() throws -> [Place] {
    let text = """
      IF(CHAR_LENGTH(s.output) <= \(Self.textCountMax), s.output, SUBSTRING(s.output, \
      GREATEST(1, LOCATE(?, s.output) - 500), \(Self.textCountMax)))
      """
    let rows = try connection.query(
      """
      SELECT s.threadId, s.id, \(text), \(rank("s.output"))
      FROM Step s JOIN Thread t ON t.id = s.threadId
      WHERE \(condition("s.output")) AND \(StepType.isLiving) AND \(Owner.condition)
      ORDER BY 4 DESC, s.position DESC LIMIT \(Self.candidateCountMax)
      """,
      [.text(indexed.first ?? others.first ?? "")] + rankValues + conditionValues
        + Owner.values(user))
    return try places(rows)
  }

  private func namePlaces() throws -> [Place] {
    let rows = try connection.query(
      """
      SELECT t.id, NULL, t.name, \(rank("t.name")) FROM Thread t
      WHERE \(condition("t.name")) AND \(Owner.condition)
      ORDER BY 4 DESC, t.lastActivity DESC LIMIT \(Self.candidateCountMax)
      """, rankValues + conditionValues + Owner.values(user))
    return try places(rows)
  }

  /// The rows that really hold the words. Those of the index do; a word of a pattern may have been
  /// found in the middle of another one.
  private func places(_ rows: MySQLResult) throws -> [Place] {
    try rows.compactMap { row in
      let text = try row.textOrNil(2) ?? ""
      var rank = 0.0
      if case .double(let number) = try row.value(3) { rank = number }
      if !others.isEmpty {
        let count = words.matchCount(in: text)
        // Of a very long text the server has told a part, which need not hold all the words.
        guard count != nil || text.unicodeScalars.count == Self.textCountMax else { return nil }
        if indexed.isEmpty { rank = Double(count ?? 1) }
      }
      return Place(
        thread: try row.text(0), message: MessageID(try row.textOrNil(1) ?? ""), text: text,
        rank: rank)
    }
  }

  private func rank(_ column: String) -> String {
    indexed.isEmpty ? "0e0" : "MATCH(\(column)) AGAINST (? IN BOOLEAN MODE)"
  }

  private var rankValues: [MySQLValue] { indexed.isEmpty ? [] : [.text(expression)] }

  private func condition(_ column: String) -> String {
    let parts =
      (indexed.isEmpty ? [] : [rank(column)])
      + others.map { _ in "\(column) LIKE ?" }
    return parts.joined(separator: " AND ")
  }

  private var conditionValues: [MySQLValue] {
    rankValues + others.map { .text(Self.pattern($0)) }
  }

  /// A word in a pattern. `_` would stand for any character there; and a pattern knows no letter
  /// that stands for two, so that anything may stand where `œ`, `æ` or `ß` may.
  private static func pattern(_ word: String) -> String {
    var pattern = word.replacing("_", with: "\\_")
    for (pair, _) in Self.ligatures { pattern = pattern.replacing(pair, with: "%") }
    return "%\(pattern)%"
  }

  /// Letters that stand for two.
  private static let ligatures = [("oe", "œ"), ("ae", "æ"), ("ss", "ß")]

  /// Every word, as the beginning of one. Words hold letters, digits and `_` alone, so none can
  /// mean anything else to the server.
  private var expression: String {
    indexed.map { word in
      let joined = Self.ligatures.reduce(word) { $0.replacing($1.0, with: $1.1) }
      return joined == word ? "+\(word)*" : "+(\(word)* \(joined)*)"
    }.joined(separator: " ")
  }
}
