import LLMKit
import SessionCore
import Testing

@Suite("Answers of a tracing server")
struct ExportOutcomeTests {
  enum Kind: Equatable {
    case accepted, refused, tooLarge
    case retry(Duration?)
    case unauthorized, suspended
  }

  struct Row: Sendable {
    let status: Int
    var retryAfter: Duration?
    var body = ""
    let kind: Kind
  }

  static let rows: [Row] = [
    Row(status: 200, body: "{}", kind: .accepted),
    Row(
      status: 200, body: #"{"name":"otel-ingestion-job","id":"1","data":{}}"#, kind: .accepted),
    Row(status: 200, body: "", kind: .accepted),
    Row(status: 400, body: #"{"error":"Invalid content type"}"#, kind: .refused),
    Row(status: 400, body: #"{"error":"Failed to parse OTel JSON Trace"}"#, kind: .refused),
    Row(
      status: 400,
      body: #"{"error":"Invalid OTLP trace export: 1 of 3 span(s) cannot be processed"}"#,
      kind: .refused),
    Row(
      status: 400,
      body: #"{"error":"Unsupported x-langfuse-ingestion-version: \"5\"."}"#, kind: .refused),
    Row(
      status: 401,
      body: #"{"message":"Invalid credentials. Confirm the correct host."}"#, kind: .unauthorized),
    Row(
      status: 403,
      body: #"{"message":"Ingestion suspended: Usage threshold exceeded.","error":"x"}"#,
      kind: .suspended),
    Row(status: 405, body: #"{"message":"x","error":"MethodNotAllowedError"}"#, kind: .refused),
    Row(status: 413, kind: .tooLarge),
    Row(
      status: 429, retryAfter: .seconds(7),
      body: #"{"message":"Rate limit exceeded","code":"rate_limited"}"#,
      kind: .retry(.seconds(7))),
    Row(
      status: 429,
      body: #"{"message":"Rate limit exceeded","details":{"retryAfterSeconds":3}}"#,
      kind: .retry(.seconds(3))),
    Row(status: 429, kind: .retry(nil)),
    Row(status: 408, kind: .retry(nil)),
    Row(status: 500, body: #"{"message":"Internal Server Error"}"#, kind: .retry(nil)),
    Row(status: 502, body: "<html>", kind: .retry(nil)),
    Row(status: 503, retryAfter: .seconds(2), kind: .retry(.seconds(2))),
    Row(status: 504, kind: .retry(nil)),
    // The old interface's way of storing nothing: not every 2xx is a success.
    Row(status: 207, body: #"{"successes":[],"errors":[{"id":"1","status":400}]}"#, kind: .refused),
    Row(status: 302, kind: .refused),
    Row(status: 404, kind: .refused),
  ]

  private static func kind(_ outcome: ExportOutcome) -> Kind {
    switch outcome {
    case .accepted: .accepted
    case .refused: .refused
    case .tooLarge: .tooLarge
    case .retry(let delay, _): .retry(delay)
    case .unauthorized: .unauthorized
    case .suspended: .suspended
    }
  }

  @Test("Every answer of the reference means what it says there", arguments: rows)
  func table(row: Row) {
    let outcome = ExportOutcome(
      status: row.status, retryAfter: row.retryAfter, body: Array(row.body.utf8))
    #expect(Self.kind(outcome) == row.kind)
  }

  @Test("Spans that a server left out are told from those that it took")
  func partialSuccess() {
    let body = #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}"#
    #expect(
      ExportOutcome(status: 200, body: Array(body.utf8)) == .accepted(refusedCount: 2))
  }

  @Test("A score that is gone already has been taken back")
  func deletion() {
    #expect(ExportOutcome(status: 404, body: [], deletes: true) == .accepted(refusedCount: 0))
  }

  @Test("A server that repeats a key does not get it printed")
  func secrets() {
    let body = #"{"message":"no such key: sk-lf-1"}"#
    let outcome = ExportOutcome(
      status: 401, body: Array(body.utf8), secrets: [Secret("sk-lf-1")])
    #expect(outcome == .unauthorized("HTTP 401: no such key: ***"))
  }

  @Test("An exchange that broke off is tried again, a request that cannot be sent is not")
  func transport() {
    for code in [HTTPError.Code.unreachable, .insecure, .timedOut, .connectionLost, .tooLarge] {
      let outcome = ExportOutcome(HTTPError(code: code, reason: "x"))
      #expect(outcome == .retry(after: nil, "x"))
    }
    #expect(
      ExportOutcome(HTTPError(code: .invalidRequest, reason: "x")) == .refused("x"))
  }
}
