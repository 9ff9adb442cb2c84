import SessionCore

/// The writing half: threads first, for their steps refer to them.
extension AppendTransaction {
  /// Writes the threads and the steps: one round trip, where no thread is to be made.
  func write() throws {
    let touched = threads.filter { $0.value.isTouched }.sorted { $0.key < $1.key }
    for (id, thread) in touched where thread.isNew { try makeThread(id, thread) }
    let statements = touches(of: touched.filter { !$0.value.isNew }) + insertions()
    if !statements.isEmpty { try orCollision { _ = try connection.execute(statements) } }
  }

  private func touches(
    of threads: [(key: ConversationID, value: LockedThread)]
  ) -> [MySQLConnection.Statement] {
    chunks(threads) { threads in
      let rows = Array(repeating: "(?, ?, ?, ?)", count: threads.count).joined(separator: ",")
      // The rows are there, and locked: this updates many of them at once. A thread of Chainlit's
      // may know its owner by the row of the user alone, and forget it.
      return .init(
        """
        INSERT INTO Thread (id, name, userIdentifier, updatedAt) VALUES \(rows)
        ON DUPLICATE KEY UPDATE updatedAt = VALUES(updatedAt),
          name = COALESCE(name, VALUES(name)),
          userIdentifier = COALESCE(userIdentifier, VALUES(userIdentifier))
        """,
        threads.flatMap { id, thread in
          [
            .text(id.description), MySQLValue(thread.name), MySQLValue(thread.owner),
            MySQLValue(microseconds: thread.lastActivity),
          ]
        })
    }
  }

  private func insertions() -> [MySQLConnection.Statement] {
    var rowTimes = threads.mapValues(\.lastStep.time)
    return chunks(fresh) { places in
      var values: [MySQLValue] = []
      for index in places {
        let pending = group[index]
        let time = pending.message.rowTime(after: rowTimes[pending.thread] ?? nil)
        rowTimes[pending.thread] = time
        values += pending.row.values(in: pending.thread, at: time)
      }
      let rows = Array(repeating: StepRow.placeholders, count: places.count)
      return .init(
        "INSERT INTO Step (\(StepRow.columns)) VALUES \(rows.joined(separator: ","))", values)
    }
  }

  /// One statement for each run of rows; the runs come in few lengths, so that few statements are
  /// ever prepared.
  private func chunks<Row>(
    _ rows: [Row], _ statement: (ArraySlice<Row>) -> MySQLConnection.Statement
  ) -> [MySQLConnection.Statement] {
    var statements: [MySQLConnection.Statement] = []
    var rest = rows[...]
    while !rest.isEmpty {
      let count = rowCount(upTo: rest.count)
      statements.append(statement(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return statements
  }

  private func makeThread(_ id: ConversationID, _ thread: LockedThread) throws {
    guard let owner = thread.owner else { return }
    let createdAt = MySQLValue(
      microseconds:
        group.first { $0.thread == id }?.message.createdAt.columnMicroseconds ?? 0)
    try orCollision {
      try connection.execute(
        """
        INSERT INTO Thread
          (id, name, userId, userIdentifier, tags, metadata, createdAt, updatedAt)
        VALUES (?, ?, ?, ?, '{}', '{}', ?, ?)
        """,
        [
          .text(id.description), MySQLValue(thread.name),
          .text(try userIDs[owner] ?? UserRow.id(of: owner, createdAt: createdAt, on: connection)),
          .text(owner),
          createdAt, MySQLValue(microseconds: thread.lastActivity),
        ])
    }
  }

  private func orCollision(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as MySQLError where error.code == .duplicateKey {
      throw Collision()
    }
  }
}
