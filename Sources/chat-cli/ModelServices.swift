import LLMKit
import SessionCore

/// The services that models are asked at, as far as they are configured, and where turns are
/// traced.
struct ModelServices: Sendable {
  let gemini: GeminiConfiguration?
  let openAI: OpenAIConfiguration?
  let tracer: Tracer?
  private let settings: Settings

  /// - Parameter report: Told once when nothing is traced any more.
  /// - Throws: ``UsageError`` for a value that cannot be one, and for a model that was asked for
  ///   whose service is not configured.
  init(
    _ settings: Settings, report: @escaping @Sendable (String) -> Void
  ) throws(UsageError) {
    self.settings = settings
    gemini = try Self.gemini(settings)
    openAI = try Self.openAI(settings)
    tracer = try Self.tracing(settings).map { Tracer($0, report: report) }
    guard let list = settings.modelList else { return }
    for model in settings.models where service(of: model) == nil {
      let variables =
        Self.isGemini(model) ? "GEMINI_API_KEY" : "OPENAI_API_KEY / OPENAI_BASE_URL"
      throw UsageError(
        model, from: list,
        expected: Phrase("un modèle, et \(variables)", "a model, and \(variables)"))
    }
  }

  /// Whether any model can be asked, so that local answers are an exception.
  var hasModels: Bool { settings.models.contains { service(of: $0) != nil } }

  /// Who answers: the models in their order, and the local answer behind them, which says what
  /// `recall` finds on the question.
  func responder(_ availability: any ModelAvailability, recall: any Recall) -> any Responder {
    let local = LocalResponder(
      language: settings.language == .french ? .french : .english, recall: recall,
      // A database that nobody asked for a while answers its first search slowly.
      recallDeadline: .seconds(2))
    var links = settings.models.compactMap { model in
      responder(model).map { FallbackResponder.Link(name: model, responder: $0) }
    }
    guard !links.isEmpty else { return local }
    if let tracer { links = tracer.traced(links) }
    return FallbackResponder(
      links + [FallbackResponder.Link(responder: local)],
      availability: availability)
  }

  private enum Service {
    case gemini(GeminiConfiguration)
    case openAI(OpenAIConfiguration)
  }

  private func service(of model: String) -> Service? {
    Self.isGemini(model) ? gemini.map(Service.gemini) : openAI.map(Service.openAI)
  }

  private func responder(_ model: String) -> (any ModelResponder)? {
    switch service(of: model) {
    case .gemini(let configuration):
      GeminiResponder(model: model, configuration: configuration)
    case .openAI(let configuration):
      OpenAIResponder(model: model, configuration: configuration)
    case nil: nil
    }
  }

  /// Google's models are told from all others by their names.
  static func isGemini(_ model: String) -> Bool {
    model.hasPrefix("gemini") || model.hasPrefix("gemma") || model.hasPrefix("learnlm")
  }

  private static func gemini(_ settings: Settings) throws(UsageError) -> GeminiConfiguration? {
    guard let key = settings.geminiKey else { return nil }
    guard let address = settings.geminiBaseURL else {
      return try Check.configuration(.environment("GEMINI_API_KEY")) {
        try GeminiConfiguration(apiKey: key)
      }
    }
    return try Check.configuration(address.origin) {
      try GeminiConfiguration(apiKey: key, baseURL: address.url.revealed)
    }
  }

  /// A service of one's own may want no key, so an address alone will do.
  private static func openAI(_ settings: Settings) throws(UsageError) -> OpenAIConfiguration? {
    let key = settings.openAIKey
    guard let address = settings.openAIBaseURL else {
      guard let key else { return nil }
      return try Check.configuration(.environment("OPENAI_API_KEY")) {
        try OpenAIConfiguration(apiKey: key)
      }
    }
    return try Check.configuration(address.origin) {
      try OpenAIConfiguration(apiKey: key, baseURL: address.url.revealed)
    }
  }

  private static func tracing(_ settings: Settings) throws(UsageError) -> TracingConfiguration? {
    let origin = settings.langfuseHost?.origin ?? .environment("LANGFUSE_SECRET_KEY")
    return try Check.configuration(origin) {
      try TracingConfiguration.langfuse(
        publicKey: settings.langfusePublicKey?.revealed, secretKey: settings.langfuseSecretKey,
        host: settings.langfuseHost?.url.revealed)
    }
  }
}
