import SessionCore

/// Stores a group of messages in one transaction.
///
/// The rows of the threads are locked first, in the order of their ids: whoever appends to a thread
/// waits for whoever came before, so the numbers of the steps are given in the order in which they
/// become visible, and the message before is exact.
struct AppendTransaction {
  typealias Outcome = Result<AppendReceipt, ArchiveError>

  let group: [PendingAppend]
  let connection: MySQLConnection
  private(set) var threads: [ConversationID: LockedThread] = [:]
  /// The ids of the users' rows, of those who begin a thread.
  private(set) var userIDs: [String: String] = [:]
  /// The last steps of threads whose row nobody wrote yet.
  private var unwritten: [ConversationID: LastStep] = [:]
  private var outcomes: [Outcome?]
  /// The messages to be written, as places in the group.
  private(set) var fresh: [Int] = []

  /// What is known of a thread whose row is locked, or that is to be made.
  struct LockedThread {
    let owner: String?
    let isNew: Bool
    var name: String?
    var lastActivity: Int64
    var lastStep = LastStep()
    var isTouched = false

    static let columns = """
      t.id, t.name, \
      COALESCE(t.userIdentifier, (SELECT u.identifier FROM `User` u WHERE u.id = t.userId)), \
      t.lastActivity
      """
  }

  /// The end of a thread.
  struct LastStep {
    var message: MessageID?
    /// The row's time, in microseconds.
    var time: Int64?
  }

  /// A step that is there under an id of the group.
  private struct HeldStep {
    let thread: ConversationID?
    let isRewound: Bool
  }

  /// An id of the group, or a thread that it makes, turned out to be there already.
  struct Collision: Error {}

  /// How often a group that collides is looked at again before it fails.
  private static let attemptCountMax = 5

  /// Runs the transaction, and gives each message's outcome, in order.
  static func run(_ group: [PendingAppend], on connection: MySQLConnection) throws -> [Outcome] {
    // Ids are new as a rule: whether they are is asked only after the insert said no.
    for attempt in 1...attemptCountMax {
      do {
        return try connection.transaction {
          var transaction = AppendTransaction(group, connection)
          return try transaction.store(looksForIDs: attempt > 1)
        }
      } catch is Collision {}
    }
    throw MySQLError(code: .deadlock, reason: "other writers were faster too often")
  }

  private init(_ group: [PendingAppend], _ connection: MySQLConnection) {
    self.group = group
    self.connection = connection
    outcomes = Array(repeating: nil, count: group.count)
  }

  private mutating func store(looksForIDs: Bool) throws -> [Outcome] {
    try lockThreads()
    try lookForNewThreads()
    let held = looksForIDs ? try heldSteps() : [:]
    var placeOfID: [MessageID: Int] = [:]
    for (index, pending) in group.enumerated() {
      if let refusal = refusal(of: pending) {
        outcomes[index] = .failure(refusal)
      } else if let step = held[pending.message.id] {
        outcomes[index] =
          step.thread == pending.thread
          ? .success(try receipt(of: pending, isRewound: step.isRewound)) : .failure(.idTaken)
      } else if let first = placeOfID[pending.message.id] {
        outcomes[index] = repeatOutcome(of: first, for: pending)
      } else {
        placeOfID[pending.message.id] = index
        place(pending, index)
      }
    }
    try write()
    return outcomes.map { $0 ?? .failure(.notFound) }
  }

  /// Another user's thread answers as a missing one; but a missing one is made by its first writer.
  private func refusal(of pending: PendingAppend) -> ArchiveError? {
    guard let thread = threads[pending.thread] else { return nil }
    return thread.owner?.utf8.elementsEqual(pending.user.name.utf8) == true ? nil : .notFound
  }

  private func repeatOutcome(of first: Int, for pending: PendingAppend) -> Outcome {
    guard group[first].thread == pending.thread, case .success(let receipt)? = outcomes[first]
    else { return .failure(.idTaken) }
    return .success(AppendReceipt(previous: receipt.previous, isNew: false))
  }

  /// Puts a message behind the last of its thread.
  private mutating func place(_ pending: PendingAppend, _ index: Int) {
    let time = pending.message.createdAt.columnMicroseconds
    var thread =
      threads[pending.thread]
      ?? LockedThread(
        owner: pending.user.name, isNew: true, lastActivity: time,
        lastStep: unwritten[pending.thread] ?? LastStep())
    outcomes[index] = .success(AppendReceipt(previous: thread.lastStep.message, isNew: true))
    thread.lastStep.message = pending.message.id
    thread.lastActivity = max(thread.lastActivity, time)
    if thread.name == nil, pending.message.role == .user {
      thread.name = ThreadName.suggested(by: pending.message.content)
    }
    thread.isTouched = true
    threads[pending.thread] = thread
    fresh.append(index)
  }
}

