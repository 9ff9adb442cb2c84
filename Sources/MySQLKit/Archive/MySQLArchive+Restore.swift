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
  private var userID = ""
  /// Whether a thread is the user's; those that are not there are missing.
  private var owned: [ConversationID: Bool] = [:]
  /// The row time of the last step of a thread.
  private var lastRowTimes: [ConversationID: Int64] = [:]
  private var threadOfStep: [MessageID: String] = [:]
  private var threadOfElement: [ElementID: String] = [:]
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
  }

  mutating func take(_ records: [ArchiveRecord]) throws -> RestoreOutcome {
    try readState(records)
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

  // MARK: What is there

  private mutating func readState(_ records: [ArchiveRecord]) throws {
    var createdAt: Timestamp?
    var threads: Set<ConversationID> = []
    var steps: [MessageID] = []
    var elements: [ElementID] = []
    for record in records {
      let thread: ConversationID
      switch record {
      case .user: continue
      case .thread(let record):
        thread = record.id
        createdAt = createdAt ?? record.createdAt
      case .step(let record):
        thread = record.thread
        steps += [record.id, record.id.copied(into: thread)]
        steps.append(record.id.copied(into: thread.derived(for: user)))
      case .element(let record):
        thread = record.thread
        elements += [record.element.id, record.element.id.copied(into: thread)]
        elements.append(record.element.id.copied(into: thread.derived(for: user)))
        if let message = record.element.message { steps.append(message.copied(into: thread)) }
      }
      threads.formUnion([thread, thread.derived(for: user)])
    }
    if let createdAt {
      userID = try UserRow.id(
        of: user.name, createdAt: MySQLValue(microseconds: createdAt.columnMicroseconds),
        on: connection)
      // One import of a user writes at a time: two would wait for one another's rows.
      try connection.execute("SELECT u.id FROM `User` u WHERE u.id = ? FOR UPDATE", [.text(userID)])
    }
    try lock(threads.sorted())
    for row in try rows(
      "SELECT s.id, COALESCE(s.threadId, '') FROM Step s WHERE s.id IN", steps.map(\.description))
    {
      if let id = MessageID(try row.text(0)) { threadOfStep[id] = try row.text(1) }
    }
    for row in try rows(
      "SELECT e.id, COALESCE(e.threadId, '') FROM Element e WHERE e.id IN",
      elements.map(\.description))
    {
      if let id = ElementID(try row.text(0)) { threadOfElement[id] = try row.text(1) }
    }
  }

  /// Locks the rows of the threads: nobody appends to them meanwhile.
  private mutating func lock(_ threads: [ConversationID]) throws {
    let names = threads.map(\.description)
    for row in try rows(
      "SELECT t.id, \(Owner.condition) FROM Thread t WHERE t.id IN", names,
      after: Owner.values(user), "ORDER BY t.id FOR UPDATE")
    {
      if let id = ConversationID(try row.text(0)) { owned[id] = try row.integerOrNil(1) == 1 }
    }
    let own = owned.filter(\.value).map(\.key.description)
    for row in try rows(
      """
      SELECT t.id, (SELECT s.createdAt FROM Step s WHERE s.threadId = t.id
        ORDER BY s.position DESC LIMIT 1) FROM Thread t WHERE t.id IN
      """, own)
    {
      guard let id = ConversationID(try row.text(0)) else { continue }
      lastRowTimes[id] = try row.dateTimeOrNil(1)?.microseconds
    }
  }

  /// The rows of a statement that ends with a list, some hundreds of values at a time.
  private func rows(
    _ sql: String, _ list: [String], after values: [MySQLValue] = [], _ end: String = ""
  ) throws -> [MySQLRow] {
    try stride(from: 0, to: list.count, by: 512).flatMap { start in
      let part = list[start..<min(start + 512, list.count)].map { MySQLValue.text($0) }
      return try connection.execute(
        "\(sql) \(MySQLKit.list(part.count)) \(end)", values + padded(part)
      ).map { $0 }
    }
  }

  /// The thread that a record's is kept as: another user's has an id of its own.
  private func place(of thread: ConversationID) -> ConversationID {
    let derived = thread.derived(for: user)
    if owned[derived] == true { return derived }
    return owned[thread] ?? true ? thread : derived
  }

  // MARK: What is written

  private mutating func take(_ record: ThreadRecord) throws {
    let id = place(of: record.id)
    switch owned[id] {
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
          [.text(id.description), MySQLValue(name), .text(userID), .text(user.name)]
            + ForeignColumns.values(
              ForeignColumns.thread, of: record.row ?? ThreadRow.columns(of: record)))
      }
      owned[id] = true
      outcome.counts.threads += 1
    }
  }

  private mutating func take(_ record: StepRecord, _ index: Int) throws {
    guard record.message?.id ?? record.id == record.id else {
      throw ArchiveError(code: .refused, reason: "a step and its message have two ids")
    }
    let thread = place(of: record.thread)
    guard owned[thread] == true else { throw ArchiveError.notFound }
    let scoped = record.id.copied(into: thread)
    if threadOfStep[record.id] == thread.description || threadOfStep[scoped] == thread.description {
      outcome.counts.known += 1
      return
    }
    let isKept = thread == record.thread && threadOfStep[record.id] == nil
    let id = isKept ? record.id : scoped
    guard threadOfStep[id] == nil else { throw ArchiveError.idTaken }
    var kept = record
    (kept.thread, kept.id) = (thread, id)
    if !isKept { kept.message = record.message?.copied(into: thread) }
    try write(kept, index)
    threadOfStep[id] = thread.description
  }

  private mutating func write(_ record: StepRecord, _ index: Int) throws {
    if let row = record.row {
      try writeSteps()
      try insert(record, row)
      if case .integer(let time)? = row["createdAt"] { lastRowTimes[record.thread] = time }
      outcome.counts.steps += 1
      return try addFlags(of: record)
    }
    guard let message = record.message else {
      throw ArchiveError(code: .refused, reason: "a step holds neither a message nor a row")
    }
    let time = message.rowTime(after: lastRowTimes[record.thread])
    lastRowTimes[record.thread] = time
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
      threadOfStep[parent] != record.thread.description
    {
      let scoped = parent.copied(into: record.thread)
      if threadOfStep[scoped] == record.thread.description {
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
    let thread = place(of: record.thread)
    guard owned[thread] == true else { throw ArchiveError.notFound }
    let (id, scoped) = (record.element.id, record.element.id.copied(into: thread))
    if threadOfElement[id] == thread.description || threadOfElement[scoped] == thread.description {
      outcome.counts.known += 1
      return
    }
    let isKept = thread == record.thread && threadOfElement[id] == nil
    guard isKept || threadOfElement[scoped] == nil else { throw ArchiveError.idTaken }
    let element = record.element.kept(under: isKept ? id : scoped) { message in
      let copy = message.copied(into: thread)
      return isKept && threadOfStep[copy] != thread.description ? message : copy
    }
    try writeSteps()
    try orCollision {
      try ElementRow.insert(element, record.row, in: thread, on: connection)
      return nil
    }
    threadOfElement[element.id] = thread.description
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
