import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("Sending traces", .timeLimit(.minutes(5)))
struct SpanExportTests {
  private let clock = ManualClock()
  private let reports = Locked<[String]>([])

  private func tracer(_ configuration: TracingConfiguration) -> Tracer {
    let reports = reports
    return Tracer(
      configuration, client: HTTPClient(), clock: clock, time: ManualTime(),
      report: { report in reports.withLock { $0.append(report) } })
  }

  private static func span(_ number: Int = 0) -> TraceSpan {
    let context = TraceContext(id: TraceID(seed: "t"), name: "chat-turn", session: "s")
    return TraceSpan(
      "span-\(number)", of: context, id: SpanID(seed: "\(number)"), parent: nil,
      from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 1))
  }

  @Test("A batch is one request with the headers that Langfuse wants")
  func request() async throws {
    let server = try TraceServer()
    let tracer = tracer(try server.langfuse())
    tracer.record([Self.span(0), Self.span(1)])
    await clock.waitForSleeper(until: .seconds(1))
    #expect(server.requests.isEmpty)
    clock.advance(by: .seconds(1))
    await server.waitForRequests(1)
    await tracer.close()
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /api/public/otel/v1/traces HTTP/1.1")
    // printf 'pk-lf-1:sk-lf-1' | base64
    #expect(request.headers["authorization"] == "Basic cGstbGYtMTpzay1sZi0x")
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["x-langfuse-ingestion-version"] == "4")
    #expect(request.headers["x-langfuse-sdk-name"] == "llmkit")
    #expect(request.spans.map(\.name) == ["span-0", "span-1"])
    #expect(server.requests.count == 1)
    #expect(tracer.statistics.sentCount == 2)
    #expect(tracer.statistics.waitingCount == 0)
  }

  @Test("A full batch does not wait")
  func fullBatch() async throws {
    let server = try TraceServer()
    let tracer = tracer(try server.langfuse())
    tracer.record([Self.span(0)])
    await clock.waitForSleeper(until: .seconds(1))
    tracer.record((1..<50).map(Self.span))
    await server.waitForRequests(1)
    #expect(server.requests.first?.spans.count == 50)
    await tracer.close()
  }

  @Test("A limit on requests is waited out, a server's errors too, and it is asked once at a time")
  func retries() async throws {
    let server = try TraceServer(
      .respond(429, headers: "Retry-After: 2\r\n"), .respond(503), .respond(408))
    let tracer = tracer(try server.langfuse())
    tracer.record((0..<50).map(Self.span))
    await clock.waitForSleeper(until: .seconds(2))
    #expect(server.requests.count == 1)
    // The next waits are of 2 and of 4 seconds, give or take 30 %.
    for count in 2...4 {
      clock.advance(by: .seconds(6))
      await server.waitForRequests(count)
      if count < 4 { await clock.waitForSleeper() }
      #expect(server.requests.count == count)
    }
    await tracer.close()
    #expect(tracer.statistics.sentCount == 50)
    #expect(tracer.statistics.retriedCount == 3)
    #expect(Set(server.requests.map { $0.spans.map(\.id) }).count == 1)
  }

  @Test("A connection that breaks off is tried again")
  func cut() async throws {
    let server = try TraceServer(.cut)
    let tracer = tracer(try server.langfuse())
    tracer.record((0..<50).map(Self.span))
    await clock.waitForSleeper()
    clock.advance(by: .seconds(2))
    await server.waitForRequests(2)
    await tracer.close()
    #expect(tracer.statistics.sentCount == 50)
    #expect(tracer.statistics.retriedCount == 1)
  }

  @Test("Keys that are not accepted are told once, and never tried again or printed")
  func unauthorized() async throws {
    let server = try TraceServer(
      .respond(401, body: #"{"message":"Invalid credentials: sk-lf-1"}"#))
    let tracer = tracer(try server.langfuse())
    tracer.record((0..<50).map(Self.span))
    await server.waitForRequests(1)
    await tracer.close()
    tracer.record([Self.span()])
    #expect(reports.withLock { $0 } == ["HTTP 401: Invalid credentials: ***"])
    #expect(server.requests.count == 1)
    #expect(tracer.statistics.isDisabled)
    #expect(tracer.statistics.refusedCount == 50)
    #expect(tracer.statistics.droppedCount == 1)
  }

  @Test("A request that is too long is sent in halves")
  func tooLarge() async throws {
    let server = try TraceServer(.respond(413), .respond(413))
    let tracer = tracer(try server.langfuse())
    tracer.record((0..<4).map(Self.span))
    await tracer.close()
    #expect(server.requests.map { $0.spans.count } == [4, 2, 1, 1, 2])
    #expect(tracer.statistics.sentCount == 4)
  }

  @Test("A refused batch is counted and not repeated")
  func refused() async throws {
    let server = try TraceServer(.respond(400, body: #"{"error":"Failed to parse"}"#))
    let tracer = tracer(try server.langfuse())
    tracer.record([Self.span()])
    await tracer.close()
    #expect(server.requests.count == 1)
    #expect(tracer.statistics.refusedCount == 1)
    #expect(tracer.statistics.lastProblem == "HTTP 400: Failed to parse")
    #expect(reports.withLock { $0 } == [])
  }

  @Test("R3: at the end what waits is sent without waiting for more")
  func flush() async throws {
    let server = try TraceServer()
    let tracer = tracer(try server.langfuse())
    tracer.record([Self.span()])
    await clock.waitForSleeper(until: .seconds(1))
    await tracer.close()
    #expect(server.spans.count == 1)
    #expect(tracer.statistics.sentCount == 1)
    tracer.record([Self.span()])
    #expect(tracer.statistics.droppedCount == 1)
  }

  @Test("R3: a server that hangs holds the end up for two seconds, and no longer")
  func hangingAtTheEnd() async throws {
    let server = try TraceServer(.hang)
    var configuration = try server.langfuse()
    configuration.limits.requestTimeout = .seconds(600)
    let tracer = tracer(configuration)
    tracer.record((0..<60).map(Self.span))
    await server.waitForRequests(1)
    async let end: Void = tracer.close()
    await clock.waitForSleeper(until: .seconds(2))
    clock.advance(by: .seconds(2))
    await end
    await server.waitForLeft(1)
    #expect(tracer.statistics.droppedCount == 60)
    #expect(tracer.statistics.waitingCount == 0)
  }

  @Test("R3: the end does not wait for a retry that comes after it")
  func backoffAtTheEnd() async throws {
    let server = try TraceServer(.respond(429, headers: "Retry-After: 60\r\n"))
    let tracer = tracer(try server.langfuse())
    tracer.record([Self.span()])
    // The clock stands still: only giving up at once lets this return.
    await tracer.close()
    #expect(tracer.statistics.droppedCount == 1)
    #expect(server.requests.count == 1)
  }

  @Test("A cancelled end gives up at once")
  func cancelledEnd() async throws {
    let server = try TraceServer(.hang)
    var configuration = try server.langfuse()
    configuration.limits.requestTimeout = .seconds(600)
    let tracer = tracer(configuration)
    tracer.record((0..<50).map(Self.span))
    await server.waitForRequests(1)
    let end = Task { await tracer.close() }
    await clock.waitForSleeper(until: .seconds(2))
    end.cancel()
    await end.value
    await server.waitForLeft(1)
    #expect(tracer.statistics.droppedCount == 50)
  }

  @Test("A server that does not answer is left after the time for a request")
  func timeout() async throws {
    let server = try TraceServer(.hang)
    var configuration = try server.langfuse()
    configuration.limits.requestTimeout = .seconds(1)
    let tracer = tracer(configuration)
    tracer.record((0..<50).map(Self.span))
    await server.waitForLeft(1)
    await clock.waitForSleeper()
    clock.advance(by: .seconds(2))
    await server.waitForRequests(2)
    await tracer.close()
    #expect(tracer.statistics.sentCount == 50)
    #expect(tracer.statistics.retriedCount == 1)
  }

  @Test("A server that is not there is tried six times, and the spans are dropped")
  func unreachable() async throws {
    let tracer = tracer(
      try TracingConfiguration(
        langfusePublicKey: "pk", secretKey: Secret("sk"), host: "http://127.0.0.1:1"))
    tracer.record((0..<50).map(Self.span))
    for _ in 0..<5 {
      await clock.waitForSleeper()
      clock.advance(by: .seconds(60))
    }
    await tracer.close(within: .seconds(60))
    #expect(tracer.statistics.droppedCount == 50)
    #expect(tracer.statistics.retriedCount == 5)
  }

  @Test("A server can be asked whether it takes spans, without sending one")
  func check() async throws {
    let server = try TraceServer(
      .respond(200), .respond(401, body: #"{"message":"Invalid credentials"}"#))
    let tracer = tracer(try server.langfuse())
    #expect(await tracer.check() == nil)
    #expect(
      await tracer.check()
        == TracingProblem(kind: .credentials, reason: "HTTP 401: Invalid credentials"))
    #expect(
      server.requests.map { $0.body?.jsonText }
        == Array(repeating: #"{"resourceSpans":[]}"#, count: 2))
    #expect(!tracer.statistics.isDisabled)
    let nobody = self.tracer(
      try TracingConfiguration(
        langfusePublicKey: "pk", secretKey: Secret("sk"), host: "http://127.0.0.1:1"))
    #expect(await nobody.check()?.kind == .unreachable)
  }

  @Test("Any OTLP endpoint gets the same spans with its own headers")
  func openTelemetry() async throws {
    let server = try TraceServer()
    let configuration = try TracingConfiguration(
      openTelemetryURL: server.url + "/v1/traces", headers: ["x-api-key": Secret("k")],
      encoding: .json)
    let tracer = tracer(configuration)
    tracer.record([Self.span()])
    tracer.record(
      TraceScore(id: "a", trace: TraceID(seed: ""), name: "x", value: .boolean(true)))
    tracer.removeScore("a")
    await tracer.close()
    let request = try #require(server.requests.first)
    #expect(request.line == "POST /v1/traces HTTP/1.1")
    #expect(request.headers["x-api-key"] == "k")
    #expect(request.headers["authorization"] == nil)
    #expect(request.headers["x-langfuse-ingestion-version"] == nil)
    #expect(request.spans.count == 1)
    #expect(server.requests.count == 1)
  }
}
