extension InMemoryArchive: PortableArchive {
  /// Hands out everything of a user as records.
  public func export(
    of user: UserID, emit: @Sendable (ArchiveRecord) async throws -> Void
  ) async throws {
    try await emit(.user(name: user.name))
    let ids = (threadsOfUser[user] ?? []).compactMap { threads[$0]?.summary }
      .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
      .map(\.id)
    for id in ids {
      // It may have gone while the record before was taken.
      for record in owned(id, by: user)?.records ?? [] { try await emit(record) }
    }
  }

  /// Takes in records, as the user's: all of them or none.
  public func restore(_ records: [ArchiveRecord], of user: UserID) throws -> RestoreCounts {
    let before = (threads, threadsOfUser, places)
    do {
      return try records.reduce(into: RestoreCounts()) { counts, record in
        try restore(record, of: user, &counts)
      }
    } catch {
      (threads, threadsOfUser, places) = before
      throw error
    }
  }

  /// Removes a user and everything of the user, or only counts.
  public func forget(_ user: UserID, dryRun: Bool) throws -> DeletionCounts {
    try remove((threadsOfUser[user] ?? []).compactMap { threads[$0] }, dryRun: dryRun)
  }

  /// Removes the threads in which nothing was said since `moment`, or only counts.
  public func prune(
    untouchedSince moment: Timestamp, dryRun: Bool,
    progress: @Sendable (DeletionCounts) async -> Void
  ) async throws -> DeletionCounts {
    let old = threads.values.filter {
      $0.summary.lastActivity < moment && !$0.notes.isFavourite
    }
    let counts = try remove(old, dryRun: dryRun)
    if !old.isEmpty { await progress(counts) }
    return counts
  }

  private func remove(_ old: [InMemoryThread], dryRun: Bool) throws -> DeletionCounts {
    let none = DeletionCounts(threads: 0, steps: 0, elements: 0, feedbacks: 0)
    return try old.reduce(none) { counts, thread in
      counts + (dryRun ? thread.counts : try delete(thread.summary.id, of: thread.user))
    }
  }

  private func restore(
    _ record: ArchiveRecord, of user: UserID, _ counts: inout RestoreCounts
  ) throws {
    switch record {
    case .user: break
    case .thread(let record): try restore(record, of: user, &counts)
    case .step(let record): try restore(record, of: user, &counts)
    case .element(let record):
      let held = try existing(record.thread, of: user)
      if held.elements.contains(where: { $0.id == record.element.id }) {
        counts.known += 1
        return
      }
      try checkIsFree(record.element.id)
      threads[record.thread]?.elements.append(record.element)
      threads[record.thread]?.foreign.elementRows[record.element.id] = record.row
      counts.elements += 1
    }
  }

  private func restore(
    _ record: ThreadRecord, of user: UserID, _ counts: inout RestoreCounts
  ) throws {
    if let known = threads[record.id] {
      guard known.user == user else { throw idTaken }
      counts.known += 1
      return
    }
    var thread = InMemoryThread(record.id, of: user, beginningAt: record.createdAt)
    thread.setSummary(of: record)
    thread.notes = record.notes ?? ThreadNotes()
    thread.foreign.row = record.row
    threads[record.id] = thread
    threadsOfUser[user, default: []].insert(record.id)
    counts.threads += 1
  }

  private func restore(
    _ record: StepRecord, of user: UserID, _ counts: inout RestoreCounts
  ) throws {
    let held = try existing(record.thread, of: user)
    if let place = places[record.id] {
      guard place.thread == record.thread else { throw idTaken }
      counts.known += 1
      return
    }
    if held.foreign.steps.contains(where: { $0.record.id == record.id }) {
      counts.known += 1
      return
    }
    guard record.message?.id ?? record.id == record.id else {
      throw ArchiveError(code: .refused, reason: "a step and its message have two ids")
    }
    counts.steps += 1
    guard let message = record.message else {
      threads[record.thread]?.foreign.steps.append((held.messages.count, record))
      return
    }
    guard let index = threads[record.thread]?.append(message, isRestored: true) else { return }
    places[message.id] = Place(thread: record.thread, index: index)
    if record.isRewound == true { threads[record.thread]?.markLastRewound() }
    threads[record.thread]?.feedback[message.id] = record.feedback
    threads[record.thread]?.foreign.rows[message.id] = record.row
  }
}

extension InMemoryThread {
  var counts: DeletionCounts {
    DeletionCounts(
      threads: 1, steps: messages.count + foreign.steps.count, elements: elements.count,
      feedbacks: feedback.count)
  }

  /// The thread as an export tells it.
  fileprivate var records: [ArchiveRecord] {
    var records = [
      ArchiveRecord.thread(
        ThreadRecord(
          id: summary.id, name: summary.name, createdAt: summary.createdAt,
          lastActivity: summary.lastActivity, notes: notes == ThreadNotes() ? nil : notes,
          row: foreign.row))
    ]
    var others = foreign.steps[...]
    for (index, message) in messages.enumerated() {
      while let other = others.first, other.messageCount <= index {
        records.append(.step(other.record))
        others.removeFirst()
      }
      records.append(
        .step(
          StepRecord(
            thread: summary.id, id: message.id, message: message, isRewound: !isLiving(index),
            feedback: feedback[message.id], row: foreign.rows[message.id])))
    }
    records += others.map { .step($0.record) }
    records += elements.map { element in
      .element(
        ElementRecord(
          thread: summary.id, element: element, row: foreign.elementRows[element.id]))
    }
    return records
  }
}
