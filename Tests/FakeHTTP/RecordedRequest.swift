public import SessionCore

/// A moment on both clocks: the one that a test moves, and the machine's.
public struct Moment: Sendable, Hashable {
  /// On the fake's clock.
  public let time: Timestamp
  /// On the machine's, to measure with.
  public let instant: ContinuousClock.Instant
}

/// A request that a fake received, and what became of it.
public struct RecordedRequest: Sendable, Hashable {
  /// 1 for the first request of the fake.
  public let number: Int
  /// What was sent, with every credential masked.
  public let request: ReceivedRequest
  /// When it was there, whole.
  public let arrival: Moment
  /// The status it was answered with; nil while no answer has begun.
  public internal(set) var status: Int?
  /// When the last byte of the answer was handed to the system.
  public internal(set) var answered: Moment?
  /// When the client was seen to leave before the answer was whole.
  public internal(set) var clientClosed: Moment?
  /// When the fake ended the answer before it was whole: a cut, a reset, or its own end.
  public internal(set) var serverClosed: Moment?

  /// `GET`, `POST` …
  public var method: String { request.method }
  /// The target without its query.
  public var path: String { request.path }
  /// The body as text.
  public var text: String { String(decoding: request.body, as: UTF8.self) }
  /// The body as JSON; nil when it is none.
  public var json: JSONDocument? { try? JSONDocument(parsing: request.body) }
  /// Whether nothing more will happen to it.
  public var isOver: Bool { answered != nil || clientClosed != nil || serverClosed != nil }
}
