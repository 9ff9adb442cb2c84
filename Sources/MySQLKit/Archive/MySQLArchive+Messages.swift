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

  /// The newest messages of a thread, oldest first. One statement, from an index; three where
  /// another program wrote some of them in another order than they were said in.
  public func newestMessages(
    in thread: ConversationID, of user: UserID, limit: Int
  ) async throws -> [Message] {
    try await run { connection in
      let count = max(limit, 1)
      let lookAhead = min(ArrivalOrder.lookAhead, Int.max - count)
      var order = ArrivalOrder.Watch(isDescending: true)
      var messages = try connection.query(
        """
        SELECT \(StepRow.readColumns), s.ordered FROM Step s JOIN Thread t ON t.id = s.threadId
        WHERE s.threadId = ? AND \(Owner.condition) AND \(StepType.isLiving)
        ORDER BY s.position DESC LIMIT ?
        """,
        [.text(thread.description)] + Owner.values(user) + [.integer(Int64(count + lookAhead))]
      ) { (row) throws(MySQLError) in
        order.see(isOrdered: try row.integer(7) != 0, time: try row.dateTimeOrNil(3))
        return order.count > count ? nil : try StepRow.message(from: row)
      }
      messages.reverse()
      if !order.isInOrder {
        let placed = try connection.placedIDs(
          of: thread, user, where: StepType.isLiving, around: .max,
          before: count + min(ArrivalOrder.margin, Int.max - count), after: 0)
        messages = try connection.messages(at: placed.suffix(count).map(\.row.position))
      }
      return Array(messages.suffix(count))
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
        SELECT (SELECT COUNT(*) FROM Step s WHERE s.threadId = x.threadId
            AND s.position <= x.position AND \(StepType.isLiving)),
          x.position, x.ordered OR NOT EXISTS (SELECT 1 FROM Step y
            WHERE y.threadId = x.threadId AND y.ordered = 0 AND y.position <> x.position
            AND y.position BETWEEN x.position - LEAST(x.position, \(ArrivalOrder.distance))
              AND x.position + \(ArrivalOrder.distance)
            AND COALESCE(IF(y.position < x.position, y.createdAt >= x.createdAt,
              y.createdAt <= x.createdAt), 1))
        FROM Step x JOIN Thread t ON t.id = x.threadId
        WHERE x.id = ? AND x.threadId = ? AND x.rewound = 0 AND \(Owner.condition)
        """,
        [.text(last.description), .text(thread.description)] + Owner.values(user))
      guard let row = rows.first else { return 0 }
      let count = Int(try row.integer(0))
      if try row.integer(2) == 1 { return count }
      // The messages around it may stand in another order than they arrived in.
      let placed = try connection.placedIDs(
        of: thread, user, where: StepType.isLiving, around: UInt64(try row.integer(1)),
        before: ArrivalOrder.margin, after: ArrivalOrder.margin)
      guard let rank = placed.firstIndex(where: { $0.row.element == last }),
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
  /// another program wrote some of them in another order.
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
    let cursor = try page.cursor.map(StepCursor.init(reading:)) ?? StepCursor()
    return try await run { connection in
      var order = ArrivalOrder.Watch(isDescending: false)
      var rows = try connection.query(
        """
        SELECT \(StepRow.readColumns), s.position, s.ordered
        FROM Step s JOIN Thread t ON t.id = s.threadId
        WHERE s.threadId = ? AND s.position > ? AND \(condition) AND \(Owner.condition)
        ORDER BY s.position LIMIT ?
        """,
        [.text(thread.description), .unsigned(cursor.place)] + Owner.values(user)
          + [.integer(Int64(page.limit + 1 + ArrivalOrder.lookAhead))]
      ) { (row) throws(MySQLError) -> (message: Message?, place: UInt64)? in
        order.see(isOrdered: try row.integer(8) != 0, time: try row.dateTimeOrNil(3))
        if order.count > page.limit + 1 { return nil }
        return (message: try StepRow.message(from: row), place: UInt64(try row.integer(7)))
      }
      // A thread with no more messages is not a missing one.
      if rows.isEmpty { _ = try connection.summary(of: thread, user) }
      let isInOrder = order.isInOrder && !cursor.isBetweenMovedRows
      if !isInOrder {
        let placed = try connection.placedIDs(
          of: thread, user, where: condition, around: cursor.place, before: ArrivalOrder.margin,
          after: page.limit + 1 + ArrivalOrder.margin
        ).filter { $0.place > cursor.place && $0.row.element != nil }.prefix(page.limit + 1)
        let messages = try connection.messages(at: placed.map(\.row.position))
        rows = zip(messages, placed).map { (message: $0, place: $1.place) }
      }
      let shown = rows.prefix(page.limit)
      let next = rows.count > page.limit ? shown.last?.place : nil
      return Page(
        elements: shown.compactMap(\.message),
        next: next.map { StepCursor(place: $0, isBetweenMovedRows: !isInOrder).cursor })
    }
  }
}

/// The place of a message in its thread.
private struct StepCursor {
  var place: UInt64 = 0
  /// Rows before it may have arrived after it, or the other way round.
  var isBetweenMovedRows = false

  var cursor: PageCursor { PageCursor("\(place)\(isBetweenMovedRows ? "m" : "")") }
}

extension StepCursor {
  init(reading cursor: PageCursor) throws(ArchiveError) {
    let text = cursor.description
    isBetweenMovedRows = text.hasSuffix("m")
    guard let place = UInt64(isBetweenMovedRows ? text.dropLast() : text[...]) else {
      throw ArchiveError(
        code: .invalidCursor, reason: "not a cursor of this list: \(cursor)")
    }
    self.place = place
  }
}

extension MySQLConnection {
  /// As ``placedSteps(of:where:_:around:before:after:columns:each:)``, for a user's messages,
  /// without their texts.
  fileprivate func placedIDs(
    of thread: ConversationID, _ user: UserID, where condition: String, around position: UInt64,
    before: Int, after: Int
  ) throws -> [ArrivalOrder.Placed<MessageID?>] {
    try placedSteps(
      of: .text(thread.description), where: "\(condition) AND \(Owner.condition)",
      Owner.values(user), around: position, before: before, after: after,
      columns: ("s.id", 1)
    ) { (row) throws(MySQLError) in MessageID(try row.text(0)) }
  }

  /// The messages that stand at these positions, in this order.
  fileprivate func messages(at positions: [UInt64]) throws -> [Message] {
    if positions.isEmpty { return [] }
    let rows = try query(
      """
      SELECT \(StepRow.readColumns), s.position FROM Step s
      WHERE s.position IN \(list(positions.count))
      """, padded(positions.map { .unsigned($0) })
    ) { (row) throws(MySQLError) -> (UInt64, Message)? in
      guard let message = try StepRow.message(from: row) else { return nil }
      return (UInt64(try row.integer(7)), message)
    }
    let messages = Dictionary(rows, uniquingKeysWith: { first, _ in first })
    return positions.compactMap { messages[$0] }
  }
}
