public import SessionCore

extension MySQLArchive {
  /// Takes in records, as the user's, in one transaction.
  public func restore(
    _ records: [ArchiveRecord], of user: UserID
  ) async throws -> RestoreOutcome {
    try await runBulk { [assistantName] connection in
      for _ in 1...Restore.attemptCountMax {
        do {
          return try connection.transaction {
            var restore = Restore(user: user, assistantName: assistantName, connection: connection)
            return try restore.take(records)
          }
        } catch is Restore.Collision {}
      }
      throw MySQLError(code: .deadlock, reason: "other writers were faster too often")
    }
  }
}

/// A restore on its way: what is there is read first, for all records at once.
private struct Restore {
  let user: UserID
  let assistantName: String
  let connection: MySQLConnection
  private var outcome = RestoreOutcome()
  private var state: RestoreState
  /// Rows of steps that wait to be written together.
  private var waiting: [WaitingStep] = []
  private var waitingByteCount = 0

  private struct WaitingStep {
    let index: Int
    let record: StepRecord
    let values: [MySQLValue]
  }

  /// Somebody wrote a row meanwhile that was not there when it was looked for.
  struct Collision: Error {}

  static let attemptCountMax = 5
  private static let waitingCountMax = 64
  private static let waitingByteCountMax = 512 * 1024

  init(user: UserID, assistantName: String, connection: MySQLConnection) {
    self.user = user
    self.assistantName = assistantName
    self.connection = connection
    state = RestoreState(user: user)
  }

  mutating func take(_ records: [ArchiveRecord]) throws -> RestoreOutcome {
    try state.read(records, on: connection)
    for (index, record) in records.enumerated() {
      do {
        switch record {
        case .user: break
        case .thread(let record): try take(record)
        case .step(let record): try take(record, index)
        case .element(let record): try take(record)
        }
      } catch let error as ArchiveError {
        outcome.refused[index] = error
      } catch let error as MySQLError where error.isAboutValue {
        outcome.refused[index] = ArchiveError(error)
      }
    }
    try writeSteps()
    return outcome
  }

