public import SessionCore

extension MySQLArchive {
  /// The user's threads that hold all the words of `text`, best first.
  ///
  /// Texts are read, those of the thread used last first: a page looks at 20,000 of them, or at as
  /// many as it takes to find 500 with the words, and the next one goes on behind them. Of a user
  /// who has more, a full-text index of the words of all users tells the rest at once, where it can
  /// within 0.15 s: not for words of scripts without spaces or emoji, and not for words that are
  /// nearly everywhere. What ranks best is told within these bounds.
  public func search(
    _ text: String, of user: UserID, page: PageRequest
  ) async throws -> Page<SearchHit> {
    let words = try SearchWords(checking: text)
    let cursor = try page.cursor.map(SearchCursor.init(reading:)) ?? SearchCursor()
    return try await run { [searchReadCountMax] connection in
      var search = ArchiveSearch(
        words: words, user: user, readCountMax: searchReadCountMax, connection: connection)
      return try search.page(from: cursor, limit: page.limit)
    }
  }
}

/// Where a page of hits begins: at a hit of those that are found from a place on.
struct SearchCursor {
  var offset = 0
  /// Where reading begins; nil for the thread used last.
  var place: SearchPlace?
  /// Whether the index told what it knows with the first page.
  var isIndexTold = false

  init(offset: Int = 0, place: SearchPlace? = nil, isIndexTold: Bool = false) {
    self.offset = offset
    self.place = place
    self.isIndexTold = isIndexTold
  }

  init(reading cursor: PageCursor) throws(ArchiveError) {
    let parts = cursor.description.split(separator: ":", omittingEmptySubsequences: false)
    let invalid = ArchiveError(
      code: .invalidCursor, reason: "not a cursor of this list: \(cursor)")
    guard parts.count == 2 || parts.count == 5, let offset = Int(parts[0]), offset >= 0,
      ["i", ""].contains(parts[1])
    else { throw invalid }
    self.init(offset: offset, isIndexTold: parts[1] == "i")
    if parts.count == 2 { return }
    guard let position = UInt64(parts[3]), ["f", ""].contains(parts[4]) else { throw invalid }
    place = SearchPlace(
      thread: try ThreadCursor(reading: PageCursor(String(parts[2]))), position: position,
      isFound: parts[4] == "f")
  }

  var cursor: PageCursor {
    let start = "\(offset):\(isIndexTold ? "i" : "")"
    guard let place else { return PageCursor(start) }
    return PageCursor(
      "\(start):\(place.thread.cursor):\(place.position):\(place.isFound ? "f" : "")")
  }
}

/// How far the texts of a user were read: the threads before this one, and this one's messages from
/// the newest down to a position.
struct SearchPlace {
  let thread: ThreadCursor
  /// 0 when the thread was read to its end.
  var position: UInt64 = 0
  /// Whether this thread is among the hits already.
  var isFound = false
}

/// A search on its way.
struct ArchiveSearch {
  /// The messages with the words that one page looks at.
  static let candidateCountMax = 500
  /// The characters of a text that are kept; of a longer one, those around the first word.
  static let textCountMax = 20_000
  /// Time after which a page is given though it holds no hit: a short one where the index knows
  /// what was not read.
  private static func timeLimit(isIndexTold: Bool) -> Duration {
    isIndexTold ? .milliseconds(250) : .seconds(4)
  }

  /// The best place of a thread that holds the words.
  struct Found {
    let thread: ThreadSummary
    let message: MessageID?
    let text: String
    let count: Int
  }

  let words: SearchWords
  let user: UserID
  /// Texts that are read for one page.
  let readCountMax: Int
  let connection: MySQLConnection

  /// The index answered this within 0.15 s before. A page that goes on without it would tell a
  /// thread twice, so a busy server is given time.
  private static let repeatedIndexTime = Duration.seconds(10)

  mutating func page(from cursor: SearchCursor, limit: Int) throws -> Page<SearchHit> {
    let start = ContinuousClock.now
    var cursor = cursor
    var indexed: [Found]?
    if cursor.place != nil, cursor.isIndexTold {
      indexed = try indexedHits(within: Self.repeatedIndexTime)
    }
    while true {
      let block = try readBlock(from: cursor.place)
      var found = block.found
      // A list whose first page was made without the index goes on so.
      let asksIndex = cursor.isIndexTold || cursor.offset == 0
      if cursor.place == nil, block.end != nil, asksIndex {
        indexed = try indexedHits(
          within: cursor.isIndexTold ? Self.repeatedIndexTime : .milliseconds(150))
        cursor.isIndexTold = indexed != nil
        found += (indexed ?? []).filter { !block.told.contains($0.thread.id) }
      } else if let indexed {
        let told = Set(indexed.map(\.thread.id))
        found.removeAll { told.contains($0.thread.id) }
      }
      found.sort { left, right in
        (left.count, left.thread.lastActivity, left.thread.id)
          > (right.count, right.thread.lastActivity, right.thread.id)
      }
      let shown = found.dropFirst(cursor.offset).prefix(limit)
      let end = cursor.offset + shown.count
      let isIndexTold = cursor.isIndexTold
      let next =
        end < found.count
        ? SearchCursor(offset: end, place: cursor.place, isIndexTold: isIndexTold)
        : block.end.map { SearchCursor(place: $0, isIndexTold: isIndexTold) }
      if let next, shown.isEmpty,
        ContinuousClock.now - start < Self.timeLimit(isIndexTold: isIndexTold)
      {
        cursor = next
        continue
      }
      return Page(elements: shown.map(hit), next: next?.cursor)
    }
  }

  private func hit(_ found: Found) -> SearchHit {
    SearchHit(
      thread: found.thread, message: found.message,
      snippet: SearchSnippet(of: found.text, matching: words))
  }

  /// The whole text of a message.
  func text(of message: MessageID) throws -> String {
    let rows = try connection.query(
      "SELECT output FROM Step WHERE id = ?", [.text(message.description)])
    return try rows.first?.textOrNil(0) ?? ""
  }

  /// As much of a text as a snippet needs.
  func excerpt(of text: String) -> String {
    if text.utf8.count <= Self.textCountMax { return text }
    var start = text.startIndex
    words.forEachMatch(in: text) { range in
      start = range.lowerBound
      return false
    }
    start = text.index(start, offsetBy: -500, limitedBy: text.startIndex) ?? text.startIndex
    return String(text[start...].prefix(Self.textCountMax))
  }
}
