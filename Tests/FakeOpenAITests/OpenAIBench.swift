import FakeOpenAI
import RawClient
import TestSupport

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One fake, and a client that knows nothing of LLMKit.
struct OpenAIBench {
  let fake: FakeOpenAI

  init() async throws { fake = try await FakeOpenAI(time: ManualTime()) }

  init(fake: FakeOpenAI) { self.fake = fake }

  static let bonjour = #"{"role":"user","content":"Bonjour à tous"}"#

  static func body(
    stream: Bool = true, messages: String = bonjour, extra: String = ""
  ) -> String {
    #"{"model":"gpt-4o-mini","stream":\#(stream),"messages":[\#(messages)]\#(extra)}"#
  }

  static func request(
    _ body: String, method: String = "POST", path: String = "/v1/chat/completions",
    key: String? = "test-key"
  ) -> [UInt8] {
    var lines = [
      "\(method) \(path) HTTP/1.1", "Host: x", "Content-Type: application/json",
      "Content-Length: \(body.utf8.count)",
    ]
    if let key { lines.append("Authorization: Bearer \(key)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
  }

  func send(_ request: [UInt8]) async throws -> RawResponse {
    let connection = try RawConnection(port: fake.port)
    try await connection.send(request)
    return try await connection.response()
  }

  func chat(
    stream: Bool = true, messages: String = bonjour, extra: String = ""
  ) async throws -> RawResponse {
    try await send(
      Self.request(Self.body(stream: stream, messages: messages, extra: extra)))
  }
}

struct OpenAIErrorDocument: Decodable {
  struct Content: Decodable {
    let message: String
    let type: String
    let code: String?
  }
  let error: Content
}

struct CompletionDocument: Decodable {
  struct Choice: Decodable {
    struct Call: Decodable {
      struct Function: Decodable {
        let name: String?
        let arguments: String?
      }
      let index: Int
      let id: String?
      let function: Function
    }
    struct Content: Decodable {
      let role: String?
      let content: String?
      let toolCalls: [Call]?
    }
    let delta: Content?
    let message: Content?
    let finishReason: String?
  }
  struct Usage: Decodable {
    let promptTokens: Int
    let completionTokens: Int
    let totalTokens: Int
  }
  let id: String
  let choices: [Choice]
  let usage: Usage?

  var text: String { choices.first?.delta?.content ?? "" }
}

extension RawResponse {
  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  func decode<Document: Decodable>(as type: Document.Type = Document.self) throws -> Document {
    try Self.decoder.decode(type, from: Data(body))
  }

  /// The JSON of the `data:` lines.
  func events() throws -> [CompletionDocument] {
    try text.replacing("\r\n", with: "\n").split(separator: "\n").compactMap { line in
      guard line.hasPrefix("data: "), line != "data: [DONE]" else { return nil }
      return try Self.decoder.decode(CompletionDocument.self, from: Data(line.dropFirst(6).utf8))
    }
  }
}
