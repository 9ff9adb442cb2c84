import SessionCore

/// One stream of rows, from a connection's thread to the task that reads it. Whoever lets go of it
/// leaves the stream.
final class RowStream: Sendable {
  /// Rows that are handed over together.
  struct Rows: Sendable {
    var columns: [String] = []
    var values: [MySQLValue] = []
    /// The texts in them.
    var byteCount = 0
  }

  let buffer: RowBuffer

  /// Begins to read, as soon as a connection is free.
  init(pool: ConnectionPool, sql: String, parameters: [MySQLValue], timeout: Duration?) {
    let stop = StopFlag()
    let buffer = RowBuffer(leave: { [weak pool] in pool?.cancel(stop) })
    self.buffer = buffer
    // Not owned: the job owns the buffer, and the buffer the flag.
    stop.whenRaised { [weak buffer] in buffer?.stopWaiting() }
    pool.post(
      Job(
        stop: stop, timeLimit: timeout, isStream: true,
        body: { connection in
          do {
            try Self.read(sql, parameters, on: connection, into: buffer)
            return { buffer.finish(nil) }
          } catch {
            let error = stop.reported(error)
            return { buffer.finish(error) }
          }
        }, fail: { buffer.finish($0) }))
  }

  deinit { buffer.leave() }

  private static func read(
    _ sql: String, _ parameters: [MySQLValue], on connection: MySQLConnection,
    into buffer: RowBuffer
  ) throws {
    var rows = Rows()
    try connection.fetch(sql, parameters) { (row) throws(MySQLError) in
      if rows.columns.isEmpty { rows.columns = row.columns }
      rows.byteCount += row.append(to: &rows.values)
      // What was received is handed over before anything is waited for.
      guard
        rows.byteCount >= RowBuffer.byteCountMax || !row.isFollowed
          || rows.values.count >= RowBuffer.valueCountMax
      else { return }
      guard buffer.add(rows) else {
        throw MySQLError(code: .interrupted, reason: "the reader of the rows left")
      }
      let count = rows.values.count
      rows.values = []
      rows.values.reserveCapacity(count)
      rows.byteCount = 0
    }
    if !rows.values.isEmpty { _ = buffer.add(rows) }
  }
}

/// Where rows wait between the thread that reads them and the task that wants them: a little, so
/// that neither waits for the other all the time.
final class RowBuffer: Sendable {
  /// What is handed over at once at most, one row aside, and what waits at most, that aside.
  static let byteCountMax = 65_536
  static let valueCountMax = 4096

  private struct State {
    var waiting: [RowStream.Rows] = []
    var byteCount = 0
    var valueCount = 0
    var reader: UnsafeContinuation<[RowStream.Rows]?, any Error>?
    /// Whether the thread waits for room.
    var isFull = false
    /// How the stream ended; its rows may still wait.
    var end: Result<Void, any Error>?
    /// Nobody takes any more rows.
    var isStopped = false

    mutating func takeWaiting() -> [RowStream.Rows] {
      defer { (waiting, byteCount, valueCount) = ([], 0, 0) }
      return waiting
    }
  }

  private let state = Locked(State())
  /// Raised when there is room, or nobody reads any more.
  private let room = Signal()
  private let stopStatement: @Sendable () -> Void

  init(leave: @escaping @Sendable () -> Void) { stopStatement = leave }

  /// Hands rows over; waits while there is no room for them. False when nobody wants them.
  func add(_ rows: RowStream.Rows) -> Bool {
    while true {
      enum Step {
        case wait
        case handed(UnsafeContinuation<[RowStream.Rows]?, any Error>?)
        case refused
      }
      let step: Step = state.withLock { state in
        if state.isStopped { return .refused }
        if let reader = state.reader {
          state.reader = nil
          return .handed(reader)
        }
        guard state.byteCount < Self.byteCountMax, state.valueCount < Self.valueCountMax else {
          state.isFull = true
          return .wait
        }
        state.waiting.append(rows)
        state.byteCount += rows.byteCount
        state.valueCount += rows.values.count
        return .handed(nil)
      }
      switch step {
      case .refused: return false
      case .handed(let reader):
        reader?.resume(returning: [rows])
        return true
      case .wait: _ = room.wait(atMost: nil)
      }
    }
  }

  /// No more rows come.
  func finish(_ error: (any Error)?) {
    let reader = state.withLock { state in
      state.end = error.map { .failure($0) } ?? .success(())
      defer { state.reader = nil }
      return state.reader
    }
    if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
  }

  /// The rows that wait, or the next ones; nil at the end. Only one task may wait.
  func next(isolation: isolated (any Actor)?) async throws -> [RowStream.Rows]? {
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        let (found, wasFull) = state.withLock { state in
          let wasFull = state.isFull
          state.isFull = false
          return (take(&state, continuation), wasFull)
        }
        if wasFull { room.raise() }
        if let found { continuation.resume(with: found) }
      }
    } onCancel: {
      let reader = state.withLock { state in
        defer { state.reader = nil }
        return state.reader
      }
      leave()
      reader?.resume(throwing: CancellationError())
    }
  }

  /// What a reader gets at once; nil when it is to wait.
  private func take(
    _ state: inout State, _ reader: UnsafeContinuation<[RowStream.Rows]?, any Error>
  ) -> Result<[RowStream.Rows]?, any Error>? {
    if Task.isCancelled { return .failure(CancellationError()) }
    if !state.waiting.isEmpty { return .success(state.takeWaiting()) }
    if let end = state.end { return end.map { nil } }
    precondition(state.reader == nil, "one task reads a stream")
    state.reader = reader
    return nil
  }

  /// The reader wants no more rows: stops the statement, unless it has ended.
  func leave() {
    let isUnderWay = state.withLock { state in
      state.isStopped = true
      _ = state.takeWaiting()
      return state.end == nil
    }
    guard isUnderWay else { return }
    stopStatement()
    room.raise()
  }

  /// The job is to stop: the thread must not wait for the reader.
  func stopWaiting() {
    state.withLock { $0.isStopped = true }
    room.raise()
  }
}
