public import SessionCore

extension MySQLArchive {
  /// The largest text: the width of the column. What the server takes at once
  /// (`max_allowed_packet`) may be less.
  static let contentByteCountMax = 16_777_215

  /// Stores a message at the end of a thread, and returns once it is committed.
  ///
  /// - Throws: `ArchiveError`: `tooLarge` for a text of 16 MiB or more, or more than the server
  ///   takes; `idTaken`; `notFound` for another user's thread; `unavailable`, whose `mayHaveActed`
  ///   tells whether the message may have been stored. Appending the same message again is safe.
  public func append(
    _ message: Message, to thread: ConversationID, of user: UserID
  ) async throws -> AppendReceipt {
    guard message.content.utf8.count <= Self.contentByteCountMax else {
      throw ArchiveError(
        code: .tooLarge,
        reason: "a message has at most \(Self.contentByteCountMax) bytes of text")
    }
    try await prepare()
    let row = StepRow(message, user: user, assistantName: assistantName)
    return try await archiveErrors {
      try await appends.append(
        PendingAppend(message: message, thread: thread, user: user, row: row))
    }
  }

  /// The newest messages of a thread, oldest first. One statement, from an index; two more where
  /// another program wrote some of them.
  public func newestMessages(
    in thread: ConversationID, of user: UserID, limit: Int
  ) async throws -> [Message] {
    try await run { connection in
      let count = max(limit, 1)
      var isOrdered = true
      var messages = try connection.query(
        """
        SELECT \(StepRow.readColumns), s.ordered FROM Step s JOIN Thread t ON t.id = s.threadId
        WHERE s.threadId = ? AND \(Owner.condition) AND \(StepType.isLiving)
        ORDER BY s.position DESC LIMIT ?
        """,
        [.text(thread.description)] + Owner.values(user) + [.integer(Int64(count))]
      ) { (row) throws(MySQLError) in
        if try row.integer(7) == 0 { isOrdered = false }
        return try StepRow.message(from: row)
      }
      messages.reverse()
      if isOrdered { return messages }
      let placed = try connection.placedMessages(
        of: thread, user, where: StepType.isLiving, around: .max,
        before: count.addingReportingOverflow(ArrivalOrder.margin).partialValue, after: 0)
      return placed.compactMap(\.row.element).suffix(count)
    }
  }

  /// How many messages of the thread there are up to and including `last`. O(the count), from an
  /// index.
  public func messageCount(
    in thread: ConversationID, of user: UserID, through last: MessageID
  ) async throws -> Int {
    try await run { connection in
      let rows = try connection.query(
        """
        SELECT COUNT(*), MIN(x.ordered), MIN(x.position)
        FROM Step x JOIN Step s ON s.threadId = x.threadId AND s.position <= x.position
        JOIN Thread t ON t.id = s.threadId
        WHERE x.id = ? AND x.threadId = ? AND x.rewound = 0
          AND \(Owner.condition) AND \(StepType.isLiving)
        """,
        [.text(last.description), .text(thread.description)] + Owner.values(user))
      guard let row = rows.first, try row.integer(0) > 0 else { return 0 }
      let count = Int(try row.integer(0))
      if try row.integer(1) == 1 { return count }
      // The messages around it may stand in another order than they arrived in.
      let placed = try connection.placedMessages(
        of: thread, user, where: StepType.isLiving, around: UInt64(try row.integer(2)),
        before: ArrivalOrder.margin, after: ArrivalOrder.margin)
      guard let rank = placed.firstIndex(where: { $0.row.element?.id == last }),
        let arrived = placed.map(\.row.position).sorted()
          .firstIndex(of: placed[rank].row.position)
      else { return count }
      return count + rank - arrived
    }
  }

  /// One message, or nil when the thread does not hold it.
  public func message(
    _ id: MessageID, in thread: ConversationID, of user: UserID
  ) async throws -> Message? {
    try await run { connection in
      try connection.query(
        """
        SELECT \(StepRow.readColumns) FROM Step s JOIN Thread t ON t.id = s.threadId
        WHERE s.id = ? AND s.threadId = ? AND \(Owner.condition)
        """,
        [.text(id.description), .text(thread.description)] + Owner.values(user),
        each: StepRow.message(from:)
      ).first
    }
  }

  /// A page of a thread's messages, oldest first. One statement; two for an empty page, three where
  /// another program wrote some of them.
  public func messages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    try await steps(StepType.isLiving, in: thread, of: user, page: page)
  }

  /// A page of the messages of a thread that were rewound, oldest first. One statement.
  public func rewoundMessages(
    in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    try await steps("\(StepType.isMessage) AND s.rewound = 1", in: thread, of: user, page: page)
  }

  private func steps(
    _ condition: String, in thread: ConversationID, of user: UserID, page: PageRequest
  ) async throws -> Page<Message> {
    let after = try page.cursor.map(position) ?? 0
    return try await run { connection in
      var isOrdered = true
      var rows = try connection.query(
        """
        SELECT \(StepRow.readColumns), s.position, s.ordered
        FROM Step s JOIN Thread t ON t.id = s.threadId
        WHERE s.threadId = ? AND s.position > ? AND \(condition) AND \(Owner.condition)
        ORDER BY s.position LIMIT ?
        """,
        [.text(thread.description), .unsigned(after)] + Owner.values(user)
          + [.integer(Int64(page.limit + 1))]
      ) { (row) throws(MySQLError) in
        if try row.integer(8) == 0 { isOrdered = false }
        return (message: try StepRow.message(from: row), place: UInt64(try row.integer(7)))
      }
      // A thread with no more messages is not a missing one.
      if rows.isEmpty { _ = try connection.summary(of: thread, user) }
      if !isOrdered {
        let placed = try connection.placedMessages(
          of: thread, user, where: condition, around: after, before: ArrivalOrder.margin,
          after: page.limit + 1 + ArrivalOrder.margin)
        rows = placed.filter { $0.place > after }.prefix(page.limit + 1)
          .map { (message: $0.row.element, place: $0.place) }
      }
      let shown = rows.prefix(page.limit)
      let next = rows.count > page.limit ? shown.last?.place : nil
      return Page(
        elements: shown.compactMap(\.message),
        next: next.map { PageCursor("\($0)") })
    }
  }

  private func position(_ cursor: PageCursor) throws -> UInt64 {
    guard let position = UInt64(cursor.description) else {
      throw ArchiveError(
        code: .invalidCursor, reason: "not a cursor of this list: \(cursor)")
    }
    return position
  }
}

extension MySQLConnection {
  /// As ``placedSteps(of:where:_:around:before:after:columns:each:)``, for a user's messages.
  fileprivate func placedMessages(
    of thread: ConversationID, _ user: UserID, where condition: String, around position: UInt64,
    before: Int, after: Int
  ) throws -> [ArrivalOrder.Placed<Message?>] {
    try placedSteps(
      of: .text(thread.description), where: "\(condition) AND \(Owner.condition)",
      Owner.values(user), around: position, before: before, after: after,
      columns: (StepRow.readColumns, 7)
    ) { (row) throws(MySQLError) in try StepRow.message(from: row) }
  }
}
