import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Answers requests: path, method, credentials, faults, and then the body.
final class LangfuseService: Sendable {
  let state = Observed(LangfuseState())
  private let credentials: String

  init(publicKey: String, secretKey: String) {
    credentials = Data("\(publicKey):\(secretKey)".utf8).base64EncodedString()
  }

  func reply(to request: ReceivedRequest) -> HTTPReply {
    guard let (call, score) = Self.route(request.path) else {
      return .json(404, ["message": "Not Found", "error": "LangfuseNotFoundError"])
    }
    guard request.method == (score == nil ? "POST" : "DELETE") else {
      return .json(405, ["message": "Method not allowed", "error": "MethodNotAllowedError"])
    }
    guard let authorization = request.header("authorization") else {
      return .json(401, ["message": "No authorization header"])
    }
    guard authorization == "Basic " + credentials else { return .wrongCredentials }
    if let fault = state.update({ $0.script.next(at: [call]) }) { return fault.reply }
    switch call {
    case .traces: return export(request)
    case .scores: return score.map(deleteScore) ?? upsertScore(request)
    case .ingestion: return ingest(request)
    }
  }

  private static func route(_ path: String) -> (LangfuseCall, score: String?)? {
    switch path {
    case "/api/public/otel/v1/traces": return (.traces, nil)
    case "/api/public/scores": return (.scores, nil)
    case "/api/public/ingestion": return (.ingestion, nil)
    default:
      let prefix = "/api/public/scores/"
      guard path.hasPrefix(prefix), path.count > prefix.count else { return nil }
      return (.scores, String(path.dropFirst(prefix.count)))
    }
  }

  private static func failure(_ message: String) -> HTTPReply {
    .json(400, ["error": .string(message)])
  }

  // MARK: - Traces

  private static let bodyByteCountMax = 16 * 1024 * 1024

  private func export(_ request: ReceivedRequest) -> HTTPReply {
    if let version = request.header("x-langfuse-ingestion-version"),
      (Int(version).map { (0...4).contains($0) }) != true
    {
      return Self.failure(
        "Unsupported x-langfuse-ingestion-version: \"\(version)\". Maximum supported: \"4\".")
    }
    let body: [UInt8]
    switch request.header("content-encoding")?.lowercased() {
    case nil, "identity": body = request.body
    case "gzip":
      guard
        let bytes = try? Gzip.decompress(request.body, byteCountMax: Self.bodyByteCountMax)
      else { return Self.failure("Failed to decompress request body") }
      body = bytes
    default: return Self.failure("Failed to decompress request body")
    }
    switch request.header("content-type")?.prefix(while: { $0 != ";" }).lowercased() {
    case "application/json": break
    // The fake reads JSON alone; the client that it is for sends nothing else.
    case "application/x-protobuf": return Self.failure("Failed to parse OTel Protobuf Trace")
    default: return Self.failure("Invalid content type")
    }
    guard body.count <= Self.bodyByteCountMax else {
      return HTTPReply(status: 413, headers: [HTTPHeader("Content-Type", "text/html")])
    }
    guard let json = try? JSONDocument(parsing: body), json.members != nil else {
      return Self.failure("Failed to parse OTel JSON Trace")
    }
    return store(json)
  }

  private func store(_ json: JSONDocument) -> HTTPReply {
    var reader = TraceReader()
    reader.read(json)
    guard reader.reasons.isEmpty else {
      var reasons: [String] = []
      for reason in reader.reasons where !reasons.contains(reason) { reasons.append(reason) }
      return Self.failure(
        "Invalid OTLP trace export: \(reader.reasons.count) of \(reader.spanCount) span(s) cannot "
          + "be processed (\(reasons.joined(separator: ", "))). Span and trace ids must be given "
          + "as in the OTLP specification. The entire export was rejected and no spans were "
          + "ingested. Fix the exporter and send the spans again.")
    }
    guard reader.spanCount > 0 else { return .json(200, [:]) }
    let spans = reader.spans
    let number = state.update { state in
      state.spans += spans
      state.exportCount += 1
      return state.exportCount
    }
    return .json(
      200,
      [
        "name": "otel-ingestion-job", "id": .string(String(number)),
        "data": ["payload": ["data": ["publicKey": "***"]]], "opts": ["attempts": 6],
        "attemptsMade": 0,
      ])
  }

  // MARK: - Scores

  private func upsertScore(_ request: ReceivedRequest) -> HTTPReply {
    guard var score = try? JSONDocument(parsing: request.body) else {
      return .json(400, ["message": "Invalid JSON", "error": "BadRequest"])
    }
    let issues = ScoreRules.issues(score)
    guard issues.isEmpty else {
      return .json(400, ["message": "Invalid request data", "error": .array(issues)])
    }
    let id = score["id"]?.text ?? UUID().uuidString.lowercased()
    if score["id"] == nil { score.append("id", .string(id)) }
    if score["dataType"] == nil {
      score.append("dataType", score["value"]?.text == nil ? "NUMERIC" : "CATEGORICAL")
    }
    state.update { [score] state in
      state.scores[id] = score
      state.scoreWriteCount += 1
    }
    return .json(200, ["id": .string(id)])
  }

  private func deleteScore(_ id: String) -> HTTPReply {
    let existed = state.update { $0.scores.removeValue(forKey: id) != nil }
    return existed
      ? .json(202, ["message": "Score deletion request has been received successfully."])
      : .json(404, ["message": "Score not found", "error": "LangfuseNotFoundError"])
  }

  // MARK: - The old interface

  /// What still passes there.
  private static let acceptedTypes = ["score-create", "sdk-log"]

  private func ingest(_ request: ReceivedRequest) -> HTTPReply {
    guard let json = try? JSONDocument(parsing: request.body), let batch = json["batch"]?.elements
    else {
      return .json(400, ["message": "Invalid request data", "error": "BadRequest"])
    }
    var successes: [JSONDocument] = []
    var errors: [JSONDocument] = []
    for event in batch {
      let (id, type) = (event["id"] ?? .null, event["type"]?.text ?? "")
      if Self.acceptedTypes.contains(type) {
        successes.append(["id": id, "status": 201])
      } else {
        errors.append([
          "id": id, "status": 400, "message": "Event type not accepted",
          "error": .string(
            "Event type \"\(type)\" is not accepted by /api/public/ingestion. Send spans to "
              + "/api/public/otel/v1/traces."),
        ])
      }
    }
    return .json(207, ["successes": .array(successes), "errors": .array(errors)])
  }
}
