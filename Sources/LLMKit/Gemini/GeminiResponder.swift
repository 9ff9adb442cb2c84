public import SessionCore

/// Asks one Gemini model.
///
/// Streams. Never waits to try again: a refusal is thrown at once, with the time from which it is
/// worth asking again in `ResponderError.retryAt`. An answer that thinking left no room for, and a
/// conversation too long for the model, are asked once more at once, as long as nothing was shown.
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
  private let time: any TimeSource
  private let unnamedRefusals = Locked(UnnamedRefusals())

  /// - Parameters:
  ///   - model: Its name, as the service lists it.
  ///   - configuration: How the service is asked.
  ///   - time: What closings are measured with.
  public convenience init(
    model: String, configuration: GeminiConfiguration, time: any TimeSource = SystemTimeSource()
  ) {
    self.init(model: model, configuration: configuration, client: HTTPClient(), time: time)
  }

  package init(
    model: String, configuration: GeminiConfiguration, client: HTTPClient,
    time: any TimeSource = SystemTimeSource()
  ) {
    self.model = GeminiModel.bareName(model)
    service = ModelService(baseURL: configuration.baseURL, key: configuration.apiKey)
    gemini = GeminiService(configuration: configuration, client: client, time: time)
    self.time = time
  }

  /// `gcp.gemini`.
  public var providerName: String? { "gcp.gemini" }

  /// The generation settings, in the words that the model's family is told.
  public var parameters: [String: JSONValue] {
    (try? request(.anything))?.json["generationConfig"]?.fields ?? [:]
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
    let asked = unnamedRefusals.withLock(\.latest)
    do {
      do {
        return try await converse(&prompt, into: &attempt, keepsCalls: true)
      } catch let refusal as GeminiRefusal where !attempt.hasText {
        switch step(refusal) {
        case .shorten(let overflow):
          prompt = prompt.shortened(by: overflow).prompt
          return try await converse(&prompt, into: &attempt, keepsCalls: true)
        case .leaveOutCalls: return try await converse(&prompt, into: &attempt, keepsCalls: false)
        default: throw refusal
        }
      }
    } catch {
      throw translated(error, asked: asked)
    }
  }

  /// Answers `prompt` in one piece. No tool is called.
  ///
  /// - Throws: `ResponderError` or `CancellationError`.
  public func generate(_ prompt: Prompt) async throws -> (text: String, summary: ResponseSummary) {
    try await translatingErrors {
      let request = try request(prompt, offersTools: false)
      var (answer, text) = try await gemini.generate(request)
      unnamedRefusals.withLock { $0.noteAnswer() }
      if answer.lacksRoomForText, let roomier = request.withMoreRoomForText {
        (answer, text) = try await gemini.generate(roomier, after: answer.known)
      }
      return (text, try answer.summary())
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
    _ prompt: Prompt, keepsCalls: Bool = true, offersTools: Bool = true
  ) throws(ResponderError) -> GeminiRequest {
    try GeminiRequest(
      prompt, model: prompt.model.map(GeminiModel.bareName) ?? model,
      configuration: configuration, keepsCalls: keepsCalls, offersTools: offersTools)
  }

  private func converse(
    _ prompt: inout Prompt, into writer: inout some AnswerWriter, keepsCalls: Bool
  ) async throws -> ResponseSummary {
    let tools = ToolBox(
      for: prompt, configured: configuration.tools, limits: configuration.toolLimits)
    return try await tools.converse(&prompt, into: &writer) {
      (prompt, answer: inout GeminiAnswer, writer) in
      let request = try request(prompt, keepsCalls: keepsCalls)
      try await gemini.stream(request, into: &answer) { try await writer.write($0) }
      unnamedRefusals.withLock { $0.noteAnswer() }
      guard answer.lacksRoomForText, let roomier = request.withMoreRoomForText else { return }
      answer = GeminiAnswer(after: answer.known)
      try await gemini.stream(roomier, into: &answer) { try await writer.write($0) }
    }
  }

  private func step(_ refusal: GeminiRefusal) -> GeminiRefusalPlan.Step {
    GeminiRefusalPlan.step(refusal, at: time.now(), unnamedRefusalCount: 1)
  }

  /// Runs `body`, and turns what the exchange says into `ResponderError`.
  private func translatingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
    let asked = unnamedRefusals.withLock(\.latest)
    do { return try await body() } catch { throw translated(error, asked: asked) }
  }

  /// What the exchange says, as `ResponderError`; other errors stay as they are.
  ///
  /// - Parameter asked: The latest unnamed refusal when the service was asked.
  private func translated(_ error: any Error, asked: Int) -> any Error {
    switch error {
    case let refusal as GeminiRefusal:
      let count = unnamedRefusals.withLock { $0.note(refusal, asked: asked) }
      let step = GeminiRefusalPlan.step(refusal, at: time.now(), unnamedRefusalCount: count)
      return GeminiRefusalPlan.error(
        refusal, step, at: time.now(), key: configuration.apiKey)
    case let error as HTTPError: return ResponderError(error)
    default: return error
    }
  }
}

extension Prompt {
  /// A prompt that asks for nothing in particular: for settings that do not depend on it.
  static var anything: Prompt {
    let message = Message(
      id: .generate(), role: .user, content: "-", createdAt: Timestamp(milliseconds: 0))
    return Prompt(conversation: .generate(), messages: [message])
  }
}
