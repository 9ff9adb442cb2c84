public import SessionCore

/// Asks one model of a service that speaks OpenAI's chat interface.
///
/// Streams. Never waits to try again: a refusal is thrown at once, with the time from which it is
/// worth asking again in `ResponderError.retryAt`. A conversation too long for the model is
/// shortened and sent once more.
///
/// Any number of tasks may use one; it has no isolation of its own.
public final class OpenAIResponder: ModelResponder {
  /// The model, as the service names it.
  public let model: String
  /// Where it is asked, and with which key.
  public let service: ModelService
  /// How the service is asked.
  package let configuration: OpenAIConfiguration

  private let client: HTTPClient
  private let refusedFields = RefusedFields()
  private let time: any TimeSource

  /// - Parameters:
  ///   - model: Its name, as the service lists it.
  ///   - configuration: How the service is asked.
  ///   - time: What closings are measured with.
  public convenience init(
    model: String, configuration: OpenAIConfiguration, time: any TimeSource = SystemTimeSource()
  ) {
    self.init(model: model, configuration: configuration, client: HTTPClient(), time: time)
  }

  package init(
    model: String, configuration: OpenAIConfiguration, client: HTTPClient,
    time: any TimeSource = SystemTimeSource()
  ) {
    self.model = model
    self.configuration = configuration
    service = ModelService(baseURL: configuration.baseURL, key: configuration.apiKey)
    self.client = client
    self.time = time
  }

  // Who speaks OpenAI's interface goes by its name; the address tells them apart.
  /// `x_ai` for xAI, else `openai`.
  public var providerName: String? { service.host == "api.x.ai" ? "x_ai" : "openai" }

  /// The settings, in the words that the service is told.
  public var parameters: [String: JSONValue] {
    let request = try? OpenAIRequest(.anything, model: model, configuration: configuration)
    let others: Set = ["model", "messages", "stream", "stream_options", "tools"]
    return request?.json.fields?.filter { !others.contains($0.key) } ?? [:]
  }

  /// Answers `prompt` with `Prompt/model`, or with this responder's model.
  ///
  /// - Throws: `ResponderError`, `CancellationError`, or what the writer throws.
  public func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    var prompt = prompt
    var attempt = AttemptWriter(answer)
    defer { answer = attempt.base }
    do {
      do {
        return try await converse(&prompt, into: &attempt)
      } catch let refusal as OpenAIRefusal where !attempt.hasText && refusal.isTooLong {
        prompt = prompt.shortened(by: refusal.overflow ?? Overflow()).prompt
        return try await converse(&prompt, into: &attempt)
      }
    } catch {
      throw translated(error)
    }
  }

  /// The names of the models that the service lists.
  ///
  /// - Throws: `ResponderError` or `CancellationError`.
  public static func models(_ configuration: OpenAIConfiguration) async throws -> [String] {
    let responder = OpenAIResponder(model: "", configuration: configuration)
    return try await responder.translatingErrors {
      var request = try responder.call(.get, "/models")
      request.responseByteCountMax = 16 << 20
      let (head, body) = try await responder.client.response(to: request)
      guard head.status == 200 else {
        throw OpenAIRefusal(head, body: body, now: responder.time.now())
      }
      guard let models = (try? JSONValue(parsing: body))?["data"]?.elements else {
        throw ResponderError(
          code: .malformedResponse, reason: "the service sent no list of models")
      }
      return models.compactMap { $0["id"]?.text }
    }
  }

  private func converse(
    _ prompt: inout Prompt, into writer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    let tools = ToolBox(
      for: prompt, configured: configuration.tools, limits: configuration.toolLimits)
    return try await tools.converse(&prompt, into: &writer) {
      (prompt, answer: inout OpenAIAnswer, writer) in
      let request = try OpenAIRequest(
        prompt, model: prompt.model ?? model, configuration: configuration)
      var call = try call(.post, "/chat/completions")
      call.headers.append(try HTTPRequest.Header("Content-Type", Secret("application/json")))
      let nothing = answer
      try await refusedFields.asking(request.json) { body in
        answer = nothing
        call.body = body.jsonBytes
        try await client.withResponse(to: call) { response in
          guard response.head.status == 200 else {
            throw OpenAIRefusal(
              response.head, body: try await response.bodyOfRefusal(), now: time.now())
          }
          try await response.read(into: &answer) { try await writer.write($0) }
        }
      }
    }
  }

  private func call(
    _ method: HTTPRequest.Method, _ path: String
  ) throws(HTTPError) -> HTTPRequest {
    var headers = [try HTTPRequest.Header("User-Agent", Secret("llmkit"))]
    if let key = configuration.apiKey {
      headers.append(
        try HTTPRequest.Header("Authorization", Secret("Bearer \(key.revealed)")))
    }
    return HTTPRequest(
      method, configuration.url.appending(path), headers: headers,
      deadlines: configuration.deadlines,
      certificateAuthorityFile: configuration.certificateAuthorityFile)
  }

  /// Runs `body`, and turns what the exchange says into `ResponderError`.
  private func translatingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch { throw translated(error) }
  }

  /// What the exchange says, as `ResponderError`; other errors stay as they are.
  private func translated(_ error: any Error) -> any Error {
    switch error {
    case let refusal as OpenAIRefusal: refusal.error(at: time.now(), key: configuration.apiKey)
    case let error as HTTPError: ResponderError(error)
    default: error
    }
  }
}
