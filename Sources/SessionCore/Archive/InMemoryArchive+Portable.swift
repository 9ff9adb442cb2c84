extension InMemoryArchive {
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

  /// Takes in records, as the user's, and tells those that it left out.
  public func restore(_ records: [ArchiveRecord], of user: UserID) -> RestoreOutcome {
    var outcome = RestoreOutcome()
    for (index, record) in records.enumerated() {
      do throws(ArchiveError) {
        switch record {
        case .user: break
        case .thread(let record): restore(record, of: user, &outcome.counts)
        case .step(let record): try restore(record, of: user, &outcome.counts)
        case .element(let record): try restore(record, of: user, &outcome.counts)
        }
      } catch {
        outcome.refused[index] = error
      }
    }
    return outcome
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

  /// The thread that a record's is kept as: another user's has an id of its own.
  private func place(of thread: ConversationID, of user: UserID) -> ConversationID {
    let derived = thread.derived(for: user)
    if owned(derived, by: user) != nil { return derived }
    return threads[thread].map { $0.user == user } ?? true ? thread : derived
  }

  private func restore(
    _ record: ThreadRecord, of user: UserID, _ counts: inout RestoreCounts
  ) {
    let id = place(of: record.id, of: user)
    if threads[id] != nil {
      if !record.isActivityGuessed { threads[id]?.markActive(at: record.lastActivity) }
      counts.known += 1
      return
    }
    var thread = InMemoryThread(id, of: user, beginningAt: record.createdAt)
    thread.setSummary(of: record)
    thread.notes = record.notes ?? ThreadNotes()
    thread.foreign.row = record.row
    threads[id] = thread
    threadsOfUser[user, default: []].insert(id)
    counts.threads += 1
  }

  private func restore(
    _ record: StepRecord, of user: UserID, _ counts: inout RestoreCounts
  ) throws(ArchiveError) {
    let thread = place(of: record.thread, of: user)
    guard owned(thread, by: user) != nil else { throw notFound }
    guard record.message?.id ?? record.id == record.id else {
      throw ArchiveError(code: .refused, reason: "a step and its message have two ids")
    }
    let scoped = record.id.copied(into: thread)
    let isKnown = [record.id, scoped].contains { id in
      places[id]?.thread == thread
        || threads[thread]?.foreign.steps.contains { $0.record.id == id } == true
    }
    if isKnown {
      counts.known += 1
      return
    }
    let id = thread == record.thread && places[record.id] == nil ? record.id : scoped
    guard places[id] == nil else { throw idTaken }
    counts.steps += 1
    guard let message = id == record.id ? record.message : record.message?.copied(into: thread)
    else {
      var record = record
      (record.thread, record.id) = (thread, id)
      let count = threads[thread]?.messages.count ?? 0
      threads[thread]?.foreign.steps.append((count, record))
      return
    }
    guard let index = threads[thread]?.append(message, isRestored: true) else { return }
    places[id] = Place(thread: thread, index: index)
    if record.isRewound == true { threads[thread]?.markLastRewound() }
    threads[thread]?.feedback[id] = record.feedback
    threads[thread]?.foreign.rows[id] = record.row
  }

  private func restore(
    _ record: ElementRecord, of user: UserID, _ counts: inout RestoreCounts
  ) throws(ArchiveError) {
    let thread = place(of: record.thread, of: user)
    guard let held = owned(thread, by: user) else { throw notFound }
    let scoped = record.element.id.copied(into: thread)
    if held.elements.contains(where: { $0.id == record.element.id || $0.id == scoped }) {
      counts.known += 1
      return
    }
    let isFree = !threads.values.contains { thread in
      thread.elements.contains { $0.id == record.element.id }
    }
    let element = record.element.kept(
      under: thread == record.thread && isFree ? record.element.id : scoped
    ) { id in places[id]?.thread == thread ? id : id.copied(into: thread) }
    threads[thread]?.elements.append(element)
    threads[thread]?.foreign.elementRows[element.id] = record.row
    counts.elements += 1
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
