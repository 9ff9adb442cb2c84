public import SessionCore

/// Asks one Gemini model.
///
/// Streams. Never waits to try again: a refusal is thrown at once, with the time from which it is
/// worth asking again in `ResponderError.retryAt`, and the model is closed until then, so that
/// nobody who shares `availability` asks it meanwhile. An answer that thinking left no room for,
/// and a conversation too long for the model, are asked once more at once, as long as nothing was
/// shown.
///
/// Any number of tasks may use one; it has no isolation of its own.
public final class GeminiResponder: ModelResponder {
  /// The model, as the service names it.
  public let model: String
  /// Where it is asked, and with which key.
  public let service: ModelService

  /// How the service is asked.
  package var configuration: GeminiConfiguration { gemini.configuration }

  private let gemini: GeminiService
  private let availability: TimelyAvailability
  private let time: any TimeSource
  private let unnamedRefusals = Locked(UnnamedRefusals())

  /// - Parameters:
  ///   - model: Its name, as the service lists it.
  ///   - configuration: How the service is asked.
  ///   - availability: Where closed models are remembered.
  ///   - time: What closings are measured with.
  public convenience init(
    model: String, configuration: GeminiConfiguration,
    availability: any ModelAvailability = InMemoryModelAvailability(),
    time: any TimeSource = SystemTimeSource()
  ) {
    self.init(
      model: model, configuration: configuration, client: HTTPClient(),
      availability: availability, time: time)
  }

  package init(
    model: String, configuration: GeminiConfiguration, client: HTTPClient,
    availability: any ModelAvailability = InMemoryModelAvailability(),
    time: any TimeSource = SystemTimeSource()
  ) {
    self.model = GeminiModel.bareName(model)
    service = ModelService(baseURL: configuration.baseURL, key: configuration.apiKey)
    gemini = GeminiService(configuration: configuration, client: client, time: time)
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
        return try await converse(request(prompt)) { event in
          if case .text = event { hasShownText.withLock { $0 = true } }
          try await emit(event)
        }
      } catch let refusal as GeminiRefusal where !hasShownText.withLock({ $0 }) {
        let mended =
          switch step(refusal) {
          case .shorten(let overflow): try request(prompt.shortened(by: overflow).prompt)
          case .leaveOutCalls: try request(prompt, keepsCalls: false)
          default: throw refusal
          }
        return try await converse(mended, emit)
      }
    }
  }

  /// Answers `prompt` in one piece. No tool is called.
  ///
  /// - Throws: `ResponderError` or `CancellationError`.
  public func generate(_ prompt: Prompt) async throws -> (text: String, summary: ResponseSummary) {
    try await availability.asking(model) {
      try await translatingErrors {
        let request = try GeminiRequest(
          prompt, model: model, configuration: configuration, offersTools: false)
        var (answer, text) = try await gemini.generate(request)
        unnamedRefusals.withLock { $0.noteAnswer() }
        if answer.lacksRoomForText, let roomier = request.withMoreRoomForText {
          (answer, text) = try await gemini.generate(roomier, after: answer.known)
        }
        return (text, try answer.summary())
      }
    }
  }

  /// The tokens of `prompt` with its instruction, as the model counts them. Costs a round trip.
  ///
  /// - Throws: `ResponderError` or `CancellationError`.
  public func tokenCount(of prompt: Prompt) async throws -> Int {
    try await translatingErrors {
      try await gemini.tokenCount(request(prompt))
    }
  }

  /// The models that the service lists.
  ///
  /// - Throws: `ResponderError` or `CancellationError`.
  public static func models(
    _ configuration: GeminiConfiguration
  ) async throws -> [GeminiModel] {
    let responder = GeminiResponder(model: "", configuration: configuration)
    return try await responder.translatingErrors { try await responder.gemini.models() }
  }

  private func request(
    _ prompt: Prompt, keepsCalls: Bool = true
  ) throws(ResponderError) -> GeminiRequest {
    try GeminiRequest(
      prompt, model: model, configuration: configuration, keepsCalls: keepsCalls)
  }

  private func converse(
    _ request: GeminiRequest, _ emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    let tools = ToolBox(tools: configuration.tools, limits: configuration.toolLimits)
    return try await tools.converse(request, emit: emit) {
      [gemini, unnamedRefusals] request, answer, emit in
      try await gemini.stream(request, into: &answer, emit: emit)
      unnamedRefusals.withLock { $0.noteAnswer() }
      guard answer.lacksRoomForText, let roomier = request.withMoreRoomForText else { return }
      answer = GeminiAnswer(after: answer.known)
      try await gemini.stream(roomier, into: &answer, emit: emit)
    }
  }

  private func step(_ refusal: GeminiRefusal) -> GeminiRefusalPlan.Step {
    GeminiRefusalPlan.step(refusal, at: time.now(), unnamedRefusalCount: 1)
  }

  /// Runs `body`, and turns what the exchange says into `ResponderError`.
  private func translatingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
    let asked = unnamedRefusals.withLock(\.latest)
    do {
      return try await body()
    } catch let refusal as GeminiRefusal {
      let count = unnamedRefusals.withLock { $0.note(refusal, asked: asked) }
      let step = GeminiRefusalPlan.step(refusal, at: time.now(), unnamedRefusalCount: count)
      throw GeminiRefusalPlan.error(
        refusal, step, at: time.now(), key: configuration.apiKey)
    } catch let error as HTTPError {
      throw ResponderError(error)
    }
  }
}
