import SessionCore

/// Searching by reading: the texts of the user, thread by thread.
extension ArchiveSearch {
  /// Texts that are fetched together: few enough to be held, all of the longest kind.
  private static let fetchCountMax = 256
  private static let threadCountMax = 1000

  /// What was found in some threads, and how far they were read.
  struct Block {
    var found: [Found] = []
    /// The threads of which nothing more is to be told.
    var told: Set<ConversationID> = []
    /// Where the next block begins; nil when there is none.
    var end: SearchPlace?
  }

  /// A thread to be read.
  private struct Part {
    let thread: ThreadSummary
    let cursor: ThreadCursor
    var positions: [UInt64] = []
    /// Whether the positions are all that is left of it.
    var isWhole = true
  }

  /// Reads from a place on: threads with as many messages as may be read, or a piece of one that
  /// has more.
  func readBlock(from place: SearchPlace?) throws -> Block {
    var parts: [Part] = []
    var isLast = true
    if let place, place.position > 0 {
      do {
        if place.isFound { throw ArchiveError.notFound }
        let thread = try connection.summary(of: place.thread.id, user)
        parts = [try piece(of: thread, place.thread, before: place.position)]
        isLast = false
      } catch let error as ArchiveError where error.code == .notFound {
        // It is among the hits already, or was deleted meanwhile.
        return try readBlock(from: SearchPlace(thread: place.thread))
      }
    } else {
      (parts, isLast) = try threads(after: place?.thread)
    }
    return try read(parts, isLast: isLast)
  }

  private func threads(after place: ThreadCursor?) throws -> ([Part], isLast: Bool) {
    let rows = try connection.threads(of: user, after: place, limit: Self.threadCountMax)
    var parts: [Part] = []
    var count = 0
    for row in rows {
      guard let thread = try ThreadRow.summary(from: row) else { continue }
      let cursor = try ThreadCursor(row: row)
      if count + thread.messageCount > readCountMax {
        if parts.isEmpty {
          return ([try piece(of: thread, cursor, before: .max)], false)
        }
        return (try withPositions(parts), false)
      }
      count += thread.messageCount
      parts.append(Part(thread: thread, cursor: cursor))
    }
    return (try withPositions(parts), rows.count < Self.threadCountMax)
  }

  /// The newest messages of a thread before a position.
  private func piece(
    of thread: ThreadSummary, _ cursor: ThreadCursor, before position: UInt64
  ) throws -> Part {
    let rows = try connection.query(
      """
      SELECT s.position FROM Step s WHERE s.threadId = ? AND s.position < ?
      AND \(StepType.isLiving) ORDER BY s.position DESC LIMIT ?
      """,
      [
        .text(thread.id.description), .unsigned(position), .integer(Int64(readCountMax)),
      ])
    return Part(
      thread: thread, cursor: cursor, positions: try rows.map { UInt64(try $0.integer(0)) },
      isWhole: rows.count < readCountMax)
  }

  /// From the index of threads alone: no text is touched yet.
  private func withPositions(_ parts: [Part]) throws -> [Part] {
    let full = parts.filter { $0.thread.messageCount > 0 }
    if full.isEmpty { return parts }
    let rows = try connection.query(
      """
      SELECT s.threadId, s.position FROM Step s
      WHERE s.threadId IN \(list(full.count)) AND \(StepType.isLiving)
      """, padded(full.map { .text($0.thread.id.description) }))
    var positions: [String: [UInt64]] = [:]
    for row in rows { positions[try row.text(0), default: []].append(UInt64(try row.integer(1))) }
    return parts.map { part in
      var part = part
      part.positions = positions[part.thread.id.description, default: []].sorted(by: >)
      return part
    }
  }

  private func read(_ parts: [Part], isLast: Bool) throws -> Block {
    var block = Block()
    var best: [ConversationID: Found] = [:]
    let queue = parts.indices.flatMap { part in parts[part].positions.map { (part, $0) } }
    var readCount = 0
    var matchCount = 0
    while readCount < queue.count, matchCount < Self.candidateCountMax {
      let places = queue[readCount..<min(readCount + Self.fetchCountMax, queue.count)]
      readCount += places.count
      let partOfPosition = Dictionary(
        places.map { ($0.1, $0.0) }, uniquingKeysWith: { first, _ in first })
      for (position, message, text) in try texts(at: places.map(\.1)) {
        guard let count = words.matchCount(in: text), let part = partOfPosition[position]
        else { continue }
        matchCount += 1
        let thread = parts[part].thread
        // The newest of several that are as good.
        if count > best[thread.id]?.count ?? 0 {
          best[thread.id] = Found(
            thread: thread, message: message, text: excerpt(of: text), count: count)
        }
      }
    }
    // What is behind the last text that was read is for the next block.
    let next = readCount < queue.count ? queue[readCount].0 : parts.endIndex
    for (index, part) in parts.enumerated() where index <= next {
      let isBegun = index == next
      if isBegun, part.positions.first == queue[readCount].1 { break }
      if !isBegun || index == 0, let name = part.thread.name,
        let count = words.matchCount(in: name), count > best[part.thread.id]?.count ?? 0
      {
        best[part.thread.id] = Found(thread: part.thread, message: nil, text: name, count: count)
      }
      let isFound = best[part.thread.id] != nil
      block.end = SearchPlace(thread: part.cursor)
      if isBegun || !part.isWhole {
        let last = isBegun ? queue[readCount - 1].1 : part.positions.last ?? 0
        block.end = SearchPlace(thread: part.cursor, position: last, isFound: isFound)
      }
      if isFound || (!isBegun && part.isWhole) { block.told.insert(part.thread.id) }
    }
    if isLast, next == parts.endIndex, parts.last?.isWhole ?? true { block.end = nil }
    block.found = Array(best.values)
    return block
  }

  /// The texts at these positions, the newest first.
  private func texts(at positions: [UInt64]) throws -> [(UInt64, MessageID?, String)] {
    let rows = try connection.query(
      """
      SELECT s.position, s.id,
        IF(CHAR_LENGTH(s.output) <= \(Self.textCountMax), s.output, NULL), s.output IS NULL
      FROM Step s WHERE s.position IN \(list(positions.count)) ORDER BY s.position DESC
      """, padded(positions.map { .unsigned($0) }))
    return try rows.map { row in
      let id = MessageID(try row.text(1))
      var text = try row.textOrNil(2) ?? ""
      if try row.textOrNil(2) == nil, try row.integer(3) == 0, let id {
        text = try self.text(of: id)
      }
      return (UInt64(try row.integer(0)), id, text)
    }
  }
}
