/// A turn as a sequence of events, ended by ``TurnEvent/finished(_:)``.
///
/// The turn begins with the first `next()`. It waits for its reader: while nobody takes an event,
/// the model's transfer stands still. Leaving the loop, or cancelling its task, stops the turn;
/// what was taken of the answer is stored as ``AnswerState/partial``.
///
/// Each iterator runs the turn under the same question id, so a second one replays it.
public struct TurnStream: AsyncSequence, Sendable {
  /// What the loop sees.
  public typealias Element = TurnEvent
  /// What ended the turn: see ``ChatService/ask(_:in:as:options:)``.
  public typealias Failure = any Error

  /// Runs the turn; the closure that it is given cancels it.
  let run: @Sendable (TurnChannel, @escaping @Sendable () -> Void) async throws -> Void

  /// An iterator that runs the turn.
  public func makeAsyncIterator() -> Iterator { Iterator(reading: Reading(run)) }

  /// Takes the events of one run.
  public struct Iterator: AsyncIteratorProtocol {
    let reading: Reading

    /// Waits for the next event; nil after the last one.
    public mutating func next() async throws -> TurnEvent? { try await reading.next() }

    /// Waits for the next event; nil after the last one.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws -> TurnEvent? {
      try await reading.next()
    }
  }

  /// One run and its reader. When the last iterator is gone, the run is stopped.
  final class Reading: Sendable {
    private let channel = TurnChannel()
    private let task = Locked<Task<Void, Never>?>(nil)
    private let run: @Sendable (TurnChannel, @escaping @Sendable () -> Void) async throws -> Void

    init(
      _ run: @escaping @Sendable (TurnChannel, @escaping @Sendable () -> Void) async throws -> Void
    ) {
      self.run = run
    }

    deinit {
      channel.leave()
      task.withLock { $0 }?.cancel()
    }

    func next() async throws -> TurnEvent? {
      let stop: @Sendable () -> Void = { [task] in task.withLock { $0 }?.cancel() }
      task.withLock { task in
        guard task == nil else { return }
        task = Task { [channel, run] in
          do {
            try await run(channel, stop)
            channel.finish(.success(()))
          } catch {
            channel.finish(.failure(error))
          }
        }
      }
      if let event = channel.takeWaiting() { return event }
      return try await withTaskCancellationHandler {
        try await channel.next()
      } onCancel: {
        // The turn stores what was taken before it ends, and its end is what the reader gets.
        task.withLock { $0 }?.cancel()
      }
    }
  }
}

/// Takes the events of a turn, in order.
protocol TurnReader: Sendable {
  /// Returns when the reader has the event.
  ///
  /// - Throws: What is to stop the turn. The reader does not have the event then.
  func take(_ event: TurnEvent) async throws
}

/// A turn that nobody reads.
struct NoReader: TurnReader {
  func take(_ event: TurnEvent) {}
}

/// Hands events from the task that runs a turn to the one that reads it: who comes first waits.
final class TurnChannel: TurnReader {
  private typealias Reader = CheckedContinuation<TurnEvent?, any Error>

  private struct State {
    var reader: Reader?
    var writer: (event: TurnEvent, continuation: CheckedContinuation<Void, any Error>)?
    var end: Result<Void, any Error>?
    var hasReaderLeft = false
  }

  private let state = Locked(State())

  func take(_ event: TurnEvent) async throws {
    if let reader = state.withLock({ $0.reader.take() }) { return reader.resume(returning: event) }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { writer in
        let (isStopped, reader) = state.withLock { state -> (Bool, Reader?) in
          if Task.isCancelled || state.hasReaderLeft { return (true, nil) }
          if state.reader == nil { state.writer = (event, writer) }
          return (false, state.reader.take())
        }
        if isStopped {
          writer.resume(throwing: CancellationError())
        } else if let reader {
          reader.resume(returning: event)
          writer.resume()
        }
      }
    } onCancel: {
      state.withLock { $0.writer.take() }?.continuation.resume(throwing: CancellationError())
    }
  }

  /// The event of a writer that waits, if there is one.
  func takeWaiting() -> TurnEvent? {
    let writer = state.withLock { $0.writer.take() }
    writer?.continuation.resume()
    return writer?.event
  }

  /// Waits for the next event; nil after the last one.
  func next() async throws -> TurnEvent? {
    try await withCheckedThrowingContinuation { reader in
      let (writer, end) = state.withLock { state in
        let (writer, end) = (state.writer.take(), state.end)
        if writer == nil {
          if end == nil { state.reader = reader }
          // Thrown once; a reader that asks again gets the end of the sequence.
          if end != nil { state.end = .success(()) }
        }
        return (writer, end)
      }
      if let writer {
        writer.continuation.resume()
        reader.resume(returning: writer.event)
      } else if let end {
        reader.resume(with: end.map { nil })
      }
    }
  }

  /// The turn has ended.
  func finish(_ result: Result<Void, any Error>) {
    let reader = state.withLock { state in
      state.end = state.reader == nil ? result : .success(())
      return state.reader.take()
    }
    reader?.resume(with: result.map { nil })
  }

  /// Nobody will read any more.
  func leave() {
    let writer = state.withLock { state in
      state.hasReaderLeft = true
      return state.writer.take()
    }
    writer?.continuation.resume(throwing: CancellationError())
  }
}
