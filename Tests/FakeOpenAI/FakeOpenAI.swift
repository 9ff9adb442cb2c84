public import SessionCore

/// A real HTTP server on this machine that speaks the `chat/completions` interface of OpenAI, as
/// many other services and local servers do.
///
/// It runs on threads of its own. Everything may be called from any task. It ends with ``close()``,
/// or with the last reference to it.
public final class FakeOpenAI: Sendable {
  private let service: OpenAIService
  private let server: HTTPServer
  private let requests: Journal

  /// Starts a server on 127.0.0.1.
  ///
  /// - Parameters:
  ///   - keys: The keys it takes; with none of them it asks for no key, as local servers do.
  ///   - models: The models it has, in the order in which it lists them.
  ///   - time: What arrivals are noted with.
  ///   - port: 0 for any free port.
  /// - Throws: ``SocketError`` when the port cannot be had.
  public init(
    keys: Set<String> = ["test-key"], models: [String] = ["gpt-4o-mini", "gpt-4o"],
    time: any TimeSource = SystemTimeSource(), port: UInt16 = 0
  ) async throws {
    let service = OpenAIService(keys: keys, models: models)
    requests = Journal(time: time)
    server = try HTTPServer(port: port, journal: requests) { service.reply(to: $0) }
    self.service = service
  }

  /// The port it listens on.
  public var port: UInt16 { server.port }
  /// `http://127.0.0.1:PORT/v1`, as such services write their base URL.
  public var baseURL: String { "http://127.0.0.1:\(port)/v1" }

  /// Closes the port and every connection, and waits until nothing of the server is left.
  public func close() async { await server.close() }

  // MARK: - Script

  /// Puts `scenarios` behind those that wait: one for each request that is in order. What is
  /// queued for a model comes before what is queued for any.
  public func enqueue(_ scenarios: OpenAIScenario..., for model: String? = nil) {
    service.state.withLock { $0.script.enqueue(scenarios, at: model) }
  }

  /// What to do with every request for which nothing is queued; ``OpenAIScenario/ok`` until it is
  /// set.
  public func set(_ scenario: OpenAIScenario, for model: String? = nil) {
    service.state.withLock { $0.script.set(scenario, at: model) }
  }

  /// The scenarios that still wait.
  public var queuedCount: Int { service.state.withLock { $0.script.queuedCount } }

  /// Says what the fake answers: the pieces of text, one for each chunk. Without it the fake
  /// answers ``OpenAIRequest/echo``.
  public func setAnswer(_ answer: @escaping @Sendable (OpenAIRequest) -> [String]) {
    service.state.withLock { $0.answer = answer }
  }

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

  /// Waits until clients have closed `count` requests before their answer was whole.
  @discardableResult
  public func waitForClientClose(_ count: Int = 1) async throws -> [RecordedRequest] {
    try await requests.wait(for: count) { $0.clientClosed != nil }
  }

  /// Waits until `count` answers are held at once.
  public func waitForStalls(_ count: Int = 1) async throws {
    try await requests.waitForHolds(count)
  }

  /// Lets every answer that is held now go on.
  public func releaseStalls() { server.releaseHolds() }
}
