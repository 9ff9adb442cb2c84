public import SessionCore

extension MySQLArchive: SearchableArchive {
  /// The user's threads that hold all the words of `text`, best first.
  ///
  /// The texts of a user with 20,000 messages or fewer are read, the newest first, until 500 hold
  /// the words: what that costs depends on this user alone. For others words come from a full-text
  /// index, which holds the words of all users; words shorter than the server indexes
  /// (`innodb_ft_min_token_size`, 3 by default) are looked for in the texts that the other words
  /// leave over. The 500 best messages and names are looked at.
  public func search(
    _ text: String, of user: UserID, page: PageRequest
  ) async throws -> Page<SearchHit> {
    let words = try SearchWords(checking: text)
    let cursor = try page.cursor.map(SearchCursor.init)
    return try await run { [searchReadCountMax] connection in
      let search = try ArchiveSearch(
        words, of: user, readCountMax: searchReadCountMax, on: connection)
      if let cursor, cursor.isOfIndex != search.usesIndex {
        throw ArchiveError(
          code: .invalidCursor, reason: "the list is searched in another way by now; begin it anew")
      }
      let start = cursor?.start ?? 0
      let found = try search.places()
      let shown = found.dropFirst(start).prefix(page.limit)
      let end = start + shown.count
      return Page(
        elements: try search.hits(at: Array(shown)),
        next: end < found.count
          ? SearchCursor(start: end, isOfIndex: search.usesIndex).text : nil)
    }
  }
}

/// Where a page of hits begins. The two ways of searching order them differently.
private struct SearchCursor {
  let start: Int
  let isOfIndex: Bool

  init(start: Int, isOfIndex: Bool) {
    self.start = start
    self.isOfIndex = isOfIndex
  }

  init(_ cursor: PageCursor) throws {
    let text = cursor.description
    guard let start = Int(text.drop { $0 == "i" }), start > 0 else {
      throw ArchiveError(code: .invalidCursor, reason: "not a cursor of this list: \(cursor)")
    }
    self.init(start: start, isOfIndex: text.hasPrefix("i"))
  }

  var text: PageCursor { PageCursor(isOfIndex ? "i\(start)" : "\(start)") }
}

/// A search on its way.
struct ArchiveSearch {
  /// The messages that one search looks at: the best by the server's rank, or the newest.
  static let candidateCountMax = 500
  /// The characters of a text that are kept; of a longer one, those around the first word.
  static let textCountMax = 20_000

  /// A place that holds the words.
  struct Place {
    let thread: String
    let message: MessageID?
    let text: String
    let rank: Double
  }

  let words: SearchWords
  let user: UserID
  let connection: MySQLConnection
  private let way: Way

  private enum Way {
    /// Reading the texts at these positions, the newest first.
    case texts([Int64])
    case index(IndexedWords)
  }

  init(
    _ words: SearchWords, of user: UserID, readCountMax: Int, on connection: MySQLConnection
  ) throws {
    self.words = words
    self.user = user
    self.connection = connection
    // From the index of threads alone: no text is touched yet.
    let rows = try connection.query(
      """
      SELECT s.position FROM Thread t JOIN Step s ON s.threadId = t.id
      WHERE \(Owner.condition) AND \(StepType.isLiving) LIMIT ?
      """, Owner.values(user) + [.integer(Int64(readCountMax) + 1)])
    if rows.count <= readCountMax {
      way = .texts(try rows.map { try $0.integer(0) }.sorted(by: >))
    } else {
      way = .index(try IndexedWords(words, on: connection))
    }
  }

  var usesIndex: Bool { if case .index = way { true } else { false } }

  /// The best place of each thread, best first.
  func places() throws -> [Place] {
    let all =
      switch way {
      case .texts(let positions): try readMessages(at: positions) + readNames()
      case .index(let indexed): try indexedMessages(indexed) + indexedNames(indexed)
      }
    var seen: Set<String> = []
    // The sort is stable: what ranks equal stays in order, newest first.
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

  /// The whole text of a message.
  func text(of message: MessageID) throws -> String {
    let rows = try connection.query(
      "SELECT output FROM Step WHERE id = ?", [.text(message.description)])
    return try rows.first?.textOrNil(0) ?? ""
  }

  /// As much of a text as a snippet needs.
  func excerpt(of text: String) -> String {
    var start = text.startIndex
    SearchWords.forEachWord(in: text) { range, folded in
      guard words.isMatch(folded) else { return true }
      start = range.lowerBound
      return false
    }
    start = text.index(start, offsetBy: -500, limitedBy: text.startIndex) ?? text.startIndex
    return String(text[start...].prefix(Self.textCountMax))
  }
}
