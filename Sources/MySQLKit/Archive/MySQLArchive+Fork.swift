public import SessionCore

extension MySQLArchive {
  /// Begins a thread with copies of the messages of another one, in one transaction. The texts are
  /// copied inside the server.
  public func fork(
    _ origin: ConversationID, of user: UserID, through last: MessageID, into copy: ConversationID
  ) async throws -> ThreadSummary {
    try await write { connection in
      let fork = Fork(connection: connection, origin: origin, user: user, last: last, copy: copy)
      do {
        try connection.transaction { try fork.make() }
      } catch is Fork.Collision {
        // Somebody was as fast: now it is there, or an id of it is somebody else's.
        do {
          try connection.transaction { try fork.make() }
        } catch is Fork.Collision {
          throw ArchiveError.idTaken
        }
      }
      return try connection.summary(of: copy, user)
    }
  }
}

/// A fork on its way.
private struct Fork {
  let connection: MySQLConnection
  let origin: ConversationID
  let user: UserID
  let last: MessageID
  let copy: ConversationID

  struct Collision: Error {}

  /// A message to be copied.
  private struct Source {
    let id: MessageID
    let createdAt: Timestamp
  }

  /// Messages copied by one statement.
  private static let stepCount = 128

  func make() throws {
    try connection.lock(origin, of: user)
    let position = try connection.position(of: last, in: origin)
    let sources = try sources(through: position)
    guard let first = sources.first else { throw ArchiveError.notFound }
    if try isMade(first.id) { return }
    try makeThread(sources)
    for start in stride(from: 0, to: sources.count, by: Self.stepCount) {
      try copySteps(sources[start..<min(start + Self.stepCount, sources.count)])
    }
  }

  private func sources(through position: UInt64) throws -> [Source] {
    let placed = try connection.placedSteps(
      of: .text(origin.description), where: StepType.isLiving, [], around: position,
      before: .max, after: ArrivalOrder.margin, columns: ("s.id, s.createdAt, s.metadata", 3)
    ) { (row) throws(MySQLError) -> Source? in
      guard let id = MessageID(try row.text(0)) else { return nil }
      return Source(
        id: id, createdAt: StepRow.createdAt(try row.dateTimeOrNil(1), try row.textOrNil(2)))
    }
    let end = placed.firstIndex { $0.row.position == position } ?? placed.endIndex - 1
    return placed.prefix(end + 1).compactMap(\.row.element)
  }

  /// Whether the fork is there already. Throws when the place is taken.
  private func isMade(_ first: MessageID) throws -> Bool {
    let rows = try connection.execute(
      """
      SELECT \(Owner.condition), (SELECT s.id FROM Step s WHERE s.threadId = t.id
        AND \(StepType.isMessage) ORDER BY s.position LIMIT 1)
      FROM Thread t WHERE t.id = ?
      """, Owner.values(user) + [.text(copy.description)])
    guard let row = rows.first else { return false }
    guard try row.integerOrNil(0) == 1,
      try row.textOrNil(1) == first.copied(into: copy).description
    else { throw ArchiveError.idTaken }
    return true
  }

  private func makeThread(_ sources: [Source]) throws {
    let times = sources.map(\.createdAt.columnMicroseconds)
    let createdAt = MySQLValue(microseconds: times.first)
    let userID = try UserRow.id(of: user.name, createdAt: createdAt, on: connection)
    try orCollision {
      try connection.execute(
        """
        INSERT INTO Thread
          (id, name, userId, userIdentifier, tags, metadata, createdAt, updatedAt)
        SELECT ?, t.name, ?, ?, '{}', '{}', ?, ? FROM Thread t WHERE t.id = ?
        """,
        [
          .text(copy.description), .text(userID), .text(user.name), createdAt,
          MySQLValue(microseconds: times.max()), .text(origin.description),
        ])
    }
  }

  private func copySteps(_ sources: ArraySlice<Source>) throws {
    let names = Array(repeating: "SELECT ? AS id, ? AS copy, ? AS place", count: sources.count)
      .joined(separator: " UNION ALL ")
    let columns = """
      name, type, input, output, metadata, createdAt, startTime, endTime, isError, generation
      """
    let values = sources.enumerated().flatMap { place, source -> [MySQLValue] in
      [
        .text(source.id.description), .text(source.id.copied(into: copy).description),
        .integer(Int64(place)),
      ]
    }
    try orCollision {
      try connection.execute(
        """
        INSERT INTO Step (id, threadId, \(columns), tags, feedback, ordered)
        SELECT CONVERT(m.copy USING utf8mb4), ?, \(columns), '{}', '{}', 1
        FROM (\(names)) m JOIN Step s ON s.id = CONVERT(m.id USING utf8mb4) COLLATE utf8mb4_bin
        ORDER BY m.place
        """, [.text(copy.description)] + values)
    }
  }

  private func orCollision(_ body: () throws -> MySQLResult) throws {
    do {
      _ = try body()
    } catch let error as MySQLError where error.code == .duplicateKey {
      throw Collision()
    }
  }
}
