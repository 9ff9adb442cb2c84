public import SessionCore

/// Asks one Gemini model.
///
/// Streams. Never waits to try again: a refusal is thrown at once, with the time from which it is
/// worth asking again in ``ResponderError/retryAt``, and the model is closed until then, so that
/// nobody who shares `availability` asks it meanwhile. An answer that thinking left no room for, and
/// a conversation too long for the model, are asked once more at once, as long as nothing was shown.
///
/// Any number of tasks may use one; it has no isolation of its own.
public final class GeminiResponder: ModelResponder {
  /// The model, as the service names it.
  public let model: String
  /// Where it is asked, and with which key.
  public let service: ModelService

  private let gemini: GeminiService
  private let availability: any ModelAvailability
  private let time: any TimeSource
  /// Refusals in a row that named no quota.
  private let unnamedRefusalCount = Locked(0)

  /// - Parameters:
  ///   - model: A name as in ``GeminiModel/name``.
  ///   - availability: Where closed models are remembered.
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
    gemini = GeminiService(configuration: configuration, client: client)
    self.availability = availability
    self.time = time
  }

  /// Answers `prompt`, if the model is not closed.
  ///
  /// - Throws: ``ResponderError``, `CancellationError`, or what `emit` throws.
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
      var request = try GeminiRequest(prompt, model: model, options: gemini.configuration.options)
      do {
        return try await stream(request) { event in
          hasShownText.withLock { $0 = true }
          try await emit(event)
        }
      } catch let refusal as GeminiRefusal {
        guard case .shorten(let limit) = step(refusal), !hasShownText.withLock({ $0 }) else {
          throw refusal
        }
        request = try GeminiRequest(
          prompt.shortened(tokenCountMax: limit), model: model,
          options: gemini.configuration.options)
        return try await stream(request, emit)
      }
    }
  }

  /// Answers `prompt` in one piece.
  ///
  /// - Throws: ``ResponderError`` or `CancellationError`.
  public func generate(_ prompt: Prompt) async throws -> (text: String, summary: ResponseSummary) {
    try await availability.asking(model) {
      try await translatingErrors {
        let request = try GeminiRequest(
          prompt, model: model, options: gemini.configuration.options)
        var (answer, text) = try await gemini.generate(request)
        if answer.lacksRoomForText {
          (answer, text) = try await gemini.generate(request.withMoreRoomForText)
        }
        return (text, try answer.summary())
      }
    }
  }

  /// The tokens of `prompt` with its instruction, as the model counts them. Costs a round trip.
  ///
  /// - Throws: ``ResponderError`` or `CancellationError`.
  public func tokenCount(of prompt: Prompt) async throws -> Int {
    try await translatingErrors {
      try await gemini.tokenCount(
        GeminiRequest(prompt, model: model, options: gemini.configuration.options))
    }
  }

  /// The models that the service lists.
  ///
  /// - Throws: ``ResponderError`` or `CancellationError`.
  public static func models(
    _ configuration: GeminiConfiguration
  ) async throws -> [GeminiModel] {
    let responder = GeminiResponder(model: "", configuration: configuration)
    return try await responder.translatingErrors { try await responder.gemini.models() }
  }

  private func stream(
    _ request: GeminiRequest, _ emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    var answer = try await gemini.stream(request) { try await emit(.text($0)) }
    if answer.lacksRoomForText {
      answer = try await gemini.stream(request.withMoreRoomForText) { try await emit(.text($0)) }
    }
    return try answer.summary()
  }

  private func step(_ refusal: GeminiRefusal) -> GeminiRefusalPlan.Step {
    GeminiRefusalPlan.step(
      refusal, at: time.now(), unnamedRefusalCount: unnamedRefusalCount.withLock { $0 } + 1)
  }

  /// Runs `body`, and turns what the exchange says into ``ResponderError``.
  private func translatingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      let value = try await body()
      unnamedRefusalCount.withLock { $0 = 0 }
      return value
    } catch let refusal as GeminiRefusal {
      let step = step(refusal)
      let isUnnamed = GeminiRefusalPlan.isUnnamed(refusal)
      unnamedRefusalCount.withLock { $0 = isUnnamed ? $0 + 1 : 0 }
      throw GeminiRefusalPlan.error(
        refusal, step, at: time.now(), key: gemini.configuration.apiKey)
    } catch let error as HTTPError {
      throw ResponderError(error)
    }
  }
}

extension Prompt {
  /// The newest part of the conversation, for a model that finds the whole too long.
  fileprivate func shortened(tokenCountMax: Int?) -> Prompt {
    guard let question = messages.last else { return self }
    let estimate = PromptWindow().estimate
    let half = messages.reduce(0) { $0 + estimate($1.content) } / 2
    // A fifth less than what the model said, for an estimate is one.
    let budget = max(1, min(half, tokenCountMax.map { $0 / 5 * 4 } ?? half))
    var prompt = self
    prompt.messages = PromptWindow(tokenCountMax: budget).messages(for: question, in: messages)
    return prompt
  }
}
