/// The name of a model together with the service that is asked for it, as users write it:
/// `gemini:gemini-3.5-flash-lite`, `openai:gemma3:4b`, or the model's name alone.
///
/// `openai` stands for whatever speaks OpenAI's chat interface at the configured address. What is
/// before the first colon counts as a service only when it is one of these two, so that
/// `gemma3:4b` is the name of a model. A name alone goes where ``resolve(_:with:)`` says.
public struct ModelName: Sendable, Hashable, CustomStringConvertible {
  /// Who is asked for a model.
  public enum Service: String, Sendable, Hashable, CaseIterable {
    /// Google's service.
    case gemini
    /// OpenAI's, or any other that speaks its chat interface.
    case openai
  }

  /// What is configured, as far as it decides who is asked.
  public struct Configuration: Sendable, Hashable {
    /// Whether there is a key for Gemini.
    public var hasGemini: Bool
    /// The address of the service that speaks OpenAI's interface; nil when there is none.
    public var openAIBaseURL: String?

    /// What is configured.
    public init(hasGemini: Bool, openAIBaseURL: String?) {
      self.hasGemini = hasGemini
      self.openAIBaseURL = openAIBaseURL
    }
  }

  /// Who is asked.
  public let service: Service
  /// The model, as the service names it.
  public let model: String

  /// A name with both parts given.
  public init(service: Service, model: String) {
    self.service = service
    self.model = model
  }

  /// The name with its service: `openai:gemma3:4b`.
  public var description: String { "\(service.rawValue):\(model)" }

  /// Reads a name, and decides who is asked for it.
  ///
  /// A service that is named is asked. A name alone goes to the service that is configured. Where
  /// both are, a service on this machine or its network has all names: nothing that somebody runs
  /// is passed over for a public service, and no name of theirs is sent to one. Otherwise the names
  /// of Google's families (`gemini…`, `gemma-…`, `learnlm…`, `models/…`) are Gemini's, and all
  /// others OpenAI's. Whether the service that comes out is configured is for the caller to say.
  ///
  /// - Parameter text: As a user wrote it.
  /// - Throws: When no model is named.
  public static func resolve(
    _ text: String, with configuration: Configuration
  ) throws(LLMConfigurationError) -> ModelName {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let named = parts.count == 2 ? Service(rawValue: parts[0].lowercased()) : nil
    let model = named == nil ? text : String(parts[1])
    guard !model.isEmpty, model.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw LLMConfigurationError(
        reason: "a model is named NAME, gemini:NAME or openai:NAME, without spaces")
    }
    let service = named ?? service(of: model, configuration)
    return ModelName(
      service: service, model: service == .gemini ? GeminiModel.bareName(model) : model)
  }

  private static func service(of model: String, _ configuration: Configuration) -> Service {
    guard let address = configuration.openAIBaseURL else {
      return configuration.hasGemini || isGoogles(model) ? .gemini : .openai
    }
    guard configuration.hasGemini, !isLocal(address) else { return .openai }
    return isGoogles(model) ? .gemini : .openai
  }

  private static func isGoogles(_ model: String) -> Bool {
    ["gemini", "gemma-", "learnlm", "models/"].contains { model.lowercased().hasPrefix($0) }
  }

  /// Whether an address is on this machine or a network of its own: the loopback, a private range,
  /// a name without a domain or one that only such a network knows.
  static func isLocal(_ address: String) -> Bool {
    guard let scheme = address.firstRange(of: "://") else { return false }
    let authority = address[scheme.upperBound...].prefix { $0 != "/" }.lowercased()
    if authority.hasPrefix("[") {
      let host = authority.dropFirst().prefix { $0 != "]" }
      return host == "::1" || ["fc", "fd", "fe80"].contains { host.hasPrefix($0) }
    }
    let host = authority.prefix { $0 != ":" }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    if numbers.count == 4, let first = numbers[0], let second = numbers[1] {
      return first == 127 || first == 10 || first == 0 || (first == 192 && second == 168)
        || (first == 172 && (16...31).contains(second)) || (first == 169 && second == 254)
    }
    return !host.contains(".")
      || [".local", ".localhost", ".internal", ".lan", ".home.arpa"].contains { host.hasSuffix($0) }
  }
}