  private mutating func take(_ record: ThreadRecord) throws {
    let id = state.place(of: record.id)
    switch state.owned[id] {
    case true?:
      outcome.counts.known += 1
      guard !record.isActivityGuessed else { return }
      let time = MySQLValue(microseconds: record.lastActivity.columnMicroseconds)
      try connection.execute(
        "UPDATE Thread t SET t.updatedAt = ? WHERE t.id = ? AND t.lastActivity < ?",
        [time, .text(id.description), time])
    case false?: throw ArchiveError.idTaken
    case nil:
      var name = record.name
      // As it is: one that another program wrote may have white space at its ends.
      if let long = name, long.unicodeScalars.count > ThreadName.characterCountMax {
        name = ThreadName.suggested(by: long)
      }
      try orCollision {
        try connection.execute(
          """
          INSERT INTO Thread
            (id, name, userId, userIdentifier, tags, metadata, createdAt, updatedAt)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
          [.text(id.description), MySQLValue(name), .text(state.userID), .text(user.name)]
            + ForeignColumns.values(
              ForeignColumns.thread, of: record.row ?? ThreadRow.columns(of: record)))
      }
      state.owned[id] = true
      outcome.counts.threads += 1
    }
  }

  private mutating func take(_ record: StepRecord, _ index: Int) throws {
    guard record.message?.id ?? record.id == record.id else {
      throw ArchiveError(code: .refused, reason: "a step and its message have two ids")
    }
    let thread = state.place(of: record.thread)
    guard state.owned[thread] == true else { throw ArchiveError.notFound }
    let scoped = record.id.copied(into: thread)
    if state.threadOfStep[record.id] == thread.description
      || state.threadOfStep[scoped] == thread.description
    {
      outcome.counts.known += 1
      return
    }
    let isKept = thread == record.thread && state.threadOfStep[record.id] == nil
    let id = isKept ? record.id : scoped
    guard state.threadOfStep[id] == nil else { throw ArchiveError.idTaken }
    var kept = record
    (kept.thread, kept.id) = (thread, id)
    if !isKept { kept.message = record.message?.copied(into: thread) }
    try write(kept, index)
    state.threadOfStep[id] = thread.description
  }

  private mutating func write(_ record: StepRecord, _ index: Int) throws {
    if let row = record.row {
      try writeSteps()
      try insert(record, row)
      if case .integer(let time)? = row["createdAt"] { state.lastRowTimes[record.thread] = time }
      outcome.counts.steps += 1
      return try addFlags(of: record)
    }
    guard let message = record.message else {
      throw ArchiveError(code: .refused, reason: "a step holds neither a message nor a row")
    }
    let time = message.rowTime(after: state.lastRowTimes[record.thread])
    state.lastRowTimes[record.thread] = time
    let values = StepRow(message, user: user, assistantName: assistantName)
      .values(in: record.thread, at: time)
    waiting.append(WaitingStep(index: index, record: record, values: values))
    waitingByteCount += values.reduce(0) { $0 + $1.byteCount }
    if waiting.count >= Self.waitingCountMax || waitingByteCount >= Self.waitingByteCountMax {
      try writeSteps()
    }
  }

  /// Writes the steps that wait, in order. One that the server does not take is left out.
  private mutating func writeSteps() throws {
    var rest = waiting[...]
    waiting = []
    waitingByteCount = 0
    while !rest.isEmpty {
      let part = rest.prefix(rowCount(upTo: rest.count))
      rest = rest.dropFirst(part.count)
      do {
        try insert(part)
      } catch let error as MySQLError where error.isAboutValue {
        for step in part {
          do {
            try insert([step])
          } catch let error as MySQLError where error.isAboutValue {
            outcome.refused[step.index] = ArchiveError(error)
          }
        }
      }
    }
  }

  private mutating func insert(_ steps: ArraySlice<WaitingStep>) throws {
    let rows = Array(repeating: StepRow.placeholders, count: steps.count)
    try orCollision {
      try connection.execute(
        "INSERT INTO Step (\(StepRow.columns)) VALUES \(rows.joined(separator: ","))",
        steps.flatMap(\.values))
    }
    outcome.counts.steps += steps.count
    for step in steps { try addFlags(of: step.record) }
  }

  private func insert(_ record: StepRecord, _ row: ForeignRow) throws {
    var row = row
    if case .text(let text)? = row["parentId"], let parent = MessageID(text),
      state.threadOfStep[parent] != record.thread.description
    {
      let scoped = parent.copied(into: record.thread)
      if state.threadOfStep[scoped] == record.thread.description {
        row["parentId"] = .text(scoped.description)
      }
    }
    let columns = ForeignColumns.step
    let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
    try orCollision {
      try connection.execute(
        """
        INSERT INTO Step (id, threadId, \(columns.joined(separator: ", "))) VALUES (?, ?, \(marks))
        """,
        [.text(record.id.description), .text(record.thread.description)]
          + ForeignColumns.values(columns, of: row))
    }
  }

  private func addFlags(of record: StepRecord) throws {
    if record.isRewound == true {
      try connection.execute(
        "UPDATE Step SET rewound = 1 WHERE id = ?", [.text(record.id.description)])
    }
    if let feedback = record.feedback {
      try FeedbackRow.set(feedback, on: record.id, connection)
    }
  }

  private mutating func take(_ record: ElementRecord) throws {
    let thread = state.place(of: record.thread)
    guard state.owned[thread] == true else { throw ArchiveError.notFound }
    let (id, scoped) = (record.element.id, record.element.id.copied(into: thread))
    if state.threadOfElement[id] == thread.description
      || state.threadOfElement[scoped] == thread.description
    {
      outcome.counts.known += 1
      return
    }
    let isKept = thread == record.thread && state.threadOfElement[id] == nil
    guard isKept || state.threadOfElement[scoped] == nil else { throw ArchiveError.idTaken }
    let element = record.element.kept(under: isKept ? id : scoped) { message in
      let copy = message.copied(into: thread)
      return isKept && state.threadOfStep[copy] != thread.description ? message : copy
    }
    try writeSteps()
    try orCollision {
      try ElementRow.insert(element, record.row, in: thread, on: connection)
      return nil
    }
    state.threadOfElement[element.id] = thread.description
    outcome.counts.elements += 1
  }

  private func orCollision(_ body: () throws -> MySQLResult?) throws {
    do {
      _ = try body()
    } catch let error as MySQLError where error.code == .duplicateKey {
      throw Collision()
    }
  }
}

extension MySQLError {
  /// Whether the server refused a value, and would take another one in its place.
  fileprivate var isAboutValue: Bool {
    if code == .tooLarge { return true }
    // Classes of SQLSTATE: data, and constraints. MySQL tells a wrong character without a class.
    let isOfValue = ["22", "23"].contains(sqlState?.prefix(2)) || errno == 1366
    return code == .refused && isOfValue
  }
}