extension AppendTransaction {
  /// Locks the rows of the threads and finds their last steps, in one round trip.
  ///
  /// The last steps are asked for by a statement of their own, which begins when the locks are
  /// held: it sees what whoever held them before has committed.
  private mutating func lockThreads() throws {
    let ids = Set(group.map(\.thread)).sorted()
    let places = list(ids.count)
    let values = padded(ids.map { .text($0.description) })
    let results = try connection.execute(
      [
        .init(
          """
          SELECT \(LockedThread.columns) FROM Thread t WHERE t.id IN \(places)
          ORDER BY t.id FOR UPDATE
          """, values),
        .init(
          """
          SELECT s.threadId, s.id, s.createdAt, \(StepType.isLiving) FROM Thread t JOIN Step s
          ON s.position =
            (SELECT x.position FROM Step x WHERE x.threadId = t.id ORDER BY x.position DESC LIMIT 1)
          WHERE t.id IN \(places)
          """, values),
      ], onlyReads: true)
    for row in results[0] { try note(row) }
    for row in results[1] {
      guard let thread = ConversationID(try row.text(0)) else { continue }
      let last = try lastStep(row, of: thread)
      threads[thread]?.lastStep = last
    }
  }

  /// For threads that are to be made: the rows of their users, and steps that came before the row
  /// of their thread. One round trip, which making a thread takes in any case.
  private mutating func lookForNewThreads() throws {
    let new = group.filter { threads[$0.thread] == nil }
    if new.isEmpty { return }
    let names = Set(new.map(\.user.name)).sorted()
    let ids = Set(new.map(\.thread)).sorted()
    let results = try connection.execute(
      [
        .init(
          "SELECT u.identifier, u.id FROM `User` u WHERE u.identifier IN \(list(names.count))",
          padded(names.map { .text($0) })),
        .init(
          """
          SELECT s.threadId, s.id, s.createdAt, \(StepType.isLiving) FROM (
            SELECT MAX(x.position) AS position FROM Step x
            WHERE x.threadId IN \(list(ids.count)) GROUP BY x.threadId
          ) m JOIN Step s ON s.position = m.position
          """, padded(ids.map { .text($0.description) })),
      ], onlyReads: true)
    for row in results[0] { userIDs[try row.text(0)] = try row.text(1) }
    for row in results[1] {
      guard let thread = ConversationID(try row.text(0)) else { continue }
      unwritten[thread] = try lastStep(row, of: thread)
    }
  }

  private mutating func note(_ row: MySQLRow) throws {
    guard let id = ConversationID(try row.text(0)) else { return }
    threads[id] = LockedThread(
      owner: try row.textOrNil(2), isNew: false, name: try row.textOrNil(1),
      lastActivity: try row.dateTimeOrNil(3)?.microseconds ?? 0)
  }

  private func lastStep(_ row: MySQLRow, of thread: ConversationID) throws -> LastStep {
    // The last step may be rewound, or one of Chainlit's that is no message.
    let isLiving = try row.integerOrNil(3) == 1
    return LastStep(
      message: isLiving ? MessageID(try row.text(1)) : try lastMessage(of: thread),
      time: try row.dateTimeOrNil(2)?.microseconds)
  }

  private func lastMessage(of thread: ConversationID, before id: MessageID? = nil) throws
    -> MessageID?
  {
    let rows = try connection.execute(
      """
      SELECT s.id FROM Step s WHERE s.threadId = ? AND \(StepType.isLiving)
      AND (? IS NULL OR s.position < (SELECT x.position FROM Step x WHERE x.id = ?))
      ORDER BY s.position DESC LIMIT 1
      """,
      [.text(thread.description), MySQLValue(id?.description), MySQLValue(id?.description)])
    return MessageID(try rows.first?.text(0) ?? "")
  }

  private func heldSteps() throws -> [MessageID: HeldStep] {
    let ids = group.map { MySQLValue.text($0.message.id.description) }
    let rows = try connection.execute(
      "SELECT s.id, s.threadId, s.rewound FROM Step s WHERE s.id IN \(list(ids.count))",
      padded(ids))
    var steps: [MessageID: HeldStep] = [:]
    for row in rows {
      guard let id = MessageID(try row.text(0)) else { continue }
      steps[id] = HeldStep(
        thread: ConversationID(try row.text(1)), isRewound: try row.integer(2) != 0)
    }
    return steps
  }

  private func receipt(of held: PendingAppend, isRewound: Bool) throws -> AppendReceipt {
    let previous = try lastMessage(of: held.thread, before: held.message.id)
    return AppendReceipt(previous: previous, isNew: false, isRewound: isRewound)
  }
}
