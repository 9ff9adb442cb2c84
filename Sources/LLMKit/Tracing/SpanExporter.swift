import SessionCore

/// Sends spans and scores in the background: in batches, one request at a time.
///
/// Whoever adds something never waits. Nothing runs while nothing is left to send.
final class SpanExporter: Sendable {
  private struct State {
    var queue: ExportQueue
    /// The task that sends, while there is something to send.
    var worker: Task<Void, Never>?
    /// What the worker waits in.
    var wait: Task<Void, Never>?
  }

  private let state: Locked<State>
  private let configuration: TracingConfiguration
  private let client: HTTPClient
  private let time: MonotonicTime
  /// Tells how far off a date is that the server names.
  private let wallTime: any TimeSource
  private let report: @Sendable (String) -> Void

  private static let answerByteCountMax = 64 << 10

  /// - Parameter report: Told once when tracing is disabled, and why.
  init(
    _ configuration: TracingConfiguration, client: HTTPClient, time: MonotonicTime,
    wallTime: any TimeSource, report: @escaping @Sendable (String) -> Void
  ) {
    self.configuration = configuration
    self.client = client
    self.time = time
    self.wallTime = wallTime
    self.report = report
    state = Locked(State(queue: ExportQueue(configuration.limits)))
  }

  var statistics: TracingStatistics {
    let now = time.now()
    return state.withLock { $0.queue.statistics(at: now) }
  }

  func add(_ items: [ExportItem]) {
    guard !items.isEmpty else { return }
    let now = time.now()
    state.withLock { state in
      var isDueEarlier = false
      for item in items where state.queue.add(item, at: now) { isDueEarlier = true }
      if state.worker == nil {
        // Detached: what is sent has nothing to do with the task that is traced.
        state.worker = Task.detached(priority: .utility) { await self.run() }
      } else if isDueEarlier {
        state.wait?.cancel()
      }
    }
  }

  /// Drops the spans of a user that wait, and returns how many.
  func forget(user: String) -> Int { state.withLock { $0.queue.forget(user: user) } }

  /// Sends what waits, for at most `limit`, and takes nothing any more. What has not been sent by
  /// then is given up, at once when it could not be sent in time anyway.
  func close(within limit: Duration) async {
    let deadline = time.now() + limit
    let worker = state.withLock { state in
      state.queue.close(by: deadline)
      state.wait?.cancel()
      return state.worker
    }
    guard let worker else { return }
    let alarm = Task.detached {
      await self.time.wait(until: deadline)
      if !Task.isCancelled { worker.cancel() }
    }
    await withTaskCancellationHandler {
      await worker.value
    } onCancel: {
      self.giveUp()
    }
    alarm.cancel()
  }

  /// Sends nothing, and returns what the server says against it; nil: nothing.
  func check() async -> TracingProblem? {
    switch await outcome(of: ExportBatch(items: [])) {
    case .accepted: nil
    case .tooLarge: TracingProblem(kind: .refused, reason: "HTTP 413")
    case .refused(let reason): TracingProblem(kind: .refused, reason: reason)
    case .retry(_, let reason): TracingProblem(kind: .unreachable, reason: reason)
    case .unauthorized(let reason): TracingProblem(kind: .credentials, reason: reason)
    case .suspended(let reason): TracingProblem(kind: .suspended, reason: reason)
    }
  }

  private func giveUp() {
    let now = time.now()
    let worker = state.withLock { state in
      state.queue.close(by: now)
      state.wait?.cancel()
      return state.worker
    }
    worker?.cancel()
  }

  private func run() async {
    while true {
      let now = time.now()
      let (step, wait) = state.withLock { state in
        let step = state.queue.next(at: now)
        switch step {
        case .rest: state.worker = nil
        case .wait(let moment):
          state.wait = Task.detached { await self.time.wait(until: moment) }
        case .send: state.wait = nil
        }
        return (step, state.wait)
      }
      switch step {
      case .rest: return
      case .wait: await wait?.value
      case .send(let batch): await send(batch)
      }
    }
  }

  private func send(_ batch: ExportBatch) async {
    let outcome = await outcome(of: batch)
    let now = time.now()
    let problem = state.withLock {
      $0.queue.finished(batch, outcome, at: now, jitter: .random(in: 0.7...1.3))
    }
    if let problem { report(problem) }
  }

  private func outcome(of batch: ExportBatch) async -> ExportOutcome {
    guard let request = request(for: batch) else { return .refused("there is nowhere to send it") }
    guard request.body.count <= configuration.limits.batchByteCountMax else { return .tooLarge }
    do {
      return try await client.withResponse(to: request) { response in
        // The status alone decides, so a body that breaks off does no harm.
        let body = (try? await response.wholeBody()) ?? []
        return ExportOutcome(
          status: response.head.status, retryAfter: response.head.retryAfter(now: wallTime.now()),
          body: body, contentType: response.head["content-type"],
          deletes: request.method == .delete, secrets: configuration.secrets)
      }
    } catch let error as HTTPError {
      return ExportOutcome(error)
    } catch {
      return .retry(after: nil, "the program ended before the answer came")
    }
  }

  private func request(for batch: ExportBatch) -> HTTPRequest? {
    var request = HTTPRequest(
      .post, configuration.spansURL, headers: configuration.headers,
      certificateAuthorityFile: configuration.certificateAuthorityFile,
      responseByteCountMax: Self.answerByteCountMax)
    var contentType = TraceEncoding.json.contentType
    let timeout = configuration.limits.requestTimeout
    request.deadlines = HTTPDeadlines(
      connect: timeout, firstByte: timeout, betweenBytes: timeout, total: timeout)
    switch batch.items.first {
    case .score(let score):
      guard let url = configuration.scoresURL else { return nil }
      request.url = url
      request.body = score.body(configuration.labels)
    case .scoreDeletion(let id):
      guard let url = configuration.scoresURL else { return nil }
      request.method = .delete
      request.url = url + "/" + ServiceURL.encoded(id)
    default:
      let spans = batch.items.compactMap { item in
        if case .span(let span) = item { span } else { nil }
      }
      request.body = OTLPExport.body(
        spans, labels: configuration.labels, encoding: configuration.encoding)
      contentType = configuration.encoding.contentType
    }
    // Both are plain text, so that there is nothing to refuse.
    if let header = try? HTTPRequest.Header("Content-Type", Secret(contentType)) {
      request.headers.append(header)
    }
    return request
  }
}
