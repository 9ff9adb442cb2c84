import LLMKit
import SessionCore
import Testing

/// A tracing server that answers what a test says, and keeps what it got.
final class TraceServer: Sendable {
  /// What it does with one request.
  enum Answer: Sendable {
    case respond(Int, body: String = "{}", headers: String = "")
    /// Nothing, until ``TraceServer/release()`` is called or the client leaves.
    case hang
    /// Closes the connection.
    case cut
  }

  struct Request: Sendable {
    let line: String
    let headers: [String: String]
    let body: JSONValue?

    /// The spans in it.
    var spans: [Span] {
      let resources = body?["resourceSpans"]?.elements ?? []
      let scopes = resources.flatMap { $0["scopeSpans"]?.elements ?? [] }
      return scopes.flatMap { $0["spans"]?.elements ?? [] }.map(Span.init)
    }
  }

  struct Span: Sendable {
    let json: JSONValue
    var name: String { json["name"]?.text ?? "" }
    var id: String { json["spanId"]?.text ?? "" }
    var parent: String? { json["parentSpanId"]?.text }
    var trace: String { json["traceId"]?.text ?? "" }
    var statusCode: Int? { json["status"]?["code"]?.wholeNumber }

    var startedAt: Int64 { Int64(json["startTimeUnixNano"]?.text ?? "") ?? -1 }
    var endedAt: Int64 { Int64(json["endTimeUnixNano"]?.text ?? "") ?? -1 }

    subscript(key: String) -> String? {
      let attribute = json["attributes"]?.elements?.first { $0["key"]?.text == key }
      return attribute?["value"]?["stringValue"]?.text
    }

    func metadata(_ key: String) -> String? { self["langfuse.observation.metadata.\(key)"] }
  }

  private struct State {
    var answers: [Answer]
    var requests: [Request] = []
    var answeredCount = 0
    var leftCount = 0
    var watchers: [(isThere: @Sendable (Int, Int) -> Bool, CheckedContinuation<Void, Never>)] = []
  }

  private let state: Locked<State>
  private let server: RawServer

  /// A server that gives `answers`, one for each request, and then only good ones.
  init(_ answers: Answer...) throws {
    let state = Locked(State(answers: answers))
    self.state = state
    server = try RawServer { connection, _ in
      while let text = connection.readRequest() {
        guard Self.answer(text, connection, state) else { return }
      }
    }
  }

  var url: String { server.baseURL }
  var requests: [Request] { state.withLock(\.requests) }
  var answeredCount: Int { state.withLock(\.answeredCount) }

  /// All spans that came, answered well or not.
  var spans: [Span] { requests.flatMap(\.spans) }

  /// The spans of one name.
  func spans(named name: String) -> [Span] { spans.filter { $0.name == name } }

  func langfuse() throws -> TracingConfiguration {
    try TracingConfiguration(
      langfusePublicKey: "pk-lf-1", secretKey: Secret("sk-lf-1"), host: url)
  }

  /// Waits until `count` requests have come.
  func waitForRequests(_ count: Int) async { await wait { requests, _ in requests >= count } }

  /// Waits until `count` clients have closed a connection that hung.
  func waitForLeft(_ count: Int) async { await wait { _, left in left >= count } }

  private func wait(_ isThere: @escaping @Sendable (Int, Int) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isNow = state.withLock { state in
        if isThere(state.requests.count, state.leftCount) { return true }
        state.watchers.append((isThere, continuation))
        return false
      }
      if isNow { continuation.resume() }
    }
  }

  private static func change(_ state: Locked<State>, _ body: (inout State) -> Void) {
    let watchers = state.withLock { state in
      body(&state)
      let (requestCount, leftCount) = (state.requests.count, state.leftCount)
      defer { state.watchers.removeAll { $0.isThere(requestCount, leftCount) } }
      return state.watchers.filter { $0.isThere(requestCount, leftCount) }
    }
    for watcher in watchers { watcher.1.resume() }
  }

  /// Runs on the connection's own thread. False: the connection is over.
  private static func answer(
    _ text: String, _ connection: RawServer.Connection, _ state: Locked<State>
  ) -> Bool {
    let answer = state.withLock { state in
      state.answers.isEmpty ? Answer.respond(200) : state.answers.removeFirst()
    }
    change(state) { $0.requests.append(request(text)) }
    switch answer {
    case .respond(let status, let body, let headers):
      state.withLock { $0.answeredCount += 1 }
      connection.respond(status, body, headers: headers)
      return true
    case .hang:
      connection.waitForClose()
      change(state) { $0.leftCount += 1 }
      return false
    case .cut: return false
    }
  }

  private static func request(_ text: String) -> Request {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = parts[0].split(separator: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let field = line.split(separator: ":", maxSplits: 1)
      headers[field[0].lowercased()] = field.count > 1 ? String(field[1].dropFirst()) : ""
    }
    let body = parts.count > 1 ? try? JSONValue(parsing: Array(parts[1].utf8)) : nil
    return Request(line: String(lines[0]), headers: headers, body: body)
  }
}
