import SessionCore

/// What is there of what a restore is to write: read first, for all records at once, and kept up to
/// date with what is written.
struct RestoreState {
  private let user: UserID
  private(set) var userID = ""
  /// Whether a thread is the user's; those that are not there are missing.
  var owned: [ConversationID: Bool] = [:]
  /// The row time of the last step of a thread.
  var lastRowTimes: [ConversationID: Int64] = [:]
  var threadOfStep: [MessageID: String] = [:]
  var threadOfElement: [ElementID: String] = [:]

  init(user: UserID) { self.user = user }

  /// Reads and locks what the records meet.
  mutating func read(_ records: [ArchiveRecord], on connection: MySQLConnection) throws {
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
    try lock(threads.sorted(), on: connection)
    for row in try connection.rows(
      "SELECT s.id, COALESCE(s.threadId, '') FROM Step s WHERE s.id IN", steps.map(\.description))
    {
      if let id = MessageID(try row.text(0)) { threadOfStep[id] = try row.text(1) }
    }
    for row in try connection.rows(
      "SELECT e.id, COALESCE(e.threadId, '') FROM Element e WHERE e.id IN",
      elements.map(\.description))
    {
      if let id = ElementID(try row.text(0)) { threadOfElement[id] = try row.text(1) }
    }
  }

  /// Locks the rows of the threads: nobody appends to them meanwhile.
  private mutating func lock(
    _ threads: [ConversationID], on connection: MySQLConnection
  ) throws {
    let names = threads.map(\.description)
    for row in try connection.rows(
      "SELECT t.id, \(Owner.condition) FROM Thread t WHERE t.id IN", names,
      after: Owner.values(user), "ORDER BY t.id FOR UPDATE")
    {
      if let id = ConversationID(try row.text(0)) { owned[id] = try row.integerOrNil(1) == 1 }
    }
    let own = owned.filter(\.value).map(\.key.description)
    for row in try connection.rows(
      """
      SELECT t.id, (SELECT s.createdAt FROM Step s WHERE s.threadId = t.id
        ORDER BY s.position DESC LIMIT 1) FROM Thread t WHERE t.id IN
      """, own)
    {
      guard let id = ConversationID(try row.text(0)) else { continue }
      lastRowTimes[id] = try row.dateTimeOrNil(1)?.microseconds
    }
  }

  /// The thread that a record's is kept as: another user's has an id of its own.
  func place(of thread: ConversationID) -> ConversationID {
    let derived = thread.derived(for: user)
    if owned[derived] == true { return derived }
    return owned[thread] ?? true ? thread : derived
  }
}

extension MySQLConnection {
  /// The rows of a statement that ends with a list, some hundreds of values at a time.
  fileprivate func rows(
    _ sql: String, _ list: [String], after values: [MySQLValue] = [], _ end: String = ""
  ) throws -> [MySQLRow] {
    try stride(from: 0, to: list.count, by: 512).flatMap { start in
      let part = list[start..<min(start + 512, list.count)].map { MySQLValue.text($0) }
      return try execute(
        "\(sql) \(MySQLKit.list(part.count)) \(end)", values + padded(part)
      ).map { $0 }
    }
  }
}
