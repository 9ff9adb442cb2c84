import SessionCore

/// Searching by reading: every text of the user, until enough of them hold the words.
extension ArchiveSearch {
  /// Texts that are fetched together: few enough to be held, all of the longest kind.
  private static let fetchCountMax = 256

  /// The newest messages that hold the words, ranked by how often they do.
  func readMessages(at positions: [Int64]) throws -> [Place] {
    var places: [Place] = []
    var rest = positions[...]
    while !rest.isEmpty, places.count < Self.candidateCountMax {
      let part = rest.prefix(Self.fetchCountMax)
      rest = rest.dropFirst(part.count)
      let rows = try connection.query(
        """
        SELECT s.threadId, s.id,
          IF(CHAR_LENGTH(s.output) <= \(Self.textCountMax), s.output, NULL), s.output IS NULL
        FROM Step s WHERE s.position IN \(list(part.count)) ORDER BY s.position DESC
        """, padded(part.map { .integer($0) }))
      for row in rows {
        let id = MessageID(try row.text(1))
        var text = try row.textOrNil(2) ?? ""
        let isLong = try row.textOrNil(2) == nil && row.integer(3) == 0
        if isLong, let id { text = try self.text(of: id) }
        guard let count = words.matchCount(in: text) else { continue }
        places.append(
          Place(
            thread: try row.text(0), message: id, text: isLong ? excerpt(of: text) : text,
            rank: Double(count)))
      }
    }
    return Array(places.prefix(Self.candidateCountMax))
  }

  /// The names that hold the words, of the threads used last.
  func readNames() throws -> [Place] {
    let rows = try connection.query(
      """
      SELECT t.id, t.name FROM Thread t WHERE \(Owner.condition) AND t.name IS NOT NULL
      ORDER BY t.lastActivity DESC
      """, Owner.values(user))
    var places: [Place] = []
    for row in rows where places.count < Self.candidateCountMax {
      let name = try row.text(1)
      guard let count = words.matchCount(in: name) else { continue }
      places.append(
        Place(thread: try row.text(0), message: nil, text: name, rank: Double(count)))
    }
    return places
  }
}
