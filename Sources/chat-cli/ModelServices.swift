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
    _ settings: Settings, _ tolerance: inout Tolerance,
    report: @escaping @Sendable (String) -> Void
  ) throws(UsageError) {
    self.settings = settings
    gemini = try tolerance.take(.models) { () throws(UsageError) in try Self.gemini(settings) }
    openAI = try tolerance.take(.models) { () throws(UsageError) in try Self.openAI(settings) }
    let langfuse = try tolerance.take(.tracing) { () throws(UsageError) in
      try Self.langfuse(settings)
    }
    let other = try tolerance.take(.telemetry) { () throws(UsageError) in
      try Self.openTelemetry(settings)
    }
    tracer = (langfuse ?? other).map { Tracer($0, report: report) }
    guard settings.modelList != nil, tolerance.needs.contains(.models) else { return }
    for model in settings.models where service(of: model) == nil {
      let shown = UsageError.shortened(model)
      let missing =
        name(of: model)?.service == .openai ? Self.otherVariables : Phrase("GEMINI_API_KEY")
      throw UsageError(
        "--model \(shown) : il manque \(missing.french)",
        "--model \(shown): \(missing.english) is missing")
    }
  }

  private static let otherVariables = Phrase(
    "OPENAI_API_KEY ou OPENAI_BASE_URL", "OPENAI_API_KEY or OPENAI_BASE_URL")

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
    switch name(of: model)?.service {
    case .gemini: gemini.map(Service.gemini)
    case .openai: openAI.map(Service.openAI)
    case nil: nil
    }
  }

  private func responder(_ model: String) -> (any ModelResponder)? {
    guard let name = name(of: model) else { return nil }
    switch service(of: model) {
    case .gemini(let configuration):
      return GeminiResponder(model: name.model, configuration: configuration)
    case .openAI(let configuration):
      return OpenAIResponder(model: name.model, configuration: configuration)
    case nil: return nil
    }
  }

  /// The models of a service, as the service names them.
  func models(at service: ModelName.Service) -> [String] {
    settings.models.compactMap(name(of:)).filter { $0.service == service }.map(\.model)
  }

  /// Who is asked for a model; nil for what is no name. The default models are Gemini's.
  private func name(of model: String) -> ModelName? {
    if settings.modelList == nil { return ModelName(service: .gemini, model: model) }
    let configuration = ModelName.Configuration(
      hasGemini: gemini != nil, openAIBaseURL: openAI?.baseURL)
    return try? ModelName.resolve(model, with: configuration)
  }

  private static func gemini(_ settings: Settings) throws(UsageError) -> GeminiConfiguration? {
    guard let key = settings.geminiKey else { return nil }
    let address = settings.geminiBaseURL ?? Self.usual("GEMINI_API_KEY")
    return try Check.configuration(address, like: Self.example) { url in
      try url.isEmpty
        ? GeminiConfiguration(apiKey: key) : GeminiConfiguration(apiKey: key, baseURL: url)
    }
  }

  /// A service of one's own may want no key, so an address alone will do.
  private static func openAI(_ settings: Settings) throws(UsageError) -> OpenAIConfiguration? {
    let key = settings.openAIKey
    guard key != nil || settings.openAIBaseURL != nil else { return nil }
    let address = settings.openAIBaseURL ?? Self.usual("OPENAI_API_KEY")
    return try Check.configuration(address, like: Self.example) { url in
      try url.isEmpty
        ? OpenAIConfiguration(apiKey: key) : OpenAIConfiguration(apiKey: key, baseURL: url)
    }
  }

  /// Nil unless both keys are set.
  private static func langfuse(_ settings: Settings) throws(UsageError) -> TracingConfiguration? {
    let address = settings.langfuseHost ?? Self.usual("LANGFUSE_SECRET_KEY")
    return try Check.configuration(address, like: Self.example) { url in
      try TracingConfiguration.langfuse(
        publicKey: settings.langfusePublicKey?.revealed, secretKey: settings.langfuseSecretKey,
        host: url)
    }
  }

  private static func openTelemetry(
    _ settings: Settings
  ) throws(UsageError) -> TracingConfiguration? {
    try settings.openTelemetry.map { place throws(UsageError) in
      try Check.configuration(place.address, like: Self.example) {
        try TracingConfiguration(
          openTelemetryURL: $0, headers: place.headers, encoding: place.isJSON ? .json : .protobuf)
      }
    }
  }

  private static let example = Phrase("https://HÔTE[:PORT][/CHEMIN]", "https://HOST[:PORT][/PATH]")

  /// Stands for the usual address of a service whose key is set.
  private static func usual(_ variable: String) -> Settings.Address {
    Settings.Address(url: Secret(""), origin: .environment(variable))
  }
}
