import FakeGemini
import RawClient
import SessionCore
import TestSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One fake with a clock that stands still, and a client that knows nothing of LLMKit.
struct GeminiBench {
  let time = ManualTime()
  let fake: FakeGemini

  init(models: [String] = FakeGemini.usualModels) async throws {
    fake = try await FakeGemini(models: models, time: time)
  }

  static let bonjour = #"{"contents":[{"role":"user","parts":[{"text":"Bonjour à tous"}]}]}"#

  /// The bytes of a request.
  static func request(
    _ target: String, method: String = "POST", key: String? = "test-key",
    headers: [String] = ["Content-Type: application/json"], body: String = bonjour
  ) -> [UInt8] {
    var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers
    if let key { lines.append("x-goog-api-key: \(key)") }
    if method != "GET" { lines.append("Content-Length: \(body.utf8.count)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
      + (method == "GET" ? [] : Array(body.utf8))
  }

  static func target(_ model: String, _ method: String = "streamGenerateContent?alt=sse") -> String
  {
    "/v1beta/models/\(model):\(method)"
  }

  /// Sends one request on a connection of its own.
  func send(_ request: [UInt8]) async throws -> RawResponse {
    let connection = try RawConnection(port: fake.port)
    try await connection.send(request)
    return try await connection.response()
  }

  func get(_ target: String, key: String? = "test-key") async throws -> RawResponse {
    try await send(Self.request(target, method: "GET", key: key, headers: []))
  }

  func post(
    _ body: String = bonjour, to model: String = "gemini-2.5-flash",
    _ method: String = "streamGenerateContent?alt=sse"
  ) async throws -> RawResponse {
    try await send(Self.request(Self.target(model, method), body: body))
  }

  /// A stream's answer to a scenario.
  func stream(_ scenario: Scenario) async throws -> RawResponse {
    fake.enqueue(scenario)
    return try await post()
  }
}

// MARK: - Bodies, read with another JSON reader than the fake's own

struct ErrorDocument: Decodable {
  struct Content: Decodable {
    struct Detail: Decodable {
      struct Violation: Decodable {
        let quotaId: String?
        let quotaMetric: String?
        let quotaValue: String?
        let quotaDimensions: [String: String]?
      }
      struct FieldViolation: Decodable {
        let field: String?
        let description: String
      }
      let type: String
      let retryDelay: String?
      let reason: String?
      let violations: [Violation]?
      let fieldViolations: [FieldViolation]?

      enum CodingKeys: String, CodingKey {
        case type = "@type"
        case retryDelay, reason, violations, fieldViolations
      }
    }
    struct Item: Decodable { let message: String }
    let code: Int
    let message: String
    let status: String
    let details: [Detail]?
    let errors: [Item]?

    func detail(_ name: String) -> Detail? {
      details?.first { $0.type == "type.googleapis.com/google.rpc." + name }
    }
  }
  let error: Content
}

struct AnswerDocument: Decodable {
  struct Candidate: Decodable {
    struct Content: Decodable {
      struct Part: Decodable {
        struct Call: Decodable {
          let id: String?
          let name: String
          let args: [String: String]
        }
        let text: String?
        let thought: Bool?
        let thoughtSignature: String?
        let functionCall: Call?
      }
      let role: String?
      let parts: [Part]?
    }
    let content: Content?
    let finishReason: String?
  }
  struct Usage: Decodable {
    let promptTokenCount: Int?
    let candidatesTokenCount: Int?
    let thoughtsTokenCount: Int?
    let totalTokenCount: Int?
  }
  struct Feedback: Decodable { let blockReason: String }
  let candidates: [Candidate]?
  let usageMetadata: Usage?
  let promptFeedback: Feedback?
  let modelVersion: String?
  let responseId: String?

  var text: String {
    (candidates?.first?.content?.parts ?? [])
      .compactMap { $0.thought == true ? nil : $0.text }.joined()
  }
}

extension RawResponse {
  func decode<Document: Decodable>(as type: Document.Type = Document.self) throws -> Document {
    try JSONDecoder().decode(type, from: Data(body))
  }

  func error() throws -> ErrorDocument.Content { try decode(as: ErrorDocument.self).error }

  /// The events of a stream with plain CRLF lines.
  func events() throws -> [AnswerDocument] {
    try text.split(separator: "\r\n\r\n").map { event in
      guard event.hasPrefix("data: ") else { throw RawError(description: "no event: \(event)") }
      return try JSONDecoder().decode(
        AnswerDocument.self, from: Data(event.dropFirst("data: ".count).utf8))
    }
  }
}
