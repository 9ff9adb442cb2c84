import FakeLangfuse
import RawClient
import TestSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One fake, and a client that knows nothing of LLMKit.
struct LangfuseBench {
  let fake: FakeLangfuse

  init() async throws { fake = try await FakeLangfuse(time: ManualTime()) }

  static let traces = "/api/public/otel/v1/traces"
  static let scores = "/api/public/scores"
  static let ingestion = "/api/public/ingestion"

  static func basic(_ user: String = "pk-lf-test", _ password: String = "sk-lf-test") -> String {
    "Authorization: Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
  }

  func send(
    _ method: String = "POST", _ path: String, _ body: [UInt8],
    headers: [String] = [basic(), "Content-Type: application/json"]
  ) async throws -> RawResponse {
    let lines =
      ["\(method) \(path) HTTP/1.1", "Host: x", "Content-Length: \(body.count)"] + headers
    let connection = try RawConnection(port: fake.port)
    try await connection.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    return try await connection.response()
  }

  func export(
    _ body: String, headers: [String] = [basic(), "Content-Type: application/json"]
  ) async throws -> RawResponse {
    try await send("POST", Self.traces, Array(body.utf8), headers: headers)
  }

  func score(_ body: String) async throws -> RawResponse {
    try await send("POST", Self.scores, Array(body.utf8))
  }

  /// The JSON of one span, with fields replaced or (nil) left out.
  static func span(
    _ changes: [String: String?] = [:], attributes: [String: String] = [:]
  ) -> String {
    var fields: [String: String] = [
      "traceId": #""5b8efff798038103d269b633813fc60c""#, "spanId": #""eee19b7ec3c1b174""#,
      "name": #""chat-turn""#, "kind": "1", "startTimeUnixNano": #""1795390000123000000""#,
      "endTimeUnixNano": #""1795390001456000000""#,
    ]
    let list = attributes.sorted { $0.key < $1.key }.map {
      #"{"key":"\#($0.key)","value":\#($0.value)}"#
    }
    fields["attributes"] = "[\(list.joined(separator: ","))]"
    for (name, value) in changes { fields[name] = value }
    return "{"
      + fields.sorted { $0.key < $1.key }.map { #""\#($0.key)":\#($0.value)"# }
      .joined(separator: ",") + "}"
  }

  /// An export of these spans.
  static func batch(_ spans: String...) -> String {
    #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":"#
      + #"{"stringValue":"test"}}]},"scopeSpans":[{"scope":{"name":"llmkit"},"spans":["#
      + spans.joined(separator: ",") + "]}]}]}"
  }
}

struct Message: Decodable {
  struct Issue: Decodable {
    let path: [String]
    let message: String
  }
  let message: String?
  let error: String?
}

struct Issues: Decodable {
  let message: String
  let error: [Message.Issue]
}

extension RawResponse {
  func decode<Document: Decodable>(as type: Document.Type = Document.self) throws -> Document {
    try JSONDecoder().decode(type, from: Data(body))
  }
}
