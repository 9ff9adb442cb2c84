import SessionCore

/// The writing half: threads first, for their steps refer to them.
extension AppendTransaction {
  func writeThreads() throws {
    let touched = threads.filter { $0.value.isTouched }.sorted { $0.key < $1.key }
    for (id, thread) in touched where thread.isNew { try makeThread(id, thread) }
    var rest = touched.filter { !$0.value.isNew }[...]
    while !rest.isEmpty {
      let count = largestPowerOfTwo(upTo: rest.count)
      let rows = Array(repeating: "(?, ?, ?, ?)", count: count).joined(separator: ",")
      // The rows are there, and locked: this updates many of them at once. A thread of Chainlit's
      // may know its owner by the row of the user alone, and forget it.
      try connection.execute(
        """
        INSERT INTO Thread (id, name, userIdentifier, updatedAt) VALUES \(rows)
        ON DUPLICATE KEY UPDATE updatedAt = VALUES(updatedAt),
          name = COALESCE(name, VALUES(name)),
          userIdentifier = COALESCE(userIdentifier, VALUES(userIdentifier))
        """,
        rest.prefix(count).flatMap { id, thread in
          [
            .text(id.description), MySQLValue(thread.name), MySQLValue(thread.owner),
            MySQLValue(microseconds: thread.lastActivity),
          ]
        })
      rest = rest.dropFirst(count)
    }
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
          .text(try UserRow.id(of: owner, createdAt: createdAt, on: connection)), .text(owner),
          createdAt, MySQLValue(microseconds: thread.lastActivity),
        ])
    }
  }

  func writeSteps() throws {
    var rowTimes = threads.mapValues(\.lastRowTime)
    var rest = fresh[...]
    while !rest.isEmpty {
      // Numbers of rows that are powers of two, so that few statements are ever prepared.
      let count = largestPowerOfTwo(upTo: rest.count)
      var values: [MySQLValue] = []
      for index in rest.prefix(count) {
        let pending = group[index]
        let time = pending.message.rowTime(after: rowTimes[pending.thread] ?? nil)
        rowTimes[pending.thread] = time
        values += pending.row.values(in: pending.thread, at: time)
      }
      rest = rest.dropFirst(count)
      let rows = Array(repeating: StepRow.placeholders, count: count).joined(separator: ",")
      try orCollision {
        try connection.execute("INSERT INTO Step (\(StepRow.columns)) VALUES \(rows)", values)
      }
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
