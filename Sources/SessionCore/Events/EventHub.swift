/// Tells what happens to any number of listeners, and waits for none.
///
/// Each listener has a bounded queue of its own. One that is too slow loses the oldest events, and
/// is told how many with ``SessionEvent/missed(count:)``; nobody else notices. Telling costs
/// O(listeners), and listening from the beginning of nothing: a listener hears what happens after
/// it came.
public final class EventHub: Sendable {
  private struct State {
    var queues: [ObjectIdentifier: EventQueue] = [:]
  }

  private let state = Locked(State())

  /// A hub without listeners.
  public init() {}

  /// A new listener. It is one from this call on, and until its iterator is freed or its task is
  /// cancelled.
  ///
  /// - Parameter bufferCountMax: Events that wait for this listener at most; at least 1.
  public func events(bufferCountMax: Int = 256) -> SessionEvents {
    precondition(bufferCountMax >= 1, "a listener's queue holds at least one event")
    let queue = EventQueue(countMax: bufferCountMax)
    state.withLock { $0.queues[ObjectIdentifier(queue)] = queue }
    return SessionEvents(listener: SessionEvents.Listener(queue: queue, hub: self))
  }

  /// Tells every listener.
  public func tell(_ event: SessionEvent) {
    let queues = state.withLock { Array($0.queues.values) }
    for queue in queues { queue.add(event) }
  }

  /// How many listen.
  package var listenerCount: Int { state.withLock { $0.queues.count } }

  func remove(_ queue: EventQueue) {
    _ = state.withLock { $0.queues.removeValue(forKey: ObjectIdentifier(queue)) }
  }
}

/// What one listener hears: it never throws, and ends when its task is cancelled.
///
/// Made to be iterated by one task; a second iterator takes its events from the same queue.
public struct SessionEvents: AsyncSequence, Sendable {
  final class Listener: Sendable {
    let queue: EventQueue
    private let hub: EventHub

    init(queue: EventQueue, hub: EventHub) {
      self.queue = queue
      self.hub = hub
    }

    deinit { hub.remove(queue) }
  }

  /// Takes events from the listener's queue.
  public struct Iterator: AsyncIteratorProtocol {
    let listener: Listener

    /// Waits for the next event; nil when the task is cancelled.
    public mutating func next() async -> SessionEvent? { await listener.queue.next() }

    /// Waits for the next event; nil when the task is cancelled.
    public mutating func next(isolation actor: isolated (any Actor)?) async -> SessionEvent? {
      await listener.queue.next()
    }
  }

  let listener: Listener

  /// An iterator over what the listener hears.
  public func makeAsyncIterator() -> Iterator { Iterator(listener: listener) }
}
