import SessionCore

/// A message on its way into the archive.
struct PendingAppend: Sendable {
  let message: Message
  let thread: ConversationID
  let user: UserID
  let row: StepRow
}

/// Commits together what waits together.
///
/// A message that finds a writer free is written at once. While all writers are at work, messages
/// gather, and the next writer takes all of them in one transaction: one multi-row insert and one
/// commit. Each caller is told only after the commit that holds its own message.
///
/// Tasks of low priority, such as the one that drains a journal, have a lane of their own, so that
/// no turn waits behind a large group of theirs.
final class AppendQueue: Sendable {
  private struct Entry {
    let pending: PendingAppend
    let stop: StopFlag
    let continuation: UnsafeContinuation<AppendReceipt, any Error>
  }

  private enum Lane {
    case turns
    case background

    /// Groups under way at the same time: while one waits for the disk, another is being made.
    var writerCountMax: Int { self == .turns ? 2 : 1 }
  }

  private struct State {
    var waiting: [Entry] = []
    var writerCount = 0
  }

  private let client: MySQLClient
  private let turns = Locked(State())
  private let background = Locked(State())

  /// Messages in one group.
  private static let groupCountMax = 128
  /// Time after which a writer gives its connection back before it goes on.
  private static let turnLimit: Duration = .milliseconds(500)
  /// Bytes of text in one group; a message that is larger makes a group of its own.
  private static let groupByteCountMax = 1 << 20

  init(_ client: MySQLClient) { self.client = client }

  /// Stores a message, and returns after the commit. Cancelling works while it waits for its turn;
  /// once its group is under way, what came of it is told.
  func append(_ pending: PendingAppend) async throws -> AppendReceipt {
    let stop = StopFlag()
    let lane = Task.currentPriority < .medium ? Lane.background : .turns
    let state = state(of: lane)
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        let entry = Entry(pending: pending, stop: stop, continuation: continuation)
        let step = state.withLock { state -> Bool? in
          if stop.reason != nil { return nil }
          state.waiting.append(entry)
          guard state.writerCount < lane.writerCountMax else { return false }
          state.writerCount += 1
          return true
        }
        switch step {
        case nil: continuation.resume(throwing: CancellationError())
        case true?: startWriter(lane)
        case false?: break
        }
      }
    } onCancel: {
      stop.raise(.cancelled)
      let entry = state.withLock { state in
        state.waiting.firstIndex { $0.stop === stop }.map { state.waiting.remove(at: $0) }
      }
      entry?.continuation.resume(throwing: CancellationError())
    }
  }

  private func state(of lane: Lane) -> Locked<State> {
    switch lane {
    case .turns: turns
    case .background: background
    }
  }

  private func startWriter(_ lane: Lane) {
    let stop = StopFlag()
    let state = state(of: lane)
    client.post(
      Job(
        stop: stop, timeLimit: client.configuration.jobTimeout,
        body: { [self] connection in
          let start = ContinuousClock.now
          while let group = Self.takeGroup(state) {
            write(group, on: connection, stop)
            // The connection is others' too, and a job has a deadline.
            if ContinuousClock.now - start > Self.turnLimit {
              return { [self] in startWriter(lane) }
            }
          }
          return {}
        },
        fail: { error in
          // There was no connection: all who wait are told, unless another writer takes them.
          let entries = state.withLock { state in
            state.writerCount -= 1
            guard state.writerCount == 0 else { return [Entry]() }
            defer { state.waiting = [] }
            return state.waiting
          }
          for entry in entries { entry.continuation.resume(throwing: error) }
        }))
  }

  /// The next group; nil when nothing waits, and the writer has ended.
  private static func takeGroup(_ state: Locked<State>) -> [Entry]? {
    state.withLock { state in
      if state.waiting.isEmpty {
        state.writerCount -= 1
        return nil
      }
      var byteCount = 0
      let group = state.waiting.prefix(groupCountMax).prefix { entry in
        let size = entry.pending.message.content.utf8.count
        defer { byteCount += size }
        return byteCount == 0 || byteCount + size <= groupByteCountMax
      }
      state.waiting.removeFirst(group.count)
      return Array(group)
    }
  }

  /// Writes a group, and tells its callers.
  private func write(_ group: [Entry], on connection: MySQLConnection, _ stop: StopFlag) {
    do {
      let outcomes = try AppendTransaction.run(group.map(\.pending), on: connection)
      for (entry, outcome) in zip(group, outcomes) {
        entry.continuation.resume(with: outcome.mapError { $0 as any Error })
      }
    } catch let error as MySQLError where group.count > 1 && !error.isRetryable {
      // One message of the group cannot be stored: the others must not suffer for it.
      for entry in group { write([entry], on: connection, stop) }
    } catch {
      let error = stop.reported(error)
      for entry in group { entry.continuation.resume(throwing: error) }
    }
  }
}
