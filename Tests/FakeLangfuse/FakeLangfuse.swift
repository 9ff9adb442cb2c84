public import SessionCore

/// A real HTTP server on this machine that takes traces and scores as Langfuse does, refuses what
/// it refuses, and keeps what it took for tests to look at.
///
/// It runs on threads of its own. Everything may be called from any task. It ends with ``close()``,
/// or with the last reference to it.
public final class FakeLangfuse: Sendable {
  private let service: LangfuseService
  private let server: Locked<HTTPServer?>
  private let requests: Journal
  /// The port that it listens on, or will listen on again.
  public let port: UInt16

  /// Starts a server on 127.0.0.1.
  ///
  /// - Parameters:
  ///   - publicKey: The user name that it takes.
  ///   - secretKey: The password that it takes.
  ///   - time: What arrivals are noted with.
  ///   - port: 0 for any free port.
  /// - Throws: ``SocketError`` when the port cannot be had.
  public init(
    publicKey: String = "pk-lf-test", secretKey: String = "sk-lf-test",
    time: any TimeSource = SystemTimeSource(), port: UInt16 = 0
  ) async throws {
    service = LangfuseService(publicKey: publicKey, secretKey: secretKey)
    requests = Journal(time: time)
    let server = try Self.listen(port, service, requests)
    self.port = server.port
    self.server = Locked(server)
  }

  private static func listen(
    _ port: UInt16, _ service: LangfuseService, _ journal: Journal
  ) throws -> HTTPServer {
    try HTTPServer(port: port, journal: journal) { service.reply(to: $0) }
  }

  /// `http://127.0.0.1:PORT`.
  public var baseURL: String { "http://127.0.0.1:\(port)" }

  /// Closes the port and every connection, and waits until nothing of the server is left. What was
  /// stored can still be looked at. From then on connections are refused.
  public func close() async {
    let server = server.withLock { $0.take() }
    await server?.close()
  }

  /// Listens again on the same port, after ``close()``.
  public func reopen() throws {
    guard server.withLock({ $0 == nil }) else { return }
    let opened = try Self.listen(port, service, requests)
    server.withLock { $0 = opened }
  }

  // MARK: - Script

  /// Puts `faults` behind those that wait: one for each request with the right credentials.
  public func enqueue(_ faults: LangfuseFault..., for call: LangfuseCall = .traces) {
    service.state.update { $0.script.enqueue(faults, at: call) }
  }

  /// What happens to every request for which nothing is queued; nil: what should.
  public func set(_ fault: LangfuseFault?, for call: LangfuseCall = .traces) {
    service.state.update { $0.script.set(fault, at: call) }
  }

  /// The faults that still wait.
  public var queuedCount: Int { service.state.value.script.queuedCount }

  // MARK: - What was stored

  /// Every span, in the order of arrival.
  public var spans: [LangfuseSpan] { service.state.value.spans }

  /// The spans of each trace.
  public var traces: [String: [LangfuseSpan]] { Dictionary(grouping: spans, by: \.traceID) }

  /// Spans that were sent more than once: every second one would be shown as another span.
  public var duplicateSpanIDs: [String] {
    Dictionary(grouping: spans, by: { $0.traceID + $0.spanID }).values
      .filter { $0.count > 1 }.map { $0[0].spanID }.sorted()
  }

  /// Traces without a root, or with several.
  public var tracesWithoutOneRoot: [String] {
    traces.filter { $0.value.count { $0.parentSpanID == nil } != 1 }.keys.sorted()
  }

  /// Spans whose parent was not sent.
  public var orphans: [LangfuseSpan] {
    let traces = traces
    return spans.filter { span in
      span.parentSpanID.map { parent in
        traces[span.traceID]?.contains { $0.spanID == parent } != true
      } ?? false
    }
  }

  /// Spans that would not be found under their session.
  public var spansWithoutSession: [LangfuseSpan] { spans.filter { $0.sessionID == nil } }

  /// Attributes that the service would take without a word and then not use.
  public var complaints: [String] { spans.flatMap { SpanRules.complaints(about: $0) } }

  /// The scores by their ids, as they were sent last.
  public var scores: [String: JSONDocument] { service.state.value.scores }

  /// Forgets spans and scores.
  public func clear() {
    service.state.update { state in
      state.spans = []
      state.scores = [:]
      state.scoreWriteCount = 0
    }
  }

  // MARK: - Journal

  /// What was received, oldest first, with every credential masked.
  public var journal: [RecordedRequest] { requests.requests }

  /// Waits until `count` spans are stored, and returns them.
  ///
  /// - Throws: `CancellationError`, as all waits here, when the task is cancelled.
  @discardableResult
  public func waitForSpans(_ count: Int = 1) async throws -> [LangfuseSpan] {
    try await service.state.wait { $0.spans.count >= count }.spans
  }

  /// Waits until scores were written `count` times, and returns those that there are.
  @discardableResult
  public func waitForScores(_ count: Int = 1) async throws -> [String: JSONDocument] {
    try await service.state.wait { $0.scoreWriteCount >= count }.scores
  }

  /// Waits until the journal holds `count` requests, and returns it.
  @discardableResult
  public func waitForRequests(_ count: Int = 1) async throws -> [RecordedRequest] {
    try await requests.waitForRequests(count)
  }

  /// Waits until clients have closed `count` requests before they were answered.
  @discardableResult
  public func waitForClientClose(_ count: Int = 1) async throws -> [RecordedRequest] {
    try await requests.wait(for: count) { $0.clientClosed != nil }
  }

  /// Waits until `count` requests hang at once.
  public func waitForStalls(_ count: Int = 1) async throws {
    try await requests.waitForHolds(count)
  }

  /// Lets every request that hangs now go on.
  public func releaseStalls() { server.withLock { $0 }?.releaseHolds() }
}
