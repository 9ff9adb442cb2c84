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

  let run: @Sendable (TurnChannel) async throws -> Void

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
    private let run: @Sendable (TurnChannel) async throws -> Void

    init(_ run: @escaping @Sendable (TurnChannel) async throws -> Void) { self.run = run }

    deinit {
      channel.leave()
      task.withLock { $0 }?.cancel()
    }

    func next() async throws -> TurnEvent? {
      task.withLock { task in
        guard task == nil else { return }
        task = Task { [channel, run] in
          do {
            try await run(channel)
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
  /// Returns when the reader can take more.
  ///
  /// - Throws: What is to stop the turn.
  func take(_ event: TurnEvent) async throws

  /// Takes back the event that was handed over and never seen, if there is one: the turn was
  /// stopped.
  func takeBackUnseen() -> TurnEvent?
}

/// A turn that nobody reads.
struct NoReader: TurnReader {
  func take(_ event: TurnEvent) {}
  func takeBackUnseen() -> TurnEvent? { nil }
}

/// Hands events from the task that runs a turn to the one that reads it.
///
/// One event may wait for the reader, so that both can work at the same time; the writer waits
/// before a second one.
final class TurnChannel: TurnReader {
  private typealias Reader = CheckedContinuation<TurnEvent?, any Error>
  private typealias Writer = CheckedContinuation<Void, any Error>

  private struct State {
    var event: TurnEvent?
    var reader: Reader?
    var writer: (event: TurnEvent, continuation: Writer)?
    var end: Result<Void, any Error>?
    var hasReaderLeft = false
  }

  private let state = Locked(State())

  func take(_ event: TurnEvent) async throws {
    if offer(event) { return }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { writer in
        let outcome = state.withLock { state -> Result<Reader?, any Error>? in
          if Task.isCancelled || state.hasReaderLeft { return .failure(CancellationError()) }
          if let reader = state.reader.take() { return .success(reader) }
          guard state.event != nil else {
            state.event = event
            return .success(nil)
          }
          state.writer = (event, writer)
          return nil
        }
        switch outcome {
        case .success(let reader):
          reader?.resume(returning: event)
          writer.resume()
        case .failure(let error): writer.resume(throwing: error)
        case nil: break
        }
      }
    } onCancel: {
      state.withLock { $0.writer.take() }?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Hands the event over if that needs no waiting.
  private func offer(_ event: TurnEvent) -> Bool {
    let (isTaken, reader) = state.withLock { state -> (Bool, Reader?) in
      if state.hasReaderLeft { return (false, nil) }
      if let reader = state.reader.take() { return (true, reader) }
      guard state.event == nil else { return (false, nil) }
      state.event = event
      return (true, nil)
    }
    reader?.resume(returning: event)
    return isTaken
  }

  func takeBackUnseen() -> TurnEvent? { state.withLock { $0.event.take() } }

  /// The event that waits, if there is one.
  func takeWaiting() -> TurnEvent? {
    let (event, writer) = state.withLock { state in
      let event = state.event.take()
      let writer = event == nil ? nil : state.writer.take()
      state.event = writer?.event
      return (event, writer)
    }
    writer?.continuation.resume()
    return event
  }

  /// Waits for the next event; nil after the last one.
  func next() async throws -> TurnEvent? {
    try await withCheckedThrowingContinuation { reader in
      let (event, writer, end) = state.withLock {
        state -> (TurnEvent?, Writer?, Result<Void, any Error>?) in
        if let event = state.event.take() {
          let writer = state.writer.take()
          state.event = writer?.event
          return (event, writer?.continuation, nil)
        }
        guard let end = state.end else {
          state.reader = reader
          return (nil, nil, nil)
        }
        // Thrown once; a reader that asks again gets the end of the sequence.
        state.end = .success(())
        return (nil, nil, end)
      }
      writer?.resume()
      if let event {
        reader.resume(returning: event)
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
