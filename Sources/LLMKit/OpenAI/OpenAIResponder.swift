public import SessionCore

/// Asks one model of a service that speaks OpenAI's chat interface.
///
/// Streams. Never waits to try again: a refusal is thrown at once, with the time from which it is
/// worth asking again in `ResponderError.retryAt`, and the model is closed until then. A
/// conversation too long for the model is shortened and sent once more.
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
  private let availability: TimelyAvailability
  private let time: any TimeSource

  /// - Parameters:
  ///   - model: Its name, as the service lists it.
  ///   - configuration: How the service is asked.
  ///   - availability: Where closed models are remembered.
  ///   - time: What closings are measured with.
  public convenience init(
    model: String, configuration: OpenAIConfiguration,
    availability: any ModelAvailability = InMemoryModelAvailability(),
    time: any TimeSource = SystemTimeSource()
  ) {
    self.init(
      model: model, configuration: configuration, client: HTTPClient(),
      availability: availability, time: time)
  }

  package init(
    model: String, configuration: OpenAIConfiguration, client: HTTPClient,
    availability: any ModelAvailability = InMemoryModelAvailability(),
    time: any TimeSource = SystemTimeSource()
  ) {
    self.model = model
    self.configuration = configuration
    service = ModelService(baseURL: configuration.baseURL, key: configuration.apiKey)
    self.client = client
    self.availability = TimelyAvailability(availability, of: service)
    self.time = time
  }

  /// Answers `prompt`, if the model is not closed.
  ///
  /// - Throws: `ResponderError`, `CancellationError`, or what `emit` throws.
  public func respond(
    to prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    try await availability.asking(model) { try await ask(prompt, emit: emit) }
  }

  /// Answers `prompt`, whether the model is closed or not.
  public func ask(
    _ prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    let hasShownText = Locked(false)
    return try await translatingErrors {
      do {
        return try await converse(prompt) { event in
          if case .text = event { hasShownText.withLock { $0 = true } }
          try await emit(event)
        }
      } catch let refusal as OpenAIRefusal where !hasShownText.withLock({ $0 }) {
        guard refusal.isTooLong else { throw refusal }
        let shorter = prompt.shortened(by: refusal.overflow ?? Overflow())
        return try await converse(shorter.prompt, emit)
      }
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
    _ prompt: Prompt, _ emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    let tools = ToolBox(tools: configuration.tools, limits: configuration.toolLimits)
    let request = try OpenAIRequest(prompt, model: model, configuration: configuration)
    return try await tools.converse(request, emit: emit) { [self] request, answer, emit in
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
          try await response.read(into: &answer, emit: emit)
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
    do {
      return try await body()
    } catch let refusal as OpenAIRefusal {
      throw refusal.error(at: time.now(), key: configuration.apiKey)
    } catch let error as HTTPError {
      throw ResponderError(error)
    }
  }
}
