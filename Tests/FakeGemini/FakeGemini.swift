public import SessionCore

/// A real HTTP server on this machine that behaves as Gemini does: strict on requests, varied on
/// answers, and with a memory of what it was asked.
///
/// It runs on threads of its own. Everything may be called from any task. It ends with ``close()``,
/// or with the last reference to it.
public final class FakeGemini: Sendable {
  private let service: GeminiService
  private let server: HTTPServer
  private let requests: Journal

  /// Starts a server on 127.0.0.1.
  ///
  /// - Parameters:
  ///   - keys: The keys it takes.
  ///   - models: The models it has, in the order in which it lists them.
  ///   - time: What minutes and days of quota are measured with.
  ///   - port: 0 for any free port.
  ///   - observer: Told of each request before it is answered and when it is over, on the thread of
  ///     its connection.
  /// - Throws: ``SocketError`` when the port cannot be had.
  public init(
    keys: Set<String> = ["test-key"], models: [String] = FakeGemini.usualModels,
    time: any TimeSource = SystemTimeSource(), port: UInt16 = 0,
    observer: (@Sendable (JournalEvent) -> Void)? = nil
  ) async throws {
    let service = GeminiService(state: GeminiState(keys: keys, models: models), time: time)
    requests = Journal(time: time, observer: observer)
    server = try HTTPServer(port: port, journal: requests) { service.reply(to: $0) }
    self.service = service
  }

  /// The models of a fake that is not told which ones it has.
  public static let usualModels = ModelCatalog.usual

  /// The port it listens on.
  public var port: UInt16 { server.port }
  /// `http://127.0.0.1:PORT`.
  public var baseURL: String { "http://127.0.0.1:\(port)" }

  /// Closes the port and every connection, and waits until nothing of the server is left.
  public func close() async { await server.close() }

  // MARK: - Script

  /// Puts `scenarios` behind those that wait: one for each request that is in order up to the
  /// model and its quota. What is queued for a model comes before what is queued for any.
  public func enqueue(
    _ scenarios: Scenario..., for model: String? = nil, call: GeminiCall = .generate
  ) {
    service.state.withLock { $0.enqueue(scenarios, for: model, call: call) }
  }

  /// What to do with every request for which nothing is queued. It is ``Scenario/ok`` until it is
  /// set; what is set for a model comes before what is set for any.
  public func set(
    _ scenario: Scenario, for model: String? = nil, call: GeminiCall = .generate
  ) {
    service.state.withLock { $0.set(scenario, for: model, call: call) }
  }

  /// The scenarios that still wait.
  public var queuedCount: Int { service.state.withLock { $0.queuedCount } }

  /// Limits `model`, or every model without limits of its own.
  public func setLimits(_ limits: ModelLimits, for model: String? = nil) {
    service.state.withLock { $0.setLimits(limits, for: model) }
  }

  /// Says what the fake answers: the pieces of text, one for each chunk. Without it the fake
  /// answers ``GeminiRequest/echo``.
  public func setAnswer(_ answer: @escaping @Sendable (GeminiRequest) -> [String]) {
    service.state.withLock { $0.answer = answer }
  }

  /// Replaces the keys it takes.
  public func setKeys(_ keys: Set<String>) { service.state.withLock { $0.keys = keys } }

  /// Replaces the models it has.
  public func setModels(_ models: [String]) { service.state.withLock { $0.models = models } }

  // MARK: - Journal

  /// What was received, oldest first, with every credential masked.
  public var journal: [RecordedRequest] { requests.requests }

  /// Forgets what is over.
  public func clearJournal() { requests.clear() }

  /// Waits until the journal holds `count` requests, and returns it.
  ///
  /// - Throws: `CancellationError`, as all waits here, when the task is cancelled.
  @discardableResult
  public func waitForRequests(_ count: Int = 1) async throws -> [RecordedRequest] {
    try await requests.waitForRequests(count)
  }

  /// Waits until the last byte of `count` answers was handed to the system, and returns them.
  @discardableResult
  public func waitForAnswers(_ count: Int = 1) async throws -> [RecordedRequest] {
    try await requests.wait(for: count) { $0.answered != nil }
  }

  /// Waits until clients have closed `count` requests before their answer was whole, and returns
  /// those.
  @discardableResult
  public func waitForClientClose(_ count: Int = 1) async throws -> [RecordedRequest] {
    try await requests.wait(for: count) { $0.clientClosed != nil }
  }

  /// Waits until `count` answers are held at once, by ``Scenario/stall`` or
  /// ``Scenario/slowFirstByte``.
  public func waitForStalls(_ count: Int = 1) async throws {
    try await requests.waitForHolds(count)
  }

  /// Lets every answer that is held now go on.
  public func releaseStalls() { server.releaseHolds() }
}
