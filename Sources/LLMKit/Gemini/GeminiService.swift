import SessionCore

/// The calls of the service.
struct GeminiService: Sendable {
  let configuration: GeminiConfiguration
  let client: HTTPClient
  let time: any TimeSource

  /// Bytes that a response which is not streamed has at most.
  private static let responseByteCountMax = 16 << 20
  /// Pages of the model list that are read at most.
  private static let pageCountMax = 100

  /// Sends `request`, and hands over the text as it comes; all else is in `answer`.
  ///
  /// - Throws: ``GeminiRefusal``, ``HTTPError``, `CancellationError`, or what `emit` throws.
  func stream(
    _ request: GeminiRequest, into answer: inout GeminiAnswer,
    emit: (String) async throws -> Void
  ) async throws {
    let call = try post(request.model, "streamGenerateContent?alt=sse", request.json)
    try await client.withResponse(to: call) { response in
      try await refuse(response)
      try await response.read(into: &answer, emit: emit)
    }
  }

  /// The whole answer in one response, with its text.
  ///
  /// - Parameter earlier: What is known of the earlier requests of the same turn.
  func generate(
    _ request: GeminiRequest, after earlier: ResponseSummary? = nil
  ) async throws -> (answer: GeminiAnswer, text: String) {
    let body = try await body(of: post(request.model, "generateContent", request.json))
    var answer = GeminiAnswer(after: earlier)
    answer.take(.bareJSON(body), isUnterminated: false)
    answer.end()
    if let refusal = answer.refusal { throw refusal }
    return (answer, answer.takeText() ?? "")
  }

  /// The tokens of a request's prompt.
  func tokenCount(_ request: GeminiRequest) async throws -> Int {
    let document = try await document(
      of: post(request.model, "countTokens", request.tokenCountJSON))
    guard let count = document["totalTokens"]?.wholeNumber else { throw Self.malformed }
    return count
  }

  /// All models, page after page.
  func models() async throws -> [GeminiModel] {
    var models: [GeminiModel] = []
    var token: String?
    for _ in 0..<Self.pageCountMax {
      let page = token.map { "&pageToken=" + ServiceURL.encoded($0) } ?? ""
      let document = try await document(of: call(.get, "/v1beta/models?pageSize=50" + page))
      models += document["models"]?.elements?.compactMap(GeminiModel.init) ?? []
      token = document["nextPageToken"]?.text
      if token == nil || token == "" { return models }
    }
    throw ResponderError(code: .malformedResponse, reason: "the list of models has no end")
  }

  static let malformed = ResponderError(
    code: .malformedResponse, reason: "the service sent what is not JSON")

  private func document(of request: HTTPRequest) async throws -> JSONValue {
    let bytes = try await body(of: request)
    guard let document = try? JSONValue(parsing: bytes) else { throw Self.malformed }
    return document
  }

  private func body(of request: HTTPRequest) async throws -> [UInt8] {
    var request = request
    request.responseByteCountMax = Self.responseByteCountMax
    return try await client.withResponse(to: request) { response in
      try await refuse(response)
      return try await response.wholeBody()
    }
  }

  /// Throws what a response says when it is not an answer. The status decides, whatever the type.
  private func refuse(_ response: HTTPResponse) async throws {
    guard response.head.status != 200 else { return }
    throw GeminiRefusal(
      status: response.head.status, body: try await response.bodyOfRefusal(),
      retryAfter: response.head.retryAfter(now: time.now()), location: response.head["location"])
  }

  private func post(
    _ model: String, _ method: String, _ body: JSONValue
  ) throws(HTTPError) -> HTTPRequest {
    var request = try call(.post, "/v1beta/models/\(ServiceURL.encoded(model)):\(method)")
    request.headers.append(try HTTPRequest.Header("Content-Type", Secret("application/json")))
    request.body = body.jsonBytes
    return request
  }

  private func call(
    _ method: HTTPRequest.Method, _ path: String
  ) throws(HTTPError) -> HTTPRequest {
    HTTPRequest(
      method, configuration.url.appending(path),
      headers: [
        try HTTPRequest.Header("x-goog-api-key", configuration.apiKey),
        try HTTPRequest.Header("User-Agent", Secret("llmkit")),
      ],
      deadlines: configuration.deadlines,
      certificateAuthorityFile: configuration.certificateAuthorityFile)
  }
}
